"""docs/format.md says what the code does: tables, limits, words.

`tests/independent_reader.py` is written from the page alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from signoff_collector.episode import frames
from signoff_collector.episode.columns import columns, integers, places, runs, slow_columns, times
from signoff_collector.episode.file import layout, parts, reader, rows, writer
from signoff_schemas.words import ACTOR_CLASSES, BASES, TIME_KINDS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")


def _table(heading: str) -> list[list[str]]:
    """Return the cells of the first table that begins with a heading row."""
    lines = PAGE.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    found: list[list[str]] = []
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def test_the_limits_are_those_of_the_code() -> None:
    said = {row[0]: int(row[1]) for row in _table("limit")}
    assert said == {
        "zstd window": 1 << frames.WINDOW_LOG,
        "frame, decompressed": frames.MAX_FRAME_BYTES,
        "file": layout.MAX_FILE_BYTES,
        "all frames of a file, decompressed": reader.MAX_TOTAL_BYTES,
        "edits": columns.MAX_EDITS,
        "edits of an undivided chunk": columns.SINGLE_CHUNK_EDITS,
        "characters inserted by a chunk": columns.CHUNK_CHARACTERS,
        "bytes of rows per frame": rows.ROW_BYTES_PER_FRAME,
        "values per frame": frames.MAX_VALUES,
        "rows per frame": rows.ROWS_PER_FRAME,
        "blobs put together": writer.BLOB_FRAME_BYTES,
        "column within its shape": parts.COLUMN_BYTES,
        "edits of a chunk with all columns in its shape": parts.FEW_EDITS,
        "array within parts": parts.PART_BYTES,
        "parts put together": parts.PARTS_BYTES,
        "column with a block of its own": parts.BLOCK_BYTES,
    }
    assert f"chunks of {columns.CHUNK_EDITS}" in PAGE


def test_the_columns_are_those_of_the_code() -> None:
    assert [row[0].strip("`") for row in _table("column | form")] == list(columns.NAMES)
    assert [row[0].strip("`") for row in _table("column | stored value")] == list(
        slow_columns.NAMES
    )
    split = [row[0].strip("`") for row in _table("column | form") if row[1] == "split"]
    assert split == list(columns.GRAINED)


def test_the_words_and_numbers_are_those_of_the_code() -> None:
    said = re.search(r"Actor classes: (.*?)\. Bases: (.*?)\. Time kinds: (.*?)\.", PAGE)
    assert said is not None
    for words, names in zip(said.groups(), (ACTOR_CLASSES, BASES, TIME_KINDS), strict=True):
        assert words.split(", ") == [name.value for name in names]
    assert f"version {layout.FORMAT_VERSION}" in PAGE.splitlines()[0]
    assert [int(u) for u in re.findall(r"\b10{6,}\b", PAGE)][:4] == list(times.UNITS_NS)
    assert f"G = {integers.FINE_SYMBOLS} >> g" in PAGE
    assert f"up to {places.PLACES} places" in PAGE
    assert f"there are {runs.MIN_JUMPS_FOR_PLACES} jumps" in PAGE
    assert f"fewer than {runs.MIN_VALUES_FOR_GRAINS} values" in PAGE
    assert [row[0].split()[1] for row in _table("kind | edits of it")] == [
        "typed",
        "erased",
        "cut",
        "put",
        "taken",
        "replaced",
    ]
