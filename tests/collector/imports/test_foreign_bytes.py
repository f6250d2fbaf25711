"""Bytes of other tools give an episode or an error of ours, whatever they are."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.imports import ASTRAL, SAMPLES, csv_text, imported, zipped

from signoff_collector.imports import building, progsnap2, reading
from signoff_collector.imports.formats import FORMATS, Given, read_foreign
from signoff_schemas.errors import DamagedError, SignoffError, UsageError

ALL = sorted(FORMATS)
WHOLE = [(name, content) for name in ALL for content in SAMPLES[name]]
LINES = frozenset({"asciicast", "claude-code", "codex"})

HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "zero bytes": bytes(1 << 16),
    "brackets": b"[" * 200_000,
    "braces": b'{"a":' * 200_000,
    "closed brackets": b"[" * 200_000 + b"]" * 200_000,
    "a huge number": b"9" * 100_000,
    "an endless float": b'{"version": 2}\n[1e999, "o", "x"]\n',
    "not a number": b'{"version": 2}\n[NaN, "o", "x"]\n',
    "half a gzip": gzip.compress(b"{}" * 1000)[:-9],
    "a gzip bomb": gzip.compress(bytes(8 << 20)),
    "no text": b"\xff\xfe\xfd",
    "utf-16": "{}".encode("utf-16"),
    "half a pair": b'{"version": 2, "title": "\\ud83d"}\n[0.1, "o", "\\udc00"]\n',
    "cells with NUL": b"Sequence,Time,File\n\0,\0,\0\n",
    "an open quote": b'Sequence,Time,File\n1,2,"abc',
    "a column twice": b"Sequence,Sequence\n1,2\n",
    "half a zip": zipped({"MainTable.csv": "SubjectID\n"})[:-9],
    "names twice": b'{"version": 2, "version": 3}\n',
}


def _given(name: str, content: bytes) -> Given:
    return Given(content=content, name=name)


@pytest.mark.parametrize("format_name", ALL)
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes_are_errors_of_ours(
    format_name: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr(progsnap2, "MAX_BYTES", 1 << 20)
    try:
        imported(format_name, content)
    except SignoffError as error:
        assert str(error)  # noqa: PT017  most of it is damage, some of it is a recording


@pytest.mark.parametrize("format_name", ALL)
@given(content=st.binary(max_size=200))
def test_random_bytes_are_damage(format_name: str, content: bytes) -> None:
    with pytest.raises(DamagedError):
        read_foreign(format_name, _given("x", content))


@pytest.mark.parametrize(("format_name", "content"), WHOLE)
@given(at=st.integers(0, 10_000), put=st.binary(max_size=4), gone=st.integers(0, 8))
def test_a_recording_with_some_bytes_changed_is_read_or_damage(
    format_name: str, content: bytes, at: int, put: bytes, gone: int
) -> None:
    at %= len(content)
    _try(format_name, content[:at] + put + content[at + gone :])


_SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.sampled_from(f"a/.\\\n\0{ASTRAL}\ud83d"), max_size=5)
    | st.sampled_from([1 << 53, 1 << 64, -1, 10**400, "..", "/", "C:\\x", ".git/config"])
)
_ANY = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


@st.composite
def _changed(draw: st.DrawFn, value: object) -> object:
    """Return a value in which some part is something else."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 5)) == 0:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: draw(_changed(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        place = draw(st.integers(0, len(value) - 1))
        if draw(st.integers(0, 5)) == 0:
            return [*value[:place], *value[place:], *value[place:]]
        return [*value[:place], draw(_changed(value[place])), *value[place + 1 :]]
    return draw(_ANY)


@pytest.mark.parametrize(
    ("format_name", "content"), [one for one in WHOLE if one[1].lstrip().startswith(b"{")]
)
@settings(max_examples=60)
@given(data=st.data())
def test_a_recording_with_other_values_is_read_or_damage(
    format_name: str, content: bytes, data: st.DataObject
) -> None:
    is_lines = format_name in LINES and content.count(b"\n{") + content.count(b"\n[") > 1
    values = [json.loads(one) for one in content.splitlines()] if is_lines else json.loads(content)
    changed = data.draw(_changed(values))
    rows = changed if is_lines and isinstance(changed, list) else [changed]
    _try(format_name, b"\n".join(json.dumps(row).encode() for row in rows))


_CELL = st.text(st.sampled_from(f'a",\\n\n\0{ASTRAL}0123-'), max_size=6)
_CROWD_ROW = st.tuples(
    st.integers(0, 9) | _CELL, st.integers(0, 1 << 45) | _CELL,
    st.sampled_from(["a", "b/c", "../a", "/a", "", "a/b", ".git/x"]),
    st.integers(0, 9) | _CELL, st.integers(0, 4) | _CELL, _CELL, st.just("x"),
    st.sampled_from(["tab", "content", "selection_mouse", "terminal_command", "terminal_output",
                     "terminal_focus", "git_branch_checkout", "heading", "other"]),
)  # fmt: skip


@given(st.lists(_CROWD_ROW, max_size=12))
def test_any_rows_of_crowd_code_are_read_or_damage(rows: list[tuple[object, ...]]) -> None:
    names = ["Sequence", "Time", "File", "RangeOffset", "RangeLength", "Text", "Language", "Type"]
    _try("crowd-code", csv_text(names, *rows).encode())


_EVENT = st.tuples(
    st.sampled_from(["ada", "bob"]) | _CELL,
    st.sampled_from(["p", "q/../r", ""]),
    st.sampled_from(["File.Edit", "File.Save", "File.Delete", "Run.Program", "Run.Test", "Compile",
                     "Compile.Error", "Submit", "Session.Start", "X-Other", ""]),
    st.sampled_from(["1", "2", "3", ""]),
    st.sampled_from(["2018-11-02T08:22:58", "1541147000000", "", "soon"]),
    _CELL,
)  # fmt: skip


@given(st.lists(_EVENT, max_size=10), st.booleans())
def test_any_events_of_progsnap2_are_read_or_an_error(
    rows: list[tuple[str, ...]],
    is_table: bool,
) -> None:
    names = ["SubjectID", "ProblemID", "EventType", "CodeStateID", "ServerTimestamp", "Order"]
    files: dict[str, str | bytes] = {"MainTable.csv": csv_text(names, *rows)}
    if is_table:
        files["CodeStates.csv"] = csv_text(["CodeStateID", "Code"], ["1", ""], ["2", ASTRAL])
    else:
        files |= {
            "CodeStates/1/a.py": ASTRAL,
            "CodeStates/1/../b": "b",
            "CodeStates/2/x/y": b"\xff",
        }
        files["CodeStates/ada/2/a.py"] = f"{ASTRAL}2"
    _try("progsnap2", zipped(files), subject="ada")
    _try("progsnap2", zipped(files))


def _try(format_name: str, content: bytes, **given: object) -> None:
    try:
        imported(format_name, content, **given)
    except SignoffError as error:
        assert error.exit_code in {2, 10, 11}, error  # noqa: PT017  or it is a recording


def test_a_zip_bomb_and_too_many_files_are_refused_before_they_are_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progsnap2, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr(progsnap2, "MAX_FILES", 10)
    with pytest.raises(DamagedError, match="more than 1048576 bytes"):
        imported("progsnap2", zipped({"MainTable.csv": bytes(2 << 20)}))
    with pytest.raises(DamagedError, match="more than 10 files"):
        imported("progsnap2", zipped({f"{number}": "" for number in range(11)}))


def test_a_zip_that_lies_about_a_size_is_damage() -> None:
    content = zipped({"MainTable.csv": "SubjectID,EventType\n" + "ada,x\n" * 100})
    size = (620).to_bytes(4, "little")
    assert content.count(size) == 2
    with pytest.raises(DamagedError):
        imported("progsnap2", content.replace(size, (100).to_bytes(4, "little")))


def test_a_zip_of_another_compression_is_damage() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("MainTable.csv", "SubjectID\n")
    with pytest.raises(DamagedError, match="deflate"):
        imported("progsnap2", held.getvalue())


def test_edits_that_would_copy_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "MAX_COPIED", 100_000)
    names = ["Sequence", "Time", "File", "RangeOffset", "RangeLength", "Text", "Language", "Type"]
    first = [1, 0, "a", 0, 0, "x" * 1000, "", "tab"]
    rows = [[n, n, "a", 0, 0, "y", "", "content"] for n in range(2, 200)]
    with pytest.raises(DamagedError, match="copy more than"):
        imported("crowd-code", csv_text(names, first, *rows).encode())


def test_more_steps_or_bytes_than_an_episode_has_room_for_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marks = b'{"version": 2}\n' + b'[0.5, "m", "x"]\n' * 20
    monkeypatch.setattr(building, "MAX_STEPS", 10)
    with pytest.raises(DamagedError, match="more than 10 steps"):
        imported("asciicast", marks)
    monkeypatch.setattr(building, "MAX_BLOB_BYTES", 10)
    for format_name in ("crowd-code", "atif", "claude-code", "codex"):
        with pytest.raises(DamagedError, match="more than 10"):
            imported(format_name, SAMPLES[format_name][0])


@pytest.mark.parametrize(("format_name", "content"), WHOLE)
def test_a_recording_may_be_compressed(format_name: str, content: bytes) -> None:
    if format_name != "progsnap2":
        assert imported(format_name, gzip.compress(content)).step_count


def test_options_of_one_format_are_refused_for_another() -> None:
    content = SAMPLES["asciicast"][0]
    for option in ({"times": b"1\n"}, {"subject": "ada"}):
        with pytest.raises(UsageError):
            imported("asciicast", content, **option)
    with pytest.raises(DamagedError, match="not a folder"):
        imported("asciicast", b"", files={})
