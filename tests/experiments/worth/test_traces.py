"""Trace files that cannot be played are refused by name; what was made before stays."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from experiments.worth.data.recording import Work, record
from experiments.worth.data.traces import PART_NS, folder_of_traces, is_code, read_traces
from tests.experiments.worth.made_traces import make_trace

from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError

GOOD = make_trace(4300, count=6)


def branches() -> list[dict[str, object]]:
    return [{**one, "parents": []} for one in GOOD.txns]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"txns": 3}, "no list `txns`"),
        ({"txns": [{"files": {"a.py": []}}]}, "no list of patches"),
        ({"txns": [{"patches": [["a.py", 0, 0, "x"]]}]}, "not \\[position"),
        ({"txns": branches(), "kind": "concurrent"}, "concurrent"),
        ({"endContent": f"{GOOD.end}."}, "endContent"),
        ({"startContent": 1}, "not text"),
        ({"txns": [{"time": "noon", "patches": [[0, 0, "x"]]}]}, "time"),
        ({"txns": [{"patches": [[0, 0, "x"], [0, 0, "y"]]}], "endContent": None}, "no times"),
        ({"txns": [{"time": 5, "patches": [[9**9, 0, "x"]]}]}, "contradicts itself"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_trace_of_one_text_is_refused_by_name(
    changes: dict[str, object], says: str, tmp_path: Path
) -> None:
    GOOD.write(tmp_path, "a-good-one")
    GOOD.write(tmp_path, "broken", **changes)
    with pytest.raises(DamagedError, match=rf"^broken\.json\.gz: .*{says}"):
        read_traces(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b\x08", b"{", gzip.compress(b"[]", mtime=0)[:-4]]
)
def test_bytes_that_are_no_trace(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "broken.json.gz").write_bytes(content)
    with pytest.raises(DamagedError, match=r"^broken\.json\.gz: "):
        read_traces(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link.json.gz").symlink_to(GOOD.write(tmp_path, "a-good-one"))
    with pytest.raises(SignoffError, match=r"^link\.json\.gz: "):
        read_traces(tmp_path)


def test_times_beside_a_trace_count_more_than_its_own(tmp_path: Path) -> None:
    txns = [{**one, "time": "1970-01-01T00:00:00Z"} for one in GOOD.txns]
    GOOD.write(tmp_path, "paper", txns=txns)
    count = sum(len(one["patches"]) for one in GOOD.txns)  # type: ignore[arg-type]
    beside = tmp_path / "paper.times_1s.txt.gz"
    with pytest.raises(DamagedError, match="no times of its own"):
        read_traces(tmp_path)
    beside.write_bytes(gzip.compress("".join(f"{1_700_000_000 + n}\n" for n in range(3)).encode()))
    with pytest.raises(DamagedError, match=f"3 times for {count} edits"):
        read_traces(tmp_path)
    told = [1_700_000_000 + 7 * n for n in range(count)]
    beside.write_bytes(gzip.compress("".join(f"{one}\n" for one in told).encode()))
    (found,) = read_traces(tmp_path)
    assert found.parts[0][0][0] == 1_700_000_000 * 10**9
    assert found.parts[-1][-1][0] <= told[-1] * 10**9


def test_parts_hold_every_change_once_and_last_less_than_a_month(tmp_path: Path) -> None:
    trace = make_trace(4301, count=200, days=200)
    trace.write(tmp_path, "long")
    (found,) = read_traces(tmp_path)
    assert len(found.parts) > 5
    patches = [list(one) for part in found.parts for _, of in part for one in of]
    assert patches == [one for txn in trace.txns for one in txn["patches"]]  # type: ignore[attr-defined]
    assert all(part[-1][0] - part[0][0] < PART_NS for part in found.parts)


def test_what_was_made_before_a_broken_trace_came_stays(tmp_path: Path) -> None:
    work, folder = Work(folder=tmp_path / "work"), tmp_path / "traces"
    folder.mkdir()
    GOOD.write(folder, "good")
    kept = record(work, traces=folder)
    GOOD.write(folder, "worse", txns=None)
    with pytest.raises(DamagedError):
        record(work, traces=folder)
    (folder / "worse.json.gz").unlink()
    assert record(work, traces=folder) == kept


def test_what_a_killed_run_left_half_is_made_again(tmp_path: Path) -> None:
    work, folder = Work(folder=tmp_path / "work"), tmp_path / "traces"
    folder.mkdir()
    make_trace(4302, count=20, days=70).write(folder, "long")
    first = record(work, traces=folder)
    statement = first[1].path.with_name(f"{first[1].path.stem}.signoff.json")
    statement.unlink()
    first[2].path.write_bytes(b"torn")
    said: list[str] = []
    again = record(work, traces=folder, tell=said.append)
    assert said == [f"playing long, part {at} of {len(first)}" for at in (2, 3)]
    assert [one.path for one in again] == [one.path for one in first]
    assert [one.part for one in again] == list(range(len(first)))


def test_the_folder_is_named_asked_of_the_environment_or_beside(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="NAME"):
        folder_of_traces(tmp_path, {})
    GOOD.write(tmp_path, "good")
    assert folder_of_traces(tmp_path, {"SIGNOFF_TRACES": "/nowhere"}) == tmp_path
    assert folder_of_traces(None, {"SIGNOFF_TRACES": str(tmp_path)}) == tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fn main() {\n    let x = 1;\n    println!(x);\n    done();\n}\n", True),
        ("A post of some words\nwithout any sign\nof code.\n", False),
        ("", False),
    ],
)
def test_a_text_of_no_known_name_is_code_by_its_lines(
    text: str, expected: bool, tmp_path: Path
) -> None:
    txns = [{"time": "2024-01-01T00:00:00Z", "patches": [[0, 0, text]]}]
    GOOD.write(tmp_path, "unnamed", startContent="", endContent=text, txns=txns)
    (found,) = read_traces(tmp_path)
    assert is_code([found.path]) is expected
    assert json.dumps(found.path).count("unnamed")
