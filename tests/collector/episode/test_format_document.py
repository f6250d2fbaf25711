"""docs/format.md says what the code does: tables, limits, and a decoder from the page alone."""

from __future__ import annotations

import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]  # ships no types
import pytest
import zstandard

from signoff_collector.episode import (
    columns,
    frames,
    integers,
    layout,
    places,
    reader,
    rows,
    runs,
    times,
    writer,
)
from signoff_schemas.words import ACTOR_CLASSES, BASES, TIME_KINDS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
GOLDEN = sorted((ROOT / "tests" / "golden" / "version_1").glob("*.episode"))


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
    }
    assert f"chunks of {columns.CHUNK_EDITS}" in PAGE


def test_the_columns_are_those_of_the_code() -> None:
    assert [row[0].strip("`") for row in _table("column | form")] == list(columns.NAMES)
    assert [row[0].strip("`") for row in _table("column | stored value")] == list(columns.SLOW)
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
        "other",
    ]


# A second decoder, from the page alone: plain lists, no code of ours.


def _leb(data: bytes) -> list[int]:
    values, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            values.append(value)
            value = shift = 0
    return values


def _unzigzag(value: int) -> int:
    return value // 2 if value % 2 == 0 else -(value + 1) // 2


def _frames(data: bytes) -> dict[tuple[str, str], Any]:
    assert data[:18] == struct.pack("<II", 0x184D2A50, 10) + b"SIGNOFF\0" + struct.pack("<H", 1)
    magic, size, offset, crc, name = struct.unpack("<IIQI4s", data[-24:])
    assert (magic, size, name) == (0x184D2A51, 16, b"SGNF")
    assert zlib.crc32(data[offset:-24]) == crc

    def read(at: int, length: int) -> list[Any]:
        content = zstandard.ZstdDecompressor().decompress(data[at : at + length])
        array: list[Any] = msgpack.unpackb(content)
        return array

    found = {}
    at = 18
    for kind, name, length in read(offset, len(data) - 24 - offset)[3]:
        array = read(at, length)
        assert array[:3] == [kind, name, 1]
        found[kind, name] = array[3]
        at += length
    assert at == offset
    return found


def _split_columns(col: dict[str, bytes], grains: list[int]) -> dict[str, list[int]]:
    bits = "".join(f"{byte:08b}" for byte in col.get("bits", b""))
    names = ["typed", "erased", "jumps", "removed", "inserted", "within", "between"]
    found: dict[str, list[int]] = {}
    at = 0
    for name, g in zip(names, grains, strict=True):
        found[name] = []
        groups = 192 >> g
        for symbol in col.get(name, b""):
            if symbol < 192:
                width, top = symbol >> g, (1 << g) | (symbol & ((1 << g) - 1))
            else:
                width, top = symbol - 192 + g + groups, 1
            low = int(bits[at : at + width] or "0", 2)
            at += width
            found[name].append(((top << width) | low) - (1 << g))
    return found


def _slow(shape: dict[str, Any], name: str) -> list[int]:
    values = [_unzigzag(value) for value in _leb(shape["slow"][name][0])]
    lengths = _leb(shape["slow"][name][1]) or [shape["edits"]]
    return [value for value, length in zip(values, lengths, strict=True) for _ in range(length)]


def _rows_of(col: dict[str, bytes], number: dict[str, list[int]]) -> list[dict[str, int]]:
    left = {name: iter(values) for name, values in number.items()}
    found = []
    for symbol in col["kinds"]:
        kind, jumped = symbol >> 1, symbol & 1
        length = next(left["typed"]) + 1 if kind == 0 else 1
        length = next(left["erased"]) + 1 if kind in (1, 2) else length
        row = {"kind": kind, "length": length, "jumped": jumped}
        row["removed"] = next(left["removed"]) if kind == 3 else length if kind in (1, 2) else 0
        row["inserted"] = next(left["inserted"]) if kind == 3 else length if kind == 0 else 0
        found.append(row)
    return found


def _decode_by_the_book(data: bytes) -> list[dict[str, Any]]:
    frame = _frames(data)
    col = {name[2:]: body for (kind, name), body in frame.items() if kind == "col"}
    if not col:
        return []
    shape: Any = col["shape"]
    count = shape["edits"]
    number = _split_columns(col, shape["grains"])
    file, buffer = _slow(shape, "file"), _slow(shape, "buffer")
    order = sorted(range(count), key=lambda n: (file[n], buffer[n], n))
    edits: list[dict[str, Any]] = [{} for _ in range(count)]
    begins, struck = [False] * count, [False] * count
    numbers, missed = iter(col.get("places", b"")), iter(number["jumps"])
    at, cursor, left, before = 0, 0, list[int](), None
    for row in _rows_of(col, number):
        owner = (file[order[at]], buffer[order[at]])
        if at == 0 or owner != (file[order[at - 1]], buffer[order[at - 1]]):
            cursor, left, before = 0, [], None
        if row["jumped"]:
            place = next(numbers) if "places" in col else 0
            target = left.pop(-place) if place else cursor + _unzigzag(next(missed) + 1)
            left = [*left, cursor][-15:]
            cursor = target
        begins[order[at]] = True
        if row["kind"] == 1 and not row["jumped"] and before and before["kind"] == 0:
            for n in range(min(row["length"], before["length"])):
                struck[order[at - 1 - n]] = True
        low = cursor if row["kind"] == 2 else cursor - row["removed"]
        for n in range(row["length"]):
            edit = edits[order[at + n]]
            match row["kind"]:
                case 0:
                    edit |= {"start": cursor + n, "deleted": 0, "inserted": 1}
                case 1:
                    edit |= {"start": cursor - 1 - n, "deleted": 1, "inserted": 0}
                case 2:
                    edit |= {"start": cursor, "deleted": 1, "inserted": 0}
                case _:
                    edit |= {"start": low, "deleted": row["removed"], "inserted": row["inserted"]}
        net = row["inserted"] - row["removed"]
        left = [p + net if p >= low + row["removed"] else min(p, low) for p in left]
        cursor = low + row["inserted"]
        at += row["length"]
        before = row
    assert at == count
    _add_texts(edits, struck, col.get("text", b"").decode("utf-8", "surrogatepass"))
    _add_times(edits, begins, number, shape["unit_ns"])
    taken = set()
    for (kind, _), body in frame.items():
        if kind == "rows":
            steps = _leb(body[0])
            taken |= {sum(steps[: n + 1]) for n in range(len(steps))}
    free = [n for n in range(count + len(taken)) if n not in taken]
    for edit, seq, path, owner_number in zip(edits, free, file, buffer, strict=True):
        edit |= {"seq": seq, "path": frame["header", ""]["files"][path], "buffer": owner_number}
    return edits


def _add_texts(edits: list[dict[str, Any]], struck: list[bool], text: str) -> None:
    characters = iter(text)
    for is_struck in (False, True):
        for n, edit in enumerate(edits):
            if struck[n] is is_struck:
                edit["text"] = "".join(next(characters) for _ in range(edit["inserted"]))
    assert next(characters, None) is None


def _add_times(
    edits: list[dict[str, Any]], begins: list[bool], number: dict[str, list[int]], unit_ns: int
) -> None:
    within, between = iter(number["within"]), iter(number["between"])
    t_ns = 0
    for edit, is_begin in zip(edits, begins, strict=True):
        t_ns += (next(between) if is_begin else next(within)) * unit_ns
        edit["t_ns"] = t_ns


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_decoder_written_from_the_page_reads_the_golden_files(path: Path) -> None:
    found = _decode_by_the_book(path.read_bytes())
    lines = path.with_suffix(".steps.jsonl").read_text().splitlines()
    said = [row for row in map(json.loads, lines) if row["kind"] == "edit"]
    names = ("seq", "t_ns", "path", "buffer", "start", "deleted", "text")
    assert [[edit[n] for n in names] for edit in found] == [[row[n] for n in names] for row in said]
