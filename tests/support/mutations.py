"""Ways to change what a person signed, tried on whoever reads it: the client and the hub."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator

from tests.support.hub_terms import HUB
from tests.support.sign_off import small_episode

from signoff_collector.episode import frames
from signoff_collector.episode.file import layout
from signoff_schemas.statement import PREDICATE_TYPE, PREDICATE_TYPE_HUB

ABSENT = object()
"""In the place of a value: the name is not there at all."""


def changed(of: bytes, **changes: object) -> bytes:
    """Return a statement with other values, each named by its place with `__` between."""
    value = json.loads(of)
    for path, new in changes.items():
        *parents, last = path.split("__")
        place = value
        for name in parents:
            place = place[name]
        if new is ABSENT:
            del place[last]
        else:
            place[last] = new
    return json.dumps(value).encode()


def void_statements(good: bytes, for_hub: bytes) -> tuple[bytes, ...]:
    """Return what is no statement, made of one for a store and of one for a hub."""
    sha = json.loads(good)["subject"][0]["digest"]["sha256"]
    return (
        b"",
        b"{}",
        b"[" * 100_000,
        b"\xef\xbb\xbf" + good,
        good + b"{}",
        good.decode().encode("utf-16"),
        good.replace(b'"supersedes": null', b'"supersedes": null, "supersedes": null'),
        good.replace(b'"size_bytes": 10', b'"size_bytes": NaN'),
        good.replace(b'"size_bytes": 10', b'"size_bytes": ' + b"9" * 5000),
        b" " * (2 << 20),
        changed(good, predicate__size="x"),
        changed(good, predicate__event_state=None),
        changed(good, predicate__episode__size_bytes="10"),
        changed(good, predicate__episode__size_bytes=True),
        changed(good, predicate__shown_digest="cd" * 32),
        changed(good, predicate__audience="http://example.org/"),
        changed(good, predicate__audience="file:///a b"),
        changed(good, predicate__licence="LicenseRef of Ada\n"),
        changed(good, predicate__ai_providers=["Ada's own model"]),
        changed(good, predicate__expires="2026-11-22T08:00:00Z"),
        changed(good, predicate__event_time="2026-13-22T08:00:00Z"),
        changed(good, predicate__event_time="\u0662026-11-22T08:00:00Z"),
        changed(good, predicate__rights__basis="employer"),
        changed(good, predicate__purposes=[]),
        changed(good, predicateType="https://example.org/other"),
        changed(good, subject=[]),
        changed(good, subject=json.loads(good)["subject"] * 2),
        changed(good, subject=[{"name": "ada.episode", "digest": {"sha256": sha}}]),
        changed(good, predicate__notice__text="\ud800"),
        changed(good, predicate__receiver=None),
        changed(good, predicate__receiver=json.loads(for_hub)["predicate"]["receiver"]),
        changed(good, predicate__audience=HUB),
        changed(good, predicateType=PREDICATE_TYPE_HUB),
        changed(for_hub, predicateType=PREDICATE_TYPE),
        changed(for_hub, predicateType="urn:signoff:episode-signoff:v3"),
        changed(for_hub, predicate__receiver=None),
        changed(for_hub, predicate__receiver=ABSENT),
        changed(for_hub, predicate__audience="file:///srv/store"),
        changed(for_hub, predicate__audience="s3://h.example/bucket"),
        changed(for_hub, predicate__audience="http://hub.example.org/team"),
        changed(for_hub, predicate__audience="https://hub.example.org/team/more"),
        changed(for_hub, predicate__receiver__terms_sha256="ab"),
        changed(for_hub, predicate__receiver__controller="Ada\n"),
        changed(for_hub, predicate__receiver__jurisdiction="eu"),
        changed(for_hub, predicate__receiver__lawful_basis="none"),
        changed(for_hub, predicate__receiver__retention_days=0),
        changed(for_hub, predicate__receiver__retention_days="730"),
        changed(for_hub, predicate__receiver__more="x"),
    )


def mutated_signatures(blob: bytes, seed: str, count: int = 40) -> Iterator[bytes]:
    """Yield signatures that were cut, lengthened or changed in one bit, without their armour."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(count):
        mutated = bytearray(blob)
        at = chance.randrange(len(blob))
        match chance.randrange(4):
            case 0:
                del mutated[at:]
            case 1:
                mutated.insert(at, chance.randrange(256))
            case _:
                mutated[at] ^= 1 << chance.randrange(8)
        yield bytes(mutated)


def recompressed(content: bytes) -> bytes:
    """Write the first frame in another way; index and content stay true."""
    import zstandard

    entries = layout.read_index(content)
    pieces, made, at = [layout.head()], [], layout.HEAD_BYTES
    for number, entry in enumerate(entries):
        frame = content[entry.offset : entry.offset + entry.length]
        if number == 0:
            whole = frames.decompress(frame)
            frame = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(whole)
        made.append(
            layout.FrameEntry(kind=entry.kind, name=entry.name, offset=at, length=len(frame))
        )
        pieces.append(frame)
        at += len(frame)
    index = frames.compress(frames.pack(["index", "", 1, layout.index_body(made)]))
    return b"".join([*pieces, index, layout.tail(at, index)])


def hidden(content: bytes) -> bytes:
    """Put a skippable frame before the index, with a tail that is right again."""
    at = struct.unpack_from("<Q", content, len(content) - layout.TAIL_BYTES + 8)[0]
    index = content[at : len(content) - layout.TAIL_BYTES]
    secret = frames.skippable(0x184D2A5F, b"a letter")
    tail = layout.tail(at + len(secret), index)
    assert zlib.crc32(index)
    return content[:at] + secret + index + tail


def flipped(place: int) -> Callable[[bytes], bytes]:
    def flip(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[place % len(changed)] ^= 1
        return bytes(changed)

    return flip


EPISODE_CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "another episode": lambda _: small_episode("y = '\U0001f601\U00010349'\n"),
    "one bit of the head": flipped(9),
    "one bit of a frame": flipped(60),
    "one bit of the index's checksum": flipped(-6),
    "a byte more": lambda content: content + b"\0",
    "a byte less": lambda content: content[:-1],
    "twice": lambda content: content + content,
    "nothing": lambda _: b"",
    "a hidden skippable frame": hidden,
    "the same content in other bytes": recompressed,
}
