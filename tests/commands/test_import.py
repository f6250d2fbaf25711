"""`signoff import` as a person calls it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.episodes import ASTRAL

pytestmark = pytest.mark.slow


def write_trace(folder: Path, **changes: object) -> Path:
    """Write a small trace and return its path."""
    trace = {
        "startContent": "",
        "endContent": f"one {ASTRAL}\ntwo",
        "txns": [
            {"time": f"2023-05-14T10:00:0{i // 4}.{i % 4 * 250:03d}Z", "patches": [[i, 0, char]]}
            for i, char in enumerate(f"one {ASTRAL}\ntwo")
        ],
    }
    path = folder / "notes.json"
    path.write_text(json.dumps({**trace, **changes}))
    return path


def test_a_trace_becomes_a_private_episode_that_checks(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.episode"
    said = signoff(
        "import", write_trace(tmp_path), "--format", "editing-trace", "-o", output, "--json"
    )
    assert said.code == 0, said
    row = json.loads(said.out)
    assert row["edits"] == 10
    assert row["size_bytes"] == output.stat().st_size
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    checked = signoff("check", output, "--json")
    assert checked.code == 0, checked
    assert json.loads(checked.out)["matched"] == 1
    assert not home.exists()


def test_times_can_be_left_out_or_come_from_a_file(home: Path, tmp_path: Path) -> None:
    trace = write_trace(tmp_path)
    times = tmp_path / "times.txt"
    times.write_text("\n".join(str(1_700_000_000 + 60 * i) for i in range(10)))
    call = ("import", trace, "--format", "editing-trace", "--no-redact", "-o")
    assert signoff(*call, tmp_path / "none.episode", "--no-times").code == 0
    assert signoff(*call, tmp_path / "file.episode", "--times", times).code == 0
    shown = json.loads(signoff("show", tmp_path / "none.episode", "--json").out)
    assert shown["header"]["time_resolution"] == "none"
    shown = json.loads(signoff("show", tmp_path / "file.episode", "--json").out)
    assert shown["header"]["duration_ns"] == 540 * 10**9
    both = signoff(*call, tmp_path / "both.episode", "--times", times, "--no-times")
    assert both.code == 2, both
    assert not home.exists()


def test_an_existing_file_is_never_replaced(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.episode"
    output.write_bytes(b"mine")
    said = signoff("import", write_trace(tmp_path), "--format", "editing-trace", "-o", output)
    assert said.code == 13, said
    assert output.read_bytes() == b"mine"
    assert not home.exists()


def test_bad_input_is_an_error_with_the_documented_code(home: Path, tmp_path: Path) -> None:
    call = ("--format", "editing-trace", "-o", tmp_path / "x.episode")
    missing = signoff("import", tmp_path / "none.json", *call)
    assert missing.code == 10, missing
    contradicting = signoff("import", write_trace(tmp_path, endContent="other"), *call)
    assert contradicting.code == 11, contradicting
    for said in (missing, contradicting):
        assert said.err.startswith("error: ")
        assert "Traceback" not in said.err
    assert signoff("import", write_trace(tmp_path), "--format", "foo", "-o", "y").code == 2
    assert not (tmp_path / "x.episode").exists()
    assert not home.exists()


@pytest.mark.usefixtures("compiled_engine")
def test_what_sealing_compiled_is_used(home: Path, tmp_path: Path) -> None:
    """A cache that is torn is made good again, so it was looked at; nothing else is written."""
    [cache] = (home / "state" / "engines").iterdir()
    whole = cache.stat().st_size
    cache.write_bytes(cache.read_bytes()[: whole // 2])
    before = set(home.rglob("*"))
    trace = write_trace(tmp_path)
    said = signoff("import", trace, "--format", "editing-trace", "-o", tmp_path / "x.episode")
    assert said.code == 0, said
    assert cache.stat().st_size == whole
    assert set(home.rglob("*")) == before
