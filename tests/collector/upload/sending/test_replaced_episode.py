"""Bytes changed after the review, or after signing, go nowhere (threats 3, 9)."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.sign_off import call_signoff, put_episode, signed_episode, small_episode

from signoff_collector.episode import frames
from signoff_collector.episode.file import layout
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.system.home import Home, resolve_home

SAYS_NO = {11, 12, 13}


def _recompressed(content: bytes) -> bytes:
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


def _hidden(content: bytes) -> bytes:
    """Put a skippable frame before the index, with a tail that is right again."""
    at = struct.unpack_from("<Q", content, len(content) - layout.TAIL_BYTES + 8)[0]
    index = content[at : len(content) - layout.TAIL_BYTES]
    secret = frames.skippable(0x184D2A5F, b"a letter")
    tail = layout.tail(at + len(secret), index)
    assert zlib.crc32(index)
    return content[:at] + secret + index + tail


def _flipped(place: int) -> Callable[[bytes], bytes]:
    def flip(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[place % len(changed)] ^= 1
        return bytes(changed)

    return flip


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "another episode": lambda _: small_episode("y = '\U0001f601\U00010349'\n"),
    "one bit of the head": _flipped(9),
    "one bit of a frame": _flipped(60),
    "one bit of the index's checksum": _flipped(-6),
    "a byte more": lambda content: content + b"\0",
    "a byte less": lambda content: content[:-1],
    "twice": lambda content: content + content,
    "nothing": lambda _: b"",
    "a hidden skippable frame": _hidden,
    "the same content in other bytes": _recompressed,
}


@pytest.fixture
def own(home: Path) -> Home:
    return resolve_home({"SIGNOFF_HOME": str(home)}).ensure()


def _objects(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()] if store.exists() else []


@pytest.mark.parametrize("what", CHANGES)
def test_bytes_changed_after_the_review_are_not_signed(
    what: str, own: Home, tmp_path: Path
) -> None:
    content, store = small_episode(), tmp_path / "store"
    path = put_episode(own, content)
    changed = CHANGES[what](content)
    assert changed != content
    path.write_bytes(changed)
    done = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    assert done.code in SAYS_NO, done
    assert list(own.episodes.glob("*.signoff.json*")) == []
    assert call_signoff("upload", path, "--to", store).code in SAYS_NO
    assert _objects(store) == []


@pytest.mark.parametrize("what", CHANGES)
def test_bytes_changed_after_signing_are_neither_verified_nor_sent(
    what: str, home: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    path = signed_episode(home, store)
    path.write_bytes(CHANGES[what](path.read_bytes()))
    assert call_signoff("verify", path).code in SAYS_NO
    assert call_signoff("upload", path, "--to", store).code in SAYS_NO
    assert _objects(store) == []


def test_changed_bytes_are_not_signed_though_somebody_writes_a_review_record_of_them(
    own: Home, tmp_path: Path
) -> None:
    """A hidden frame is no content that a review could have shown."""
    store = tmp_path / "store"
    for change in (_hidden, _recompressed):
        path = put_episode(own, change(small_episode()))
        done = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
        assert done.code in SAYS_NO, done
    assert _objects(store) == []


def test_a_link_put_in_place_of_a_signed_episode_is_not_followed_to_other_bytes(
    home: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    path = signed_episode(home, store)
    other = tmp_path / "other.episode"
    other.write_bytes(small_episode("z = 1  # \U0001f602\U0001034a\n"))
    path.unlink()
    path.symlink_to(other)
    assert call_signoff("upload", path, "--to", store).code in SAYS_NO
    assert _objects(store) == []


def test_the_attacks_are_real() -> None:
    """Each but the torn ones reads back; so it is the strict form that refuses it."""
    content = small_episode()
    changed = _recompressed(content)
    assert changed != content
    assert read_episode(changed).files == read_episode(content).files
    assert write_episode(read_episode(changed)) == content
    assert hashlib.sha256(changed).digest() != hashlib.sha256(content).digest()
