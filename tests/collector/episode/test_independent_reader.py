"""A second reader, written from docs/format.md alone, finds the same states."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests import independent_reader
from tests.support.episodes import edit_tables, episodes, header, jumping_episode

from signoff_collector.episode.columns import columns
from signoff_collector.episode.content import EditTable, Episode, decode_text, encode_text
from signoff_collector.episode.file import parts
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.json_form import step_rows
from signoff_collector.episode.moments.moments import Moments

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("version_*/*.episode"))
READER = ROOT / "tests" / "independent_reader.py"


State = tuple[dict[str, bytes], dict[tuple[str, int], str], dict[str, bytes]]


def _states_of_ours(episode: Episode) -> list[State]:
    moments = Moments(episode)
    found: list[State] = []
    for seq in range(episode.step_count):
        disk = {path: moments.disk_bytes(path, seq) for path in moments.disk_paths(seq)}
        buffers = {name: moments.buffer(*name, seq) for name in moments.buffers(seq)}
        found.append(
            (
                {path: content for path, content in disk.items() if content is not None},
                {name: text for name, text in buffers.items() if text is not None},
                {path: _bytes(content) for path, content in moments.tree(seq).items()},
            )
        )
    return found


def _bytes(content: str | bytes) -> bytes:
    return encode_text(content) if isinstance(content, str) else content


def _agrees(data: bytes) -> None:
    ours = read_episode(data)
    theirs = list(independent_reader.states(data))
    states = [
        (disk, buffers, {path: _bytes(content) for path, content in files.items()})
        for _, disk, buffers, files in theirs
    ]
    assert states == _states_of_ours(ours)
    names = ("seq", "t_ns", "path", "buffer", "start", "deleted", "text")
    for (step, *_), row in zip(theirs, step_rows(ours), strict=True):
        assert step["kind"] == row["kind"]
        if row["kind"] == "edit":
            assert [step[name] for name in names] == [row[name] for name in names]


def test_it_is_short_and_imports_nothing_of_ours() -> None:
    source = READER.read_text("utf-8")
    assert source.count("\n") < 170
    found = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    ours = {"msgpack", "zstandard"}
    assert found - ours <= {"__future__", "collections", "itertools", "struct", "typing", "zlib"}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_reads_the_golden_files_to_the_same_states(path: Path) -> None:
    _agrees(path.read_bytes())
    *_, (*_, files) = [({}, {}, {}, {}), *independent_reader.states(path.read_bytes())]
    texts = {name: decode_text(_bytes(content)) for name, content in files.items()}
    assert texts == json.loads(path.with_suffix(".end.json").read_text())


@settings(max_examples=60)
@given(episodes())
def test_it_reads_generated_episodes_to_the_same_states(episode: Episode) -> None:
    _agrees(write_episode(episode))


@settings(max_examples=60)
@given(edit_tables())
def test_it_reads_any_columns_to_the_same_edits(edits: EditTable) -> None:
    data = write_episode(Episode(header=header(), files=("a", "b", "c", "d"), edits=edits))
    arrays = independent_reader.read_arrays(data)
    chunks = range(sum(name.endswith("/shape") for _, name in arrays))
    found = [edit for chunk in chunks for edit in independent_reader.read_chunk(arrays, chunk)]
    expected = [
        (e.t_ns, e.file, e.buffer, e.start, e.deleted, e.text)
        for e in read_episode(data).edits.edits()
    ]
    assert [
        (e["t_ns"], *e["owner"], e["start"], e["deleted"], e["text"]) for e in found
    ] == expected


@pytest.mark.parametrize(
    "column_bytes", [0, 1 << 20], ids=["every column alone", "all in the shape"]
)
def test_it_reads_columns_wherever_they_stand(
    monkeypatch: pytest.MonkeyPatch, column_bytes: int
) -> None:
    monkeypatch.setattr(parts, "COLUMN_BYTES", column_bytes)
    monkeypatch.setattr(parts, "PART_BYTES", column_bytes)
    _agrees(write_episode(jumping_episode()))


def test_it_reads_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "SINGLE_CHUNK_EDITS", 50)
    monkeypatch.setattr(columns, "CHUNK_EDITS", 20)
    _agrees(write_episode(jumping_episode()))
