"""A second reader of whole episodes, from docs/format.md alone: steps, disk and buffers after."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import accumulate, chain, count
from typing import Any
from zlib import crc32

import msgpack  # type: ignore[import-untyped]  # ships no types
import zstandard

SPLIT = ("typed", "erased", "jumps", "removed", "inserted", "within", "between")
COLUMNS = ("kinds", "places", *SPLIT, "bits", "text")
LISTS = dict.fromkeys(("checkpoint", "command", "git", "tests"), "disk") | {"files": "changed"}
HALVES, ZSTD = "surrogatepass", zstandard.ZstdDecompressor()
TO_BUFFER = ("resync", "buffer")
MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


def leb(data: bytes, value: int = 0, shift: int = 0) -> Iterator[int]:
    for byte in data:
        value, shift = value | (byte & 127) << shift, shift + 7
        if byte < 128:
            yield value
            value = shift = 0


def read_arrays(data: bytes) -> dict[tuple[str, str], Any]:
    assert data[:18] == struct.pack("<II8sH", 0x184D2A50, 10, b"SIGNOFF\0", 1)
    at = int.from_bytes(data[-16:-8], "little")
    assert data.endswith(struct.pack("<IIQI4s", 0x184D2A51, 16, at, crc32(data[at:-24]), b"SGNF"))
    frames, begin = [], 18
    for kind, name, length in msgpack.unpackb(ZSTD.decompress(data[at:-24]))[3]:
        frames.append(msgpack.unpackb(ZSTD.decompress(data[begin : begin + length])))
        assert frames[-1][:3] == [kind, name, 1]
        begin += length
    assert begin == at
    parts = chain(*(frame[3] if frame[0] == "parts" else [frame] for frame in frames))
    return {(kind, name): body for kind, name, _, body in parts}


def read_chunk(arrays: dict[tuple[str, str], Any], chunk: int) -> list[dict[str, Any]]:
    paths, shape, at = arrays["header", ""]["files"], arrays["col", f"{chunk}/shape"], 0
    col = {name: arrays.get(("col", f"{chunk}/{name}"), b"") for name in COLUMNS}
    for name, size in zip(COLUMNS, shape.get("sizes", [0] * 11), strict=True):
        col[name], at = shape["data"][at : at + size] if size else col[name], at + size
    slow = [shape.get("slow", {}).get(name, (b"\0", b"")) for name in ("file", "buffer")]
    runs = [zip(leb(v), list(leb(n)) or [shape["edits"]], strict=True) for v, n in slow]
    columns = [[v >> 1 ^ -(v & 1) for v, length in run for _ in range(length)] for run in runs]
    edits: list[dict[str, Any]] = [{"kind": "edit", "owner": o} for o in zip(*columns, strict=True)]
    ordered = sorted(edits, key=lambda e: e["owner"])
    bits, number, at = "".join(f"{byte:08b}" for byte in col["bits"]), dict[str, Iterator[int]](), 0
    for name, g in zip(SPLIT, shape.get("grains", [1] * 7), strict=True):
        found: list[int] = []
        for symbol in col[name]:
            width, top = symbol >> g, 1 << g | symbol & (1 << g) - 1
            if symbol >= 192:
                width, top = symbol - 192 + g + (192 >> g), 1
            found.append((top << width | int("0" + bits[at : at + width], 2)) - (1 << g))
            at += width
        number[name] = iter(found) if found else iter(lambda: 0, 1)  # nothing means zeros
    places, owner, at, cursor, before, left = iter(col["places"]), None, 0, 0, 0, list[int]()
    for symbol in col["kinds"]:
        kind, jumped = symbol >> 2, symbol & 1
        if owner != (owner := ordered[at]["owner"]):
            cursor, before, left = 0, 0, []
        length = next(number[("typed", "erased", "erased")[kind]]) + 1 if kind < 3 else 1
        gone = next(number["removed"]) if kind > 3 else length if kind in (1, 2) else 0
        new = next(number["inserted"]) if kind in (3, 5) else length if kind == 0 else 0
        if jumped:
            place = next(places) if col["places"] else 0
            far = 0 if place else next(number["jumps"]) + 1
            target = left.pop(-place) if place else cursor + (far >> 1 ^ -(far & 1))
            left, cursor = [*left, cursor][-31:], target
        low = cursor if kind == 2 else cursor - gone
        for n, edit in enumerate(ordered[at : at + length]):
            edit["start"] = cursor + n if kind == 0 else cursor - 1 - n if kind == 1 else low
            edit |= {"deleted": gone // length, "inserted": new // length, "begins": n == 0}
        for edit in ordered[at - min(length, before) : at] if kind == 1 and not jumped else []:
            edit["struck"] = True
        left = [p + new - gone if p >= low + gone else min(p, low) for p in left]
        cursor, at, before = low + new, at + length, length if kind == 0 else 0
    text, at, t_ns = col["text"].decode("utf-8", HALVES), 0, 0
    for edit in sorted(edits, key=lambda e: "struck" in e):
        edit["text"], at = text[at : at + edit["inserted"]], at + edit["inserted"]
    for edit in edits:
        t_ns += next(number["between" if edit["begins"] else "within"]) * shape.get(
            "unit_ns", 10**9
        )
        edit |= {"t_ns": t_ns, "path": paths[edit["owner"][0]], "buffer": edit["owner"][1]}
    return edits


def disk_bytes(text: str, form: dict[str, Any]) -> bytes:
    last, name = form.get("last_line"), form.get("encoding", "utf-8")
    text = text.removesuffix("\n").removesuffix("\r") if last == "without" else text
    text += "\n" if last == "with" else ""
    if form.get("eol") == "crlf":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    coded = text.encode(name, HALVES if name == "utf-8" else "strict")
    return (MARKS[name] if form.get("bom") else b"") + coded


def plain(content: str | bytes) -> str | None:
    try:
        text = content if isinstance(content, str) else content.decode("utf-8", HALVES)
    except UnicodeDecodeError:
        return None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").removesuffix("\n")


def states(data: bytes) -> Iterator[tuple[Any, dict[str, bytes], dict[Any, str], dict[str, Any]]]:
    arrays, steps = read_arrays(data), dict[int, dict[str, Any]]()
    for body in (body for (kind, _), body in arrays.items() if kind == "rows"):
        for seq, t_ms, row in zip(*map(accumulate, map(leb, body[:2])), body[2], strict=True):
            steps[seq] = {**row, "t_ns": t_ms * 10**6}
    chunks = range(sum(name.endswith("/shape") for _, name in arrays))
    free = filter(lambda seq: seq not in steps, count())
    steps |= {next(free): edit for chunk in chunks for edit in read_chunk(arrays, chunk)}
    places = sorted(int(name) for kind, name in arrays if kind == "blob")
    blobs: list[bytes] = list(chain(*(arrays["blob", str(place)] for place in places)))
    texts, disk = dict[tuple[str, int], str](), dict[str, tuple[Any, Any] | None]()
    since, met = dict[Any, int](), dict[Any, set[str | None]]()
    for seq in range(len(steps)):
        step = steps[seq]
        path, form, blob = step.get("path", ""), step.get("form", {}), step.get("blob")
        key, old = (path, step.get("buffer") or 0), step.get("old_path", "")
        content, known = None if blob is None else blobs[blob], disk.get(path)
        match step["kind"]:
            case "open":
                text = (known[0] if content is None and known else content) or b""
                texts[key] = text if isinstance(text, str) else text.decode("utf-8", HALVES)
                if "form" in step or (not known and content and step.get("reason") != "anchor"):
                    disk[path] = (texts[key], disk_bytes(texts[key], form))
            case "edit":
                end = step["start"] + step["deleted"]
                texts[key] = texts[key][: step["start"]] + step["text"] + texts[key][end:]
            case "save" if key in texts:
                disk[path] = (texts[key], disk_bytes(texts[key], form))
            case "rename" if old not in disk or disk[old]:
                disk[old], disk[path] = None, disk.get(old, (None, None))
            case "create" | "delete" | "resync" as kind if step.get("target", "disk") == "disk":
                content = b"" if content is None and kind == "create" else content
                disk[path] = None if content is None else (content, content)
            case "resync" if content is not None:
                texts[key] = content.decode("utf-8", HALVES)
            case "close" | "resync":
                texts.pop(key, None)
            case kind:
                for item in step.get(LISTS.get(kind, ""), ()):
                    if "blob" in item or "without_content" in item:
                        content = blobs[item["blob"]] if "blob" in item else None
                        disk[item["path"]] = (content, content)
                    elif "sha256" not in item:
                        disk[item["path"]] = None
        shown = {name: both[1] for name, both in disk.items() if both and both[1] is not None}
        if step["kind"] in ("open", "edit") or (step["kind"], step.get("target")) == TO_BUFFER:
            since[key], met[key] = seq, set()
        files = {name: both[0] for name, both in disk.items() if both and both[0] is not None}
        for name in texts:
            met[name].add(plain(files[name[0]]) if name[0] in files else None)
        hiding = [name for name, text in texts.items() if plain(text) not in met[name]]
        files |= {name[0]: texts[name] for name in sorted(hiding, key=since.__getitem__)}
        yield {**step, "seq": seq}, shown, dict(texts), files
