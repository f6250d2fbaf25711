"""Episodes made to attack whoever opens them: bombs, lies, names, and bytes that nobody sees."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace

import msgpack
import zstandard
from tests.support.episodes import ASTRAL, SOURCE, edit, header, open_episode, sample_episode

from signoff_collector.episode import frames
from signoff_collector.episode.content import EditTable, Episode, encode_text
from signoff_collector.episode.file import layout
from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.writer import write_episode
from signoff_schemas.cases import Cases
from signoff_schemas.steps import (
    CommandStep,
    FilesStep,
    GitStep,
    NoteStep,
    OpenStep,
    SaveStep,
    StepBase,
    TaskStep,
    TestsStep,
)
from signoff_schemas.values import DiskFile, Output, TestCase

LIE = (
    f"\x1b]0;title\x07\x1b[2J\x1b[8m\u202egnp\u2066\u200b\U000e0041\r\b\x00\x9b31m{ASTRAL}\u2028end"
)
"""Moves, hides, turns and names a terminal's title."""
TRAVERSALS = (
    "../../escaped", "/var/escaped", ".git/config", ".GIT/hooks/pre-commit", "a\0b",
    "", "a/.g\u200cit/x",
)  # fmt: skip

Part = tuple[str, str, object]


def whole_file(parts: Iterable[Part], *, index: object = None, hidden: bytes = b"") -> bytes:
    """Put frames together as a file; a body of `Raw` is taken as the frame's bytes."""
    entries: list[layout.FrameEntry] = []
    pieces = [layout.head()]
    at = layout.HEAD_BYTES
    for kind, name, body in parts:
        frame = body.data if isinstance(body, Raw) else _frame([kind, name, 1, body])
        entries.append(layout.FrameEntry(kind=kind, name=name, offset=at, length=len(frame)))
        pieces.append(frame)
        at += len(frame)
    last = _frame(["index", "", 1, layout.index_body(entries) if index is None else index])
    return b"".join([*pieces, hidden, last, layout.tail(at + len(hidden), last)])


class Raw:
    """A frame's bytes as they shall stand in the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data


def _frame(value: object) -> bytes:
    packed = value if isinstance(value, bytes) else msgpack.packb(value, use_bin_type=True)
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(packed)


def _parts(episode: Episode) -> list[Part]:
    """Return the arrays of an honest episode, opened, each for a frame of its own."""
    file = EpisodeFile(write_episode(episode))
    entries = sorted(file.entries, key=lambda entry: entry.kind == "blob")
    return [(entry.kind, entry.name, file.body(entry)) for entry in entries]


def _with(change: Callable[[list[Part]], None]) -> bytes:
    parts = _parts(sample_episode())
    change(parts)
    return whole_file(parts)


def _shape_says(**fields: object) -> bytes:
    parts = _parts(sample_episode())
    for number, (kind, name, body) in enumerate(parts):
        if name == "0/shape":
            assert isinstance(body, dict)
            parts[number] = (kind, name, {**body, **fields})
    return whole_file(parts)


def _header_says(**fields: object) -> bytes:
    parts = _parts(sample_episode())
    kind, name, body = parts[0]
    assert isinstance(body, dict)
    parts[0] = (kind, name, {**body, "header": {**body["header"], **fields}})
    return whole_file(parts)


def _row_says(**fields: object) -> bytes:
    parts = _parts(sample_episode())
    for number, (kind, name, body) in enumerate(parts):
        if kind == "rows":
            assert isinstance(body, list)
            seq, times, maps = body
            parts[number] = (kind, name, [seq, times, [{**maps[0], **fields}, *maps[1:]]])
    return whole_file(parts)


def _rows_are(seq: bytes = b"\0", times: bytes = b"\0") -> bytes:
    parts = [part for part in _parts(sample_episode()) if part[0] != "rows"]
    note = {"kind": "note", "source": SOURCE, "text": ASTRAL}
    return whole_file([parts[0], ("rows", "0", [seq, times, [note]]), *parts[1:]])


def _raw_row_frame(packed: bytes) -> bytes:
    parts = [part for part in _parts(sample_episode()) if part[0] != "rows"]
    return whole_file([parts[0], ("rows", "0", Raw(_frame(packed))), *parts[1:]])


def _tiny_containers(byte: bytes, count: int) -> bytes:
    """Return an array of very many empty arrays or maps: one byte each, 64 in memory."""
    start = msgpack.packb(["rows", "0", 1], use_bin_type=True).replace(b"\x93", b"\x94", 1)
    return start + b"\x93\xc4\x00\xc4\x00" + b"\xdd" + struct.pack(">I", count) + byte * count


def _deep(depth: int) -> bytes:
    return b"\x94\xa4rows\xa10\x01" + b"\x91" * depth + b"\x90"


def _zeros(count: int) -> bytes:
    zeros = Raw(_frame(["blob", "0", 1, [bytes((64 << 20) - 64)]]))
    return whole_file(
        [*_parts(sample_episode())[:2], *(("blob", str(n), zeros) for n in range(count))]
    )


def _frame_that_says(size: int) -> Raw:
    """Return a frame of a few bytes whose header says that it holds `size`."""
    return Raw(
        frames.ZSTD_MAGIC + bytes([0xE4]) + struct.pack("<Q", size) + b"\x01\x00\x00" + bytes(4)
    )


def _wide_window(log: int = 27) -> Raw:
    parameters = zstandard.ZstdCompressionParameters(window_log=log, write_checksum=True,
                                                     write_content_size=True)  # fmt: skip
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return Raw(stream.compress(bytes(1000)) + stream.flush())


def _hidden() -> bytes:
    return whole_file(
        _parts(sample_episode()), hidden=frames.skippable(0x184D2A55, b"a letter nobody sees")
    )


def _index_differs() -> bytes:
    """Let the index take two frames for one, so that a scan finds another file."""
    parts = _parts(sample_episode())
    data = whole_file(parts)
    entries = layout.index_body(layout.read_index(data))
    last = entries.pop()
    assert isinstance(last, list)
    assert isinstance(entries[-1], list)
    entries[-1][2] += last[2]
    return whole_file(parts, index=entries)


def _bad_checksum_of_index() -> bytes:
    data = bytearray(_hidden())
    data[-8:-4] = struct.pack("<I", zlib.crc32(b"another index"))
    return bytes(data)


def _duplicate_key() -> bytes:
    return _raw_row_frame(
        b"\x94\xa4rows\xa10\x01\x93\xc4\x01\x00\xc4\x01\x00\x91"
        b"\x83\xa4kind\xa4note\xa4text\xa4good\xa4text\xa3bad"
    )


def lying_episode() -> Episode:
    """Return a well-formed episode in which every free string lies to a terminal."""
    path = f"src/{LIE.replace(chr(0), '')}.py"
    text = f"a = '{LIE}'\n"
    common: dict[str, object] = {"source": SOURCE, "path": path, "buffer": 1}
    steps: tuple[StepBase, ...] = (
        TaskStep(seq=0, t_ns=0, source=SOURCE, text=LIE),
        OpenStep.model_validate({**common, "seq": 1, "t_ns": 0, "blob": 0}),
        SaveStep.model_validate({**common, "seq": 3, "t_ns": 10**9, "matched": True}),
        TestsStep(seq=4, t_ns=2 * 10**9, source="run", run_id=LIE, framework="pytest", exit_code=1,
                  cases=Cases([TestCase(id=LIE, outcome="failed", message=LIE)])),
        CommandStep(seq=5, t_ns=2 * 10**9, source="run", argv=(LIE, LIE), output=Output(head=LIE)),
        GitStep(seq=6, t_ns=3 * 10**9, source="git", operation="commit", message=LIE),
        NoteStep(seq=7, t_ns=3 * 10**9, source=SOURCE, text=LIE),
    )  # fmt: skip
    return Episode(
        header=header(edits=1, steps=8, duration_ns=3 * 10**9, producer=LIE)
        if "producer" in type(header()).model_fields
        else header(edits=1, steps=8, duration_ns=3 * 10**9),
        files=(path,),
        steps=steps,
        edits=EditTable.from_rows([edit(2, 3, 1, LIE, t_ms=500)]),
        blobs=(encode_text(text),),
    )


def traversing_episode(name: str, *, mode: str = "100644", content: bytes = b"x\n") -> bytes:
    """Return an episode whose only file, on disk and in an editor, has that name."""
    saved = FilesStep(
        seq=1, t_ns=0, source="files", changed=(DiskFile(path=name, blob=1, mode=mode),)
    )
    opened = open_episode(f"{ASTRAL}\n", [])
    first = opened.steps[0].model_copy(update={"path": name})
    return write_episode(
        replace(opened, files=(name,), steps=(first, saved), blobs=(*opened.blobs, content))
    )


ATTACKS: dict[str, Callable[[], bytes]] = {
    "16 GiB of zeros in frames of 64 MiB": lambda: _zeros(256),
    "a frame that says it holds 2^60 bytes": lambda: whole_file(
        [*_parts(sample_episode())[:2], ("blob", "0", _frame_that_says(1 << 60))]
    ),
    "a window of 128 MiB": lambda: whole_file(
        [*_parts(sample_episode())[:2], ("blob", "0", _wide_window())]
    ),
    "20 million empty arrays in one frame": lambda: _raw_row_frame(
        _tiny_containers(b"\x90", 20_000_000)
    ),
    "20 million empty maps in one frame": lambda: _raw_row_frame(
        _tiny_containers(b"\x80", 20_000_000)
    ),
    "arrays 100,000 deep": lambda: _raw_row_frame(_deep(100_000)),
    "arrays 900 deep": lambda: _raw_row_frame(_deep(900)),
    "an array that says 2^32 - 1 members": lambda: _raw_row_frame(
        b"\x94\xa4rows\xa10\x01\xdd" + b"\xff" * 4
    ),
    "a step of number 2^53": lambda: _rows_are(seq=b"\x80" * 7 + b"\x10"),
    "a time of more than 9 bytes": lambda: _rows_are(times=b"\x80" * 10 + b"\x01"),
    "a window of 16 MiB": lambda: whole_file(
        [*_parts(sample_episode())[:2], ("blob", "0", _wide_window(24))]
    ),
    "2^60 edits": lambda: _shape_says(edits=1 << 60),
    "a million edits that are not there": lambda: _shape_says(edits=1 << 20),
    "negative edits": lambda: _shape_says(edits=-1),
    "a time unit of 2^62": lambda: _shape_says(unit_ns=1 << 62),
    "NaN as duration": lambda: _header_says(duration_ns=math.nan),
    "infinity as duration": lambda: _header_says(duration_ns=math.inf),
    "2^64 - 1 as time": lambda: _header_says(started_wall_ns=(1 << 64) - 1),
    "2^63 as a buffer": lambda: _row_says(buffer=1 << 63),
    "a map as text": lambda: _row_says(text={"a": 1}),
    "a key twice": _duplicate_key,
    "an extension type": lambda: _raw_row_frame(b"\x94\xa4rows\xa10\x01\xd4\x01\x00"),
    "text that is not UTF-8": lambda: _raw_row_frame(b"\x94\xa4rows\xa10\x01\xa2\xff\xfe"),
    "a hidden skippable frame": _hidden,
    "an index that differs from a scan": _index_differs,
    "a wrong checksum of the index": _bad_checksum_of_index,
    "two frames of one name": lambda: _with(lambda parts: parts.append(parts[-1])),
    "no header": lambda: _with(lambda parts: parts.pop(0) and None),
    "a blob that no step names": lambda: write_episode(
        replace(sample_episode(), blobs=(*sample_episode().blobs, b"a letter nobody sees"))
    ),
    "an unknown field": lambda: _row_says(letter="nobody sees this"),
    "a later kind with a number for its files": lambda: _row_says(kind="later", changed=5),
    "a later kind with numbers for its files": lambda: _row_says(kind="later", disk=[5]),
    "a later kind with maps for its files": lambda: _row_says(kind="later", disk=[{"path": "a"}]),
    "a later kind with maps for its words": lambda: _row_says(
        kind="later", argv={"a": 1}, line=[1], cases=3, message={}, reason=[], output=7, blob="x"
    ),
}  # fmt: skip
UNSEEN = {"a blob that no step names", "an unknown field"} | {
    name for name in ATTACKS if name.startswith("a later kind")
}
"""Well-formed enough to be shown, never to be signed, verified or sent."""
