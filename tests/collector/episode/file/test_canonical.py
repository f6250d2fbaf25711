"""Every change of a file is refused, but for another compression of the same contents."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import msgpack  # type: ignore[import-untyped]  # ships no types
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.episodes import episodes, jumping_episode, sample_episode, written_apart
from tests.support.mutated import (
    HeldFrame,
    file_of,
    held_frames,
    same_contents,
    with_content,
    with_data,
)

from signoff_collector.episode import frames
from signoff_collector.episode.columns import columns
from signoff_collector.episode.columns.coding import Coding
from signoff_collector.episode.file import frame_form, layout
from signoff_collector.episode.file.reader import EpisodeFile, read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_schemas.errors import DamagedError, NewerVersionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.episode.content import Episode

pytestmark = pytest.mark.slow
SAMPLE = write_episode(sample_episode())
APART = written_apart(sample_episode())
JUMPING = write_episode(jumping_episode())
FILES = (SAMPLE, JUMPING)


def _is_canonical(data: bytes) -> bool:
    try:
        strict_check(data)
    except (DamagedError, NewerVersionError):
        return False
    return True


def _refused(data: bytes, match: str | None = None) -> None:
    with pytest.raises(DamagedError, match=match):
        strict_check(data)


@settings(max_examples=40, deadline=None)
@given(episodes())
def test_what_a_writer_writes_is_canonical(episode: Episode) -> None:
    if set(range(len(episode.blobs))) <= EpisodeFile(write_episode(episode)).blob_references:
        assert strict_check(write_episode(episode)) == episode


# Any bytes


@st.composite
def _changes(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Draw a file, and the file with one run of bytes flipped, cut, put in, doubled or moved."""
    data = draw(st.sampled_from(FILES))
    at = draw(st.integers(0, len(data) - 1))
    to = draw(st.integers(at + 1, min(at + 40, len(data))))
    piece = data[at:to]
    other = draw(st.integers(0, len(data)))
    rest = data[:at] + data[to:]
    match draw(st.sampled_from(["flip", "cut", "put", "double", "move", "replace"])):
        case "flip":
            mask = draw(st.integers(1, 255))
            return data, data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
        case "cut":
            return data, rest
        case "put":
            return data, data[:at] + draw(st.binary(min_size=1, max_size=40)) + data[at:]
        case "double":
            return data, data[:to] + piece + data[to:]
        case "move":
            return data, rest[:other] + piece + rest[other:]
        case _:
            return data, data[:at] + draw(st.binary(max_size=40)) + data[to:]


@settings(max_examples=1500, deadline=None)
@given(_changes())
def test_any_change_of_bytes_is_refused_or_one_of_compression_only(
    change: tuple[bytes, bytes],
) -> None:
    data, changed = change
    if changed != data and _is_canonical(changed):
        assert same_contents(changed, data)


@settings(max_examples=600, deadline=None)
@given(_changes())
def test_also_when_the_index_is_made_to_fit(change: tuple[bytes, bytes]) -> None:
    """A forger writes checksums anew: what a CRC notices must be refused without it too."""
    data, changed = change
    at = len(changed) - layout.TAIL_BYTES
    if at <= layout.HEAD_BYTES or changed[-4:] != layout.TAIL_NAME:
        return
    offset = int.from_bytes(changed[at + 8 : at + 16], "little")
    told = struct.pack("<QI", offset, zlib.crc32(changed[offset:at])) + layout.TAIL_NAME
    changed = changed[:at] + frames.skippable(layout.TAIL_MAGIC, told)
    if changed != data and _is_canonical(changed):
        assert same_contents(changed, data)


# Contents, with checksums, index and tail that fit


@settings(max_examples=800, deadline=None)
@given(st.data())
def test_any_change_of_what_a_frame_holds_makes_another_episode_or_is_refused(
    data: st.DataObject,
) -> None:
    """So each canonical file is the only one that says what it says, compression apart."""
    file = data.draw(st.sampled_from((*FILES, APART)))
    held = held_frames(file)
    number = data.draw(st.integers(0, len(held) - 1))
    content = held[number].content
    at = data.draw(st.integers(0, len(content) - 1))
    put = data.draw(st.binary(max_size=3))
    changed = content[:at] + put + content[at + data.draw(st.integers(0, 3)) :]
    held[number] = with_content(held[number], changed)
    forged = file_of(held)
    if changed != content and _is_canonical(forged):
        assert not _same(read_episode(forged), read_episode(file))


def _same(first: Episode, second: Episode) -> bool:
    return first == second and first.edits.evidence_sets == second.edits.evidence_sets


def _arrays(file: bytes, change: Callable[[list[object]], object]) -> bytes:
    """Return the file with the arrays of its first shared frame, unpacked, changed."""
    held = held_frames(file)
    kind, name, version, body = msgpack.unpackb(held[0].content, raw=False)
    body = change(body) or body
    held[0] = with_content(held[0], frames.pack([kind, name, version, body]))
    return file_of(held)


def test_frames_in_another_order_are_refused() -> None:
    held = held_frames(APART)
    assert len(held) > 5
    for at in range(len(held) - 1):
        swapped = [*held[:at], held[at + 1], held[at], *held[at + 2 :]]
        _refused(file_of(swapped))
        _refused(file_of([*held[:at], held[at], *held[at:]]))


def test_arrays_in_another_order_within_a_frame_are_refused() -> None:
    def swapped(arrays: list[object]) -> None:
        arrays[1], arrays[2] = arrays[2], arrays[1]

    read_episode(_arrays(SAMPLE, swapped))
    _refused(_arrays(SAMPLE, swapped), "canonical")


def test_an_array_in_a_frame_of_its_own_that_should_share_one_is_refused() -> None:
    assert read_episode(APART) == read_episode(SAMPLE)
    _refused(APART, "canonical")


def test_a_blob_that_no_step_names_is_refused() -> None:
    episode = sample_episode()
    _refused(write_episode(replace(episode, blobs=(*episode.blobs, b"unseen"))), "no step")


SKIPPABLE = frames.skippable(0x184D2A52, b"nobody sees this")


def test_a_skippable_frame_is_refused_wherever_it_stands() -> None:
    held = held_frames(SAMPLE)
    first = held[0]
    _refused(file_of(held, between=SKIPPABLE))
    _refused(file_of([with_data(first, first.data + SKIPPABLE), *held[1:]]))
    _refused(file_of([with_data(first, SKIPPABLE + first.data), *held[1:]]))
    unseen = HeldFrame("blob", "9", SKIPPABLE, b"")
    for at in range(len(held) + 1):
        _refused(file_of([*held[:at], unseen, *held[at:]]))
    _refused(SAMPLE + SKIPPABLE)
    _refused(SAMPLE[: layout.HEAD_BYTES] + SKIPPABLE + SAMPLE[layout.HEAD_BYTES :])


def test_bytes_behind_an_array_are_refused_in_every_frame() -> None:
    held = held_frames(APART)
    for at, frame in enumerate(held):
        more = with_content(frame, frame.content + b"\xc0")
        _refused(file_of([*held[:at], more, *held[at + 1 :]]))
    _refused(file_of(held_frames(SAMPLE), change_index=lambda content: content + b"\xc0"))


def test_a_key_that_stands_twice_is_refused_in_header_rows_and_shape() -> None:
    for kind, key in ((b"header", b"\xa6header"), (b"rows", b"\xa4kind"), (b"col", b"\xa5edits")):
        held = held_frames(APART)
        at = next(n for n, frame in enumerate(held) if kind in frame.content[:8])
        content = held[at].content
        place = content.index(key, 9) - 1  # behind the kind
        assert 0x81 <= content[place] < 0x8F, (kind, content[place])
        twice = bytes([content[place] + 1]) + key + b"\xc0"
        held[at] = with_content(held[at], content[:place] + twice + content[place + 1 :])
        _refused(file_of(held), "same key twice")


def test_a_longer_spelling_of_any_value_is_refused() -> None:
    """Each value of each frame, once, in the longest MessagePack form that means the same."""
    told = 0
    for file in (SAMPLE, JUMPING):
        held = held_frames(file)
        for at, frame in enumerate(held):
            for longer in _longer_forms(frame.content):
                assert msgpack.unpackb(longer, raw=False) == msgpack.unpackb(
                    frame.content, raw=False
                )
                _refused(file_of([*held[:at], with_content(frame, longer), *held[at + 1 :]]))
                told += 1
    assert told > 200
    _refused(
        file_of(held_frames(SAMPLE), change_index=lambda c: b"\xdc\0" + bytes([c[0] & 15]) + c[1:])
    )


def _longer_forms(content: bytes) -> list[bytes]:
    """Return the content with one value after the other told in a longer form."""
    found: list[bytes] = []
    at = 0
    while at < len(content):
        byte, rest = content[at], content[at + 1 :]
        if byte < 0x80:
            found.append(content[:at] + b"\xcf" + bytes(7) + content[at : at + 1] + rest)
            at += 1
        elif byte < 0x90:
            found.append(content[:at] + b"\xdf\0\0\0" + bytes([byte & 15]) + rest)
            at += 1
        elif byte < 0xA0:
            found.append(content[:at] + b"\xdd\0\0\0" + bytes([byte & 15]) + rest)
            at += 1
        elif byte < 0xC0:
            found.append(content[:at] + b"\xdb\0\0\0" + bytes([byte & 31]) + rest)
            at += 1 + (byte & 31)
        elif byte in (0xC4, 0xD9):
            longest = {0xC4: b"\xc6", 0xD9: b"\xdb"}[byte]
            found.append(content[:at] + longest + bytes(3) + rest)
            at += 2 + content[at + 1]
        else:
            at += {0xC0: 1, 0xC2: 1, 0xC3: 1, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xCB: 9,
                   0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9, 0xDC: 3, 0xDE: 3}.get(byte, 0) or (
                3 + int.from_bytes(content[at + 1 : at + 3], "big"))  # fmt: skip
    return found


def test_grains_and_places_that_no_writer_chooses_are_refused() -> None:
    """A writer has no choice for short columns, for zeros and for few jumps."""
    coded = columns.encode(read_episode(SAMPLE).edits)
    assert columns.coding_of(coded).grains == dict.fromkeys(columns.GRAINED, 1)

    def finer(arrays: list[object]) -> None:
        for array in arrays:
            if isinstance(array, list) and array[0] == "col":
                array[3]["grains"] = [1] * (len(columns.GRAINED) - 1) + [2]

    _refused(_arrays(SAMPLE, finer))


@pytest.mark.parametrize("grain", [1, 2, 3, 4, 5, 6])
def test_another_choice_of_grains_passes_where_there_is_one(
    grain: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another release of zstd measures otherwise: its files must pass here."""
    usual = EpisodeFile(JUMPING).codings()[0]
    open_to_choice = [name for name, chosen in usual.grains.items() if chosen > 1]
    assert open_to_choice  # so some columns of this episode are long enough
    chosen = {**usual.grains, **dict.fromkeys(open_to_choice, grain)}
    coding = Coding(grains=chosen, is_placed=usual.is_placed)
    encode = columns.encode
    monkeypatch.setattr(columns, "encode", lambda table, _=None: encode(table, coding))
    other = write_episode(jumping_episode())
    monkeypatch.undo()
    assert EpisodeFile(other).codings() == [coding]
    assert strict_check(other) == jumping_episode()


def test_jumps_that_are_told_plainly_pass_where_places_would_be_shorter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = EpisodeFile(JUMPING).codings()[0]
    coding = Coding(grains=dict.fromkeys(columns.GRAINED, 1), is_placed=not usual.is_placed)
    encode = columns.encode
    monkeypatch.setattr(columns, "encode", lambda table, _=None: encode(table, coding))
    other = write_episode(jumping_episode())
    monkeypatch.undo()
    assert EpisodeFile(other).codings()[0].is_placed is not usual.is_placed
    assert strict_check(other) == jumping_episode()


# The compressed form


def _compressed(content: bytes, **changes: object) -> bytes:
    kept = {"write_checksum": True, "write_content_size": True, "write_dict_id": False}
    made = zstandard.ZstdCompressionParameters.from_level(19, **{**kept, **changes})  # type: ignore[arg-type]  # its options
    return zstandard.ZstdCompressor(compression_params=made).compress(content)


@pytest.mark.parametrize("level", [3, 6, 12, 19, 22])
def test_another_level_of_zstd_passes_since_the_contents_are_the_same(level: int) -> None:
    for file in FILES:
        held = held_frames(file)
        made = zstandard.ZstdCompressor(level=level, write_checksum=True)
        other = file_of([with_data(frame, made.compress(frame.content)) for frame in held])
        assert same_contents(other, file)
        assert strict_check(other) == read_episode(file)


def test_a_frame_without_size_or_checksum_or_with_a_window_of_its_own_is_refused() -> None:
    held = held_frames(JUMPING)
    for at, frame in enumerate(held):
        stream = zstandard.ZstdCompressor(level=19, write_checksum=True).compressobj()
        unsized = stream.compress(frame.content) + stream.flush()
        for other in (
            unsized,
            _compressed(frame.content, write_checksum=False),
            _compressed(frame.content, write_content_size=False),
            _compressed(frame.content, window_log=10) if len(frame.content) > 1024 else unsized,
            frame.data[:4] + bytes([frame.data[4] ^ 0x10]) + frame.data[5:],  # the unused bit
        ):
            _refused(file_of([*held[:at], with_data(frame, other), *held[at + 1 :]]))


def _stored(content: bytes, sizes: list[int], *, repeat: bool = False) -> bytes:
    """Return a frame of raw blocks of these sizes, and one of all that is left."""
    whole = frames.compress(content)
    header = whole[: 5 + (1, 2, 4)[whole[4] >> 6]]
    blocks, at = [], 0
    rest = [*sizes, len(content) - sum(sizes)]
    for number, size in enumerate(rest):
        is_last = number == len(rest) - 1
        blocks.append((size << 3 | is_last).to_bytes(3, "little") + content[at : at + size])
        at += size
    return header + b"".join(blocks) + whole[-4:]


def test_a_content_that_is_not_compressed_at_all_is_refused() -> None:
    held = held_frames(JUMPING)
    stored = _stored(held[0].content, [])
    assert frames.decompress(stored) == held[0].content
    forged = file_of([with_data(held[0], stored), *held[1:]])
    assert same_contents(forged, JUMPING)
    _refused(forged, "bytes for what zstd says in")


def test_empty_blocks_are_refused_but_for_one_at_the_end() -> None:
    content = b"0123456789"
    frame_form.refuse_other_form(_stored(content, []), content)
    frame_form.refuse_other_form(_stored(content, [10]), content)
    for sizes in ([0], [4, 0], [0, 10], [10, 0]):
        frame = _stored(content, sizes)
        assert frames.decompress(frame) == content
        with pytest.raises(ValueError, match="empty block"):
            frame_form.refuse_other_form(frame, content)


def test_bytes_cannot_be_hidden_in_many_small_blocks() -> None:
    """The sizes of blocks could say something: a bit per byte of content, three bytes each."""
    content = b"".join(bytes([65 + n % 7, 66, 67]) for n in range(100))
    with pytest.raises(ValueError, match="bytes for what zstd says in"):
        frame_form.refuse_other_form(_stored(content, [1] * 60), content)


def test_a_block_that_says_a_size_in_more_bytes_than_needed_is_refused() -> None:
    """Twenty literals, all one byte, and no sequences."""
    content = b"a" * 20
    whole = frames.compress(content)

    def framed(block: bytes) -> bytes:
        return whole[:6] + (len(block) << 3 | 2 << 1 | 1).to_bytes(3, "little") + block + whole[-4:]

    short = framed(bytes([20 << 3 | 1]) + b"a\0")
    assert frames.decompress(short) == content
    frame_form.refuse_other_form(short, content)
    longer = [(20 << 4 | form << 2 | 1).to_bytes(form // 2 + 2, "little") for form in (1, 3)]
    for literals in longer:
        frame = framed(literals + b"a\0")
        assert frames.decompress(frame) == content
        with pytest.raises(ValueError, match="longer way"):
            frame_form.refuse_other_form(frame, content)
    for sequences in (b"", b"\x80\0", b"\x80\x01\0", b"\x01", b"\x01\x03", b"\xff"):
        with pytest.raises(ValueError, match="longer way"):
            frame_form.refuse_other_form(framed(short[9:11] + sequences), content)


@pytest.mark.parametrize("size", [255, 256, 65_791, 65_792, 1 << 23, (1 << 23) + 1])
def test_the_header_of_every_size_is_the_one_that_zstd_writes(size: int) -> None:
    content = bytes(size)
    frame_form.refuse_other_form(frames.compress(content), content)
    cut = frames.compress(content, [100, size // 2])
    frame_form.refuse_other_form(cut, content)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), st.integers(1, 300_000), st.lists(st.integers(1, 300_000), max_size=4))
def test_no_frame_of_ours_is_refused_whatever_it_holds(
    kind: int, size: int, places: list[int]
) -> None:
    seed = (kind, size)
    content = _content(kind, size, repr(seed))
    for frame in (frames.compress(content), frames.compress(content, sorted({*places}))):
        if len(frame) <= len(frames.compress(content)):  # what `Content.compressed` keeps
            frame_form.refuse_other_form(frame, content)


def _content(kind: int, size: int, seed: str) -> bytes:
    import random

    source = random.Random(seed)  # noqa: S311
    match kind:
        case 0:
            return source.randbytes(size)
        case 1:
            return (source.randbytes(source.randint(1, 60)) * size)[:size]
        case 2:
            return b"".join(n.to_bytes(4, "little") for n in range(size // 4 + 1))[:size]
        case 3:
            return bytes(source.choices(b"\0\1\2", (90, 9, 1), k=size))
        case 4:
            words = [source.randbytes(source.randint(2, 9)) for _ in range(60)]
            return b" ".join(source.choices(words, k=size // 3 + 1))[:size]
        case _:
            return (SAMPLE * (size // len(SAMPLE) + 1))[:size]
