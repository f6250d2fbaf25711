"""Writes the corpus of the fuzzer: golden files, and every trick that was ever thought of.

    .venv/bin/python tests/fuzz/make_corpus.py

A file is never taken away; findings of the fuzzer are kept beside these.
"""

from __future__ import annotations

import gzip
import json
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / name) for name in ("collector", "schemas", ".")]


def contents() -> dict[str, bytes]:
    """Return the files by name: a byte for the target, and what it is given."""
    import zstandard
    from tests.fuzz.episode_targets import FRAME, PARTS, TIMES, TRACE, WHOLE, file_of

    from signoff_collector.episode import frames
    from signoff_collector.episode.file import layout
    from signoff_collector.episode.file.reader import EpisodeFile

    found: dict[str, bytes] = {}
    for path in sorted((ROOT / "tests" / "golden" / "version_1").glob("*.episode")):
        data = path.read_bytes()
        found[f"whole_{path.stem}"] = bytes([WHOLE]) + data
        file = EpisodeFile(data)
        arrays = [[entry.kind, entry.name, 1, file.body(entry)] for entry in file.entries]
        found[f"parts_{path.stem}"] = bytes([PARTS]) + frames.pack(arrays)
    every = (ROOT / "tests" / "golden" / "version_1" / "every_kind.episode").read_bytes()
    at = EpisodeFile(every).frames[-1]
    smuggled = frames.skippable(layout.HEAD_MAGIC, b"nobody sees this")
    end = at.offset + at.length
    index = every[end : -layout.TAIL_BYTES]
    found["whole_third_skippable"] = bytes([WHOLE]) + every[:end] + smuggled + index + layout.tail(
        end + len(smuggled), index)  # fmt: skip
    found["whole_lost_index"] = bytes([WHOLE]) + every[:end]
    bomb = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(b"\0" * (65 << 20))
    found["frame_bomb"] = bytes([FRAME]) + bomb
    found["frame_without_size"] = bytes([FRAME]) + zstandard.ZstdCompressor(
        write_content_size=False, write_checksum=True).compress(b"\x90")  # fmt: skip
    many = b"\xdd" + struct.pack(">I", 1 << 31)
    header = {"header": {"session": "s", "workspace": "w"}, "files": ["a"]}
    shape = {"edits": 1, "sizes": [1, *[0] * 9, 1], "data": b"\0x"}
    tricks: dict[str, object] = {
        "huge_count": [["col", "0/shape", 1, {**shape, "edits": 1 << 40}]],
        "negative_size": [["col", "0/shape", 1, {**shape, "sizes": [-1, *[0] * 9, 3]}]],
        "parts_in_parts": [["parts", "1", 1, []]],
        "index_in_parts": [["index", "", 1, []]],
        "twice": [["header", "", 1, header], ["header", "", 1, header]],
        "blob_nobody_names": [["header", "", 1, header], ["blob", "0", 1, [b"unseen"]]],
        "blob_not_there": [
            ["header", "", 1, header],
            [
                "rows",
                "0",
                1,
                [
                    b"\0",
                    b"\0",
                    [{"kind": "open", "source": "s", "path": "a", "buffer": 0, "blob": 7}],
                ],
            ],
        ],
        "path_outside": [
            ["header", "", 1, header],
            [
                "rows",
                "0",
                1,
                [b"\0", b"\0", [{"kind": "create", "source": "s", "path": "../../../etc/passwd"}]],
            ],
        ],
        "edit_without_buffer": [["header", "", 1, header], ["col", "0/shape", 1, shape]],
        "renamed_to_itself": [
            ["header", "", 1, header],
            [
                "rows",
                "0",
                1,
                [b"\0", b"\0", [{"kind": "rename", "source": "s", "path": "a", "old_path": "a"}]],
            ],
        ],
    }
    for name, arrays in tricks.items():
        found[f"parts_{name}"] = bytes([PARTS]) + frames.pack(arrays)
    found["parts_array_without_end"] = bytes([PARTS]) + many
    found["parts_key_twice"] = bytes([PARTS]) + b"\x91\x94\xa6header\xa0\x01\x82\xa1a\x01\xa1a\x02"
    found["parts_extension"] = bytes([PARTS]) + b"\x91\xd4\x07\x00"
    found["whole_deep"] = bytes([WHOLE]) + file_of("rows", b"\x91" * 100_000 + b"\xc0")
    trace = {"startContent": "a", "txns": [{"patches": [[0, 1, "\ud83d"]]}]}
    found["trace"] = bytes([TRACE]) + json.dumps(trace).encode()
    found["trace_packed"] = bytes([TRACE]) + gzip.compress(json.dumps(trace).encode(), mtime=0)
    found["trace_negative"] = bytes([TRACE]) + b'{"txns":[{"patches":[[-1,0,"x"]]}]}'
    found["trace_deep"] = bytes([TRACE]) + b"[" * 50_000
    found["times"] = bytes([TIMES]) + b"1684058400\n1e308\nnan\n"
    return found


def main() -> int:
    """Write the files that are not there or differ."""
    for name, data in contents().items():
        (HERE / "corpus" / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
