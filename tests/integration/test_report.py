"""The storage report, by command and by HTTP."""

import json


def test_the_report_counts_what_was_written_once(server, run, media):
    key = server.upload(media.wav())
    for target in ("mp3", "flac"):
        done = server.post(
            "/transcode", {"file_url": key, "target_format": target, "watermark_settings": {"pitch_id": "7"}}
        )
        assert done.status == 200, done
    server.post("/tts/sync", {"text": "Temporary."})

    report = server.get("/v1/report").json
    counts = {name: part["objects"] for name, part in report["classes"].items()}
    assert counts == {"originals": 1, "processed": 2, "temporary": 1, "other": 0}
    root = server.data / "objects" / "fadeout"
    for name, prefix in (("processed", "pitches/7/processed"), ("temporary", "temp-audio")):
        bytes_on_disk = sum(
            p.stat().st_size for p in (root / prefix).rglob("*") if p.suffix in (".mp3", ".flac", ".wav")
        )
        assert report["classes"][name]["bytes"] == bytes_on_disk
    assert report["copies_per_original"] == 3 and report["copies_per_original_three_copy"] == 5
    assert report["avoided"]["objects_written"] == 2 and report["avoided"]["requests"] == 6
    assert report["avoided"]["bytes_moved"] == 2 * report["classes"]["processed"]["bytes"]
    assert report["prices"] is None and report["cost_per_month"] is None

    page = server.get("/v1/report?format=markdown")
    assert page.headers["Content-Type"].startswith("text/markdown")
    assert "| processed | 2 |" in page.body.decode()
    assert server.get("/v1/report?format=pdf").status == 400

    by_command = json.loads(run("report", "--json", "--data", server.data).stdout)
    assert by_command["classes"] == report["classes"]


def test_a_mirror_is_counted_in_both_stores(start_server, run, media, tmp_path):
    store = f"mirror:file://{tmp_path}/a,file://{tmp_path}/b"
    server = start_server("--store", store)
    server.upload(media.wav())
    server.terminate()
    [missed] = [p for p in (tmp_path / "b").rglob("*.wav")]
    missed.unlink()
    flags = ("--data", server.data, "--store", store, "--report-prices", "storage_gb_month=1000")
    report = json.loads(run("report", "--json", *flags).stdout)
    assert report["classes"]["originals"]["objects"] == 1
    assert [store["classes"]["originals"]["objects"] for store in report["stores"]] == [1, 0]
    assert "## In each store" in run("report", *flags).stdout


def test_own_prices_are_reckoned_with_and_wrong_ones_refused(run, tmp_path):
    done = run("report", "--data", tmp_path / "d", "--report-prices", "storage_gb_month=0.5")
    assert done.returncode == 0 and "Prices (local, bucket fadeout): report.prices" in done.stdout
    done = run("report", "--data", tmp_path / "d", "--report-prices", "storage=0.5")
    assert done.returncode == 2 and "storage_gb_month" in done.stderr
