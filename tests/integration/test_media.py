"""The renderer through the command line: every format in and out, gapless, bit-exact, damage, disguises."""

import json
import signal
import struct
import subprocess
import wave

import pytest

from http_source import Source
from media import decode_errors, ffmpeg, probe, samples

OUT_FORMATS = ["mp3", "m4a", "ogg", "opus", "flac", "wav"]
CODECS = {"mp3": "mp3", "m4a": "aac", "ogg": "opus", "opus": "opus", "flac": "flac", "wav": "pcm_s16le"}
IN_FORMATS = {
    "mp3": [],
    "wav": [],
    "flac": [],
    "ogg": ["-c:a", "libvorbis"],
    "opus": ["-c:a", "libopus"],
    "aac": [],
    "m4a": [],
    "aiff": [],
}


@pytest.mark.parametrize("extension", OUT_FORMATS)
@pytest.mark.parametrize("rate,channels", [(44100, 2), (48000, 1)])
def test_every_output_is_whole_and_as_long_as_its_input(run, media, tmp_path, extension, rate, channels):
    source = media.wav(seconds=3.017, rate=rate, channels=channels)
    out = tmp_path / f"out.{extension}"
    done = run("transcode", source, out)
    assert done.returncode == 0, done.stderr
    assert decode_errors(out) == ""
    audio = probe(out)["audio"]
    assert audio["codec_name"] == CODECS[extension]
    assert audio["channels"] == channels
    # Opus always decodes to 48 kHz; compared at the input's rate, one sample more or less is rounding.
    heard = len(samples(out, channels, rate)) // channels
    expected = len(samples(source, channels)) // channels
    if extension == "m4a":  # this ffmpeg decodes the last frame's padding too; the edit list tells the true end
        heard = round(float(audio["duration"]) * rate)
    tolerance = 2 if CODECS[extension] == "opus" and rate != 48000 else 1
    assert abs(heard - expected) <= tolerance


@pytest.mark.parametrize("extension", IN_FORMATS)
def test_every_input_is_read(run, media, tmp_path, extension):
    source = media.encoded(extension, 3, *IN_FORMATS[extension])
    out = tmp_path / "out.flac"
    done = run("transcode", source, out, "--json")
    assert done.returncode == 0, done.stderr
    assert decode_errors(out) == ""
    heard = len(samples(out)) // 2
    theirs = len(samples(source, 2, 48000 if extension == "opus" else None)) // 2
    if extension == "m4a":  # as above
        theirs = round(float(probe(source)["audio"]["duration"]) * 44100)
    assert abs(heard - theirs) <= 1


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le"])
def test_lossless_formats_lose_nothing(run, media, tmp_path, codec):
    source = media.wav(codec=codec)
    assert run("transcode", source, tmp_path / "a.flac").returncode == 0
    assert run("transcode", tmp_path / "a.flac", tmp_path / "b.wav").returncode == 0
    theirs, ours = tmp_path / "theirs.raw", tmp_path / "ours.raw"
    ffmpeg("-i", source, "-f", "s32le", theirs)
    ffmpeg("-i", tmp_path / "b.wav", "-f", "s32le", ours)
    assert theirs.read_bytes() == ours.read_bytes()
    assert probe(tmp_path / "b.wav")["audio"]["codec_name"] == codec


def test_flags_choose_rate_channels_and_bit_rate(run, media, tmp_path):
    out = tmp_path / "out.mp3"
    done = run("transcode", media.wav(), out, "--bitrate", "96k", "--sample-rate", "32000", "--channels", "1", "--threads", "1")
    assert done.returncode == 0, done.stderr
    audio = probe(out)["audio"]
    assert (audio["sample_rate"], audio["channels"], audio["bit_rate"]) == ("32000", 1, "96000")


def test_m4a_has_its_index_in_front(run, media, tmp_path):
    out = tmp_path / "out.m4a"
    assert run("transcode", media.wav(), out).returncode == 0
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_probe_tells_what_ffprobe_tells(run, media):
    for extension in ("mp3", "flac", "m4a", "wav"):
        path = media.encoded(extension)
        done = run("probe", path, "--json")
        assert done.returncode == 0, done.stderr
        info = json.loads(done.stdout)
        theirs = probe(path)
        assert set(info) == {"duration", "bitrate", "codec", "sample_rate", "channels"}
        assert info["codec"] == theirs["audio"]["codec_name"]
        assert info["sample_rate"] == int(theirs["audio"]["sample_rate"])
        assert info["channels"] == theirs["audio"]["channels"]
        assert info["duration"] == pytest.approx(3, abs=0.06)


def test_standard_input_and_output(run, media, tmp_path):
    source = media.wav()
    done = run("transcode", "-", "-", "--format", "mp3", text=False, input=source.read_bytes())
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out.mp3"
    out.write_bytes(done.stdout)
    assert decode_errors(out) == ""


def test_sigint_ends_the_reading_of_a_url_that_trickles(program, media, tmp_path):
    with Source(media.wav(seconds=30).read_bytes(), ranges=False, trickle_after=1000) as source:
        flags = ("--source-allow", "127.0.0.1")
        for command in (["transcode", source.url("/a.wav"), "out.mp3"], ["probe", source.url("/a.wav")]):
            source.trickling.clear()
            running = subprocess.Popen([program, *command, *flags], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
            try:
                assert source.trickling.wait(10)
                running.send_signal(signal.SIGINT)
                _, said = running.communicate(timeout=5)
            finally:
                running.kill()
            assert running.returncode == 130 and "stopped" in said, said
    assert list(tmp_path.iterdir()) == []


def test_f14_every_format_is_what_it_says(run, media, tmp_path):
    for extension in OUT_FORMATS:
        out = tmp_path / f"x.{extension}"
        assert run("transcode", media.wav(), out).returncode == 0
        assert probe(out)["audio"]["codec_name"] == CODECS[extension]
    assert (tmp_path / "x.wav").read_bytes()[:4] == b"RIFF"
    with wave.open(str(tmp_path / "x.wav")) as wav:
        assert wav.getnframes() == 3 * 44100


def test_f15_truncated_input_is_refused(run, media, tmp_path):
    for extension in ("wav", "flac", "m4a", "ogg"):
        whole = media.encoded(extension, 3, *IN_FORMATS[extension]).read_bytes()
        cut = tmp_path / f"cut.{extension}"
        cut.write_bytes(whole[: len(whole) // 2])
        out = tmp_path / f"{extension}.mp3"
        done = run("transcode", cut, out)
        assert done.returncode == 1, (extension, done.stdout, done.stderr)
        assert done.stderr.startswith("fadeout: "), done.stderr
        assert not out.exists()


def test_f16_cover_art_is_kept_and_not_encoded_again(run, media, tmp_path):
    art = media.picture().read_bytes()
    for extension in ("mp3", "m4a", "flac"):
        out = tmp_path / f"out.{extension}"
        done = run("transcode", media.with_cover(), out)
        assert done.returncode == 0, done.stderr
        found = probe(out)
        assert len(found["pictures"]) == 1, extension
        ffmpeg("-i", out, "-map", "0:v", "-c", "copy", "-f", "image2pipe", tmp_path / "art.png")
        assert (tmp_path / "art.png").read_bytes() == art
        assert found["format"]["tags"].get("title", found["format"]["tags"].get("TITLE")) == "Fade Out"


def test_f17_the_watermark_changes_nothing_between_its_bursts(run, media, tmp_path):
    source = media.wav(seconds=5)
    out = tmp_path / "marked.wav"
    mark = "type=periodic_tone,frequency=1000,volume=0.2,duration=0.5,interval=2"
    done = run("transcode", source, out, "--watermark", mark)
    assert done.returncode == 0, done.stderr
    before, after = samples(source), samples(out)
    assert len(before) == len(after)
    changed = [i // 2 / 44100 for i in range(len(before)) if before[i] != after[i]]
    assert all(t % 2 < 0.5 for t in changed)
    for start in (0, 2, 4):
        assert sum(start <= t < start + 0.5 for t in changed) > 0.8 * 0.5 * 44100 * 2
    for bad in ("volume=inf", "interval=0", "type=beep", "duration=-1", "volume=nan"):
        done = run("transcode", source, tmp_path / "bad.wav", "--watermark", "type=periodic_tone," + bad)
        assert done.returncode == 2, (bad, done.stderr)
        assert not (tmp_path / "bad.wav").exists()


DISGUISED = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{}'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "text": "This is not audio at all. {}\n" * 50,
    "empty": "",
    "html": "<!DOCTYPE html><html><body>404</body></html>" * 20,
}


@pytest.mark.parametrize("kind", DISGUISED)
def test_f12_a_playlist_named_mp3_opens_no_other_file(run, media, tmp_path, kind):
    secret = media.encoded("mp3")
    song = tmp_path / "song.mp3"
    song.write_text(DISGUISED[kind].replace("{}", str(secret)))
    out = tmp_path / "out.wav"
    done = run("transcode", song, out)
    assert done.returncode == 1, done.stdout + done.stderr
    assert str(secret) not in done.stderr
    assert not out.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["song.mp3"]


def test_loudness_reaches_its_target(run, media, tmp_path):
    out = tmp_path / "out.wav"
    done = run("transcode", media.wav(seconds=10), out, "--loudness", "-23")
    assert done.returncode == 0, done.stderr
    import subprocess

    said = subprocess.run(
        ["ffmpeg", "-i", out, "-af", "ebur128", "-f", "null", "-"], capture_output=True, text=True
    ).stderr
    integrated = float(said.rsplit("I:", 1)[1].split()[0])
    assert integrated == pytest.approx(-23, abs=0.3)


def test_f19_waveform_peaks(run, media, tmp_path):
    done = run("waveform", media.wav())
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and len(answer["peaks"]) == 200
    assert answer["duration"] == pytest.approx(3, abs=0.001)
    assert all(low == -high and 0 <= high <= 1 for low, high in answer["peaks"])

    anti_phase = tmp_path / "anti.wav"
    with wave.open(str(anti_phase), "wb") as wav:
        wav.setnchannels(2), wav.setsampwidth(2), wav.setframerate(44100)
        wav.writeframes(b"".join(struct.pack("<hh", 16384, -16384) for _ in range(44100)))
    answer = json.loads(run("waveform", anti_phase).stdout)
    assert min(high for _, high in answer["peaks"]) == pytest.approx(0.5, abs=0.001)

    with wave.open(str(tmp_path / "tail.wav"), "wb") as wav:
        wav.setnchannels(1), wav.setsampwidth(2), wav.setframerate(44100)
        wav.writeframes(b"\0\0" * 44106 + struct.pack("<h", 32767))
    answer = json.loads(run("waveform", tmp_path / "tail.wav").stdout)
    assert answer["peaks"][-1][1] == pytest.approx(1, abs=0.001)
    assert run("waveform", media.wav(), "--peaks", "0").returncode == 2


def test_audiowaveform_data(run, media, tmp_path):
    done = run("waveform", media.wav(), "--samples-per-pixel", "512", "--bits", "8", "--format", "audiowaveform")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["version"], answer["bits"], answer["samples_per_pixel"]) == (2, 8, 512)
    assert answer["sample_rate"] == 44100
    assert answer["length"] == -(-3 * 44100 // 512) == len(answer["data"]) // (2 * answer["channels"])
    done = run("waveform", media.wav(), "--format", "dat", text=False)
    version, flags, rate, per_pixel, length = struct.unpack("<iIiiI", done.stdout[:20])
    assert (version, flags, rate, per_pixel) == (1, 0, 44100, 256)
    assert len(done.stdout) == 20 + 4 * length


def test_unknown_format_and_bit_rate_name_what_is_accepted(run, media, tmp_path):
    done = run("transcode", media.wav(), tmp_path / "x.xyz")
    assert done.returncode == 2 and "mp3" in done.stderr and "flac" in done.stderr
    done = run("transcode", media.wav(), tmp_path / "x.mp3", "--bitrate", "12k7")
    assert done.returncode == 2 and "192k" in done.stderr
    done = run("transcode", tmp_path / "missing.wav", tmp_path / "x.mp3")
    assert done.returncode == 1 and "missing.wav" in done.stderr
