"""The shape of the source tree itself: who includes whom, everything built, nothing left over."""

import json
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = [p for p in (ROOT / "src").rglob("*") if p.suffix in (".cpp", ".h")]

# Folder -> folders that it may include besides itself. ARCHITECTURE.md says why.
CONTRACTS = {"storage", "records", "jobs", "speech", "audio"}
MAY_INCLUDE = {
    "base": set(),
    "net": {"base"},
    "aws": {"base", "net"},
    "sqlite": {"base"},
    "audio": {"base", "audio/libav"},
    "audio/libav": {"base", "audio"},
    "speech": {"base"},
    "speech/espeak": {"base", "speech"},
    "storage": {"base"},
    "storage/disk": {"base", "net", "aws", "storage"},
    "storage/s3": {"base", "net", "aws", "storage"},
    "storage/pair": {"base", "storage"},
    "storage/memory": {"base", "net", "aws", "storage"},
    "records": {"base"},
    "records/sqlite": {"base", "records", "sqlite"},
    "records/dynamodb": {"base", "net", "aws", "records"},
    "records/memory": {"base", "records"},
    "jobs": {"base"},
    "jobs/sqlite": {"base", "jobs", "sqlite"},
    "jobs/redis": {"base", "jobs"},
    "jobs/memory": {"base", "jobs"},
    "cleanup": {"base", "storage", "records"},
    "service": {"base", "net", "aws", "cleanup"} | CONTRACTS,
    "config": {"base"},
    "http": {"base", "service", "aws"} | CONTRACTS,
    "lambda": {"base", "net", "service", "http"},
    "cli": {"base", "service", "config"} | CONTRACTS,
}
LIBRARY_HOMES = {
    r"<libav|<libsw": "audio/libav",
    r"<curl/": "net",
    r"<boost/beast": "http",
    r"<boost/asio": "http",
    r"<espeak-ng/": "speech/espeak",
    r"<SQLiteCpp/|<sqlite3.h>": ("sqlite", "records/sqlite", "jobs/sqlite"),
    r"<pugixml": ("storage/s3", "aws"),
    r"<hiredis/": "jobs/redis",
    r"<CLI/": "cli",
    r"<toml": "config",
}


def folder(path):
    return str(path.parent.relative_to(ROOT / "src"))


def home_of(include):
    parts = include.split("/")[:-1]
    return "/".join(parts)


def is_test(path):
    return path.name.endswith("_test.cpp") or "test" in path.stem.split("_")


def test_includes_follow_the_layers():
    wrong = []
    for path in SOURCES:
        where = folder(path)
        if where == "app" or is_test(path):
            continue
        for include in re.findall(r'^#include "([^"]+)"', path.read_text(), re.M):
            other = home_of(include)
            generated = other == "embedded"
            if other != where and other not in MAY_INCLUDE[where] and not generated:
                wrong.append(f"{path.relative_to(ROOT)} includes {include}")
    assert wrong == []


def test_each_library_has_one_home():
    wrong = []
    for path in SOURCES:
        if folder(path) == "app" or is_test(path):
            continue
        text = path.read_text()
        for pattern, homes in LIBRARY_HOMES.items():
            homes = (homes,) if isinstance(homes, str) else homes
            if re.search(r"^#include " + f"(?:{pattern})", text, re.M) and folder(path) not in homes:
                wrong.append(f"{path.relative_to(ROOT)}: {pattern}")
    assert wrong == []


def test_every_source_is_built(program):
    commands = pathlib.Path(program).parent / "compile_commands.json"
    built = {entry["file"] for entry in json.loads(commands.read_text())}
    forgotten = [
        str(p.relative_to(ROOT))
        for p in [*SOURCES, *(ROOT / "tests" / "contract").rglob("*.cpp")]
        if p.suffix == ".cpp" and str(p) not in built
    ]
    assert forgotten == []


def test_nothing_is_left_over():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|GTEST_SKIP|DISABLED_")
    paths = [*SOURCES, *(ROOT / "tests").rglob("*.cpp"), *(ROOT / "bench").rglob("*")]
    found = [str(p) for p in paths if p.is_file() and marks.search(p.read_text(errors="ignore"))]
    assert found == []


def test_files_stay_short():
    long = {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}


@pytest.mark.parametrize("page,command", [("docs/configuration.md", ("config", "docs"))])
def test_generated_pages_are_current(run, page, command):
    done = run(*command)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / page).read_text(), f"run: fadeout {' '.join(command)} > {page}"


def test_links_between_the_pages_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []
