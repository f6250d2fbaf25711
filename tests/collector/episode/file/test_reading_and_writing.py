"""The file: round trips, equal bytes, stock tools, and every way of being damaged."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgpack  # type: ignore[import-untyped]  # ships no types
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.schemas.test_cases import ROWS, run_of
from tests.support.deadline import deadline
from tests.support.episodes import (
    ASTRAL,
    edit,
    edit_tables,
    header,
    same_tables,
    sample_episode,
    written_apart,
)
from tests.support.mutated import same_contents

from signoff_collector.episode import frames
from signoff_collector.episode.columns import columns
from signoff_collector.episode.content import EditTable, Episode
from signoff_collector.episode.file import layout, parts, reader, rows
from signoff_collector.episode.file.reader import EpisodeFile, read_bytes, read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_schemas.errors import DamagedError, NewerVersionError, NotFoundError
from signoff_schemas.steps import NoteStep, ResyncStep, parse_step

pytestmark = pytest.mark.slow

SAMPLE = write_episode(sample_episode())


APART = written_apart(sample_episode())


def _zstd(*arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["zstd", *arguments], capture_output=True, timeout=deadline(), check=True
        )
    except FileNotFoundError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no zstd program on this machine")
    return done.stdout


def test_an_episode_comes_back_the_same() -> None:
    assert read_episode(SAMPLE) == sample_episode()


def test_blobs_and_rows_behind_large_ones_come_back_in_order() -> None:
    noise = random.Random(20261122)  # noqa: S311
    sizes = (10, 20_000, 30, 2_000_000, 40, 9_000, 50)
    blobs = tuple(noise.randbytes(size) for size in sizes)
    steps = tuple(
        ResyncStep(
            seq=seq,
            t_ns=0,
            source="s",
            path=f"{seq}{ASTRAL}",
            reason="git",
            target="disk",
            blob=seq,
        )
        for seq in range(len(blobs))
    )
    more = tuple(
        NoteStep(seq=seq, t_ns=0, source="s", text="") for seq in range(len(steps), 65_540)
    )
    for kept in (steps, steps + more):
        episode = Episode(
            header=header(steps=len(kept)),
            files=(),
            steps=kept,
            edits=EditTable.from_rows([]),
            blobs=blobs,
        )
        data = write_episode(episode)
        assert read_episode(data) == episode
        strict_check(data)


@settings(max_examples=30)
@given(edit_tables(max_size=20))
def test_any_edits_come_back_the_same(edits: EditTable) -> None:
    episode = Episode(header=header(), files=("a", "b", "c", "d"), edits=edits)
    data = write_episode(episode)
    assert same_tables(read_episode(data).edits, edits)
    assert strict_check(data) == episode


@settings(max_examples=30)
@given(edit_tables(max_size=40))
def test_very_large_episodes_are_written_in_chunks(edits: EditTable) -> None:
    episode = Episode(header=header(), files=("a", "b", "c", "d"), edits=edits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "SINGLE_CHUNK_EDITS", 5)
        patch.setattr(columns, "CHUNK_EDITS", 3)
        patch.setattr(columns, "CHUNK_CHARACTERS", 9)
        data = write_episode(episode)
        assert same_tables(read_episode(data).edits, edits)


def test_long_outputs_are_written_in_several_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "ROW_BYTES_PER_FRAME", 100)
    data = write_episode(sample_episode())
    assert sum(entry.kind == "rows" for entry in EpisodeFile(data).entries) > 5
    assert strict_check(data) == sample_episode()


def test_what_no_reader_would_accept_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAME_BYTES", 100)
    with pytest.raises(ValueError, match="would hold"):
        write_episode(sample_episode())


def test_a_file_that_says_it_holds_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_TOTAL_BYTES", 1000)
    with pytest.raises(DamagedError, match="1000 are allowed"):
        read_episode(SAMPLE)


@pytest.mark.parametrize("data", [SAMPLE, APART], ids=["together", "apart"])
def test_steps_can_be_made_one_by_one(data: bytes) -> None:
    assert tuple(EpisodeFile(data).walk()) == sample_episode().steps


def test_a_row_of_another_form_is_damage_when_it_is_walked_to() -> None:
    data = _replaced(
        ("rows", "0"),
        lambda _: [
            b"\0\1",
            b"\0\0",
            [{"kind": "note", "source": "s", "text": "x"}, {"kind": "note", "text": 7}],
        ],
    )
    steps = EpisodeFile(data).walk()
    assert next(steps).seq == 0
    with pytest.raises(DamagedError, match="frame rows 0"):
        next(steps)


def test_the_same_content_gives_the_same_bytes() -> None:
    assert write_episode(sample_episode()) == SAMPLE
    assert write_episode(read_episode(SAMPLE)) == SAMPLE


def test_a_half_surrogate_in_a_step_becomes_a_replacement_character() -> None:
    note = NoteStep.model_construct(seq=0, t_ns=0, source="s", text=f"\ud83d{ASTRAL}")
    data = write_episode(Episode(header=header(), steps=(note,)))
    found = read_episode(data).steps[0]
    assert isinstance(found, NoteStep)
    assert found.text == f"\ufffd{ASTRAL}"


def test_a_kind_from_a_newer_release_is_kept() -> None:
    unknown = parse_step({"kind": "dream", "seq": 0, "t_ns": 0, "source": "s", "about": ASTRAL})
    data = write_episode(Episode(header=header(), steps=(unknown,)))
    assert read_episode(data).steps == (unknown,)


@pytest.mark.parametrize("numbers", [(0, 2), (1, 2), (0, 0)], ids=["a gap", "not from 0", "twice"])
def test_steps_not_numbered_without_a_gap_are_not_written(numbers: tuple[int, int]) -> None:
    steps = tuple(NoteStep(seq=n, t_ns=0, source="s", text="x") for n in numbers)
    with pytest.raises(ValueError, match="numbered"):
        write_episode(Episode(header=header(), steps=steps))


# Stock tools (P9)


def test_stock_zstd_accepts_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.episode"
    path.write_bytes(SAMPLE)
    _zstd("-t", str(path))
    stream = _zstd("-dc", str(path))
    arrays = list(msgpack.Unpacker(io.BytesIO(stream), strict_map_key=True))
    assert [array[:3] for array in arrays] == [["parts", "0", 1], ["index", "", 1]]
    assert [part[0] for part in arrays[0][3]] == ["blob", "header", "rows", "col"]


def test_one_python_stream_reader_gives_all_arrays() -> None:
    stream = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(SAMPLE), read_across_frames=True)
    kinds = [array[0] for array in msgpack.Unpacker(stream, strict_map_key=True)]
    assert kinds == ["parts", "index"]


def test_the_text_column_is_readable_as_it_stands() -> None:
    for data in (SAMPLE, APART):
        stream = zstandard.ZstdDecompressor().stream_reader(
            io.BytesIO(data), read_across_frames=True
        )
        assert b"b = 2\n3" in stream.read()


# Damage


def _read_everything(data: bytes) -> None:
    """Read a file in every way there is; only the errors of the tree may come out."""
    for read in (read_episode, strict_check, _parts):
        try:
            read(data)
        except DamagedError:
            continue


def _parts(data: bytes) -> None:
    file = EpisodeFile(data)
    file.damages()
    for look in (lambda: file.header, lambda: file.steps, lambda: file.edits, lambda: file.blobs):
        try:
            look()
        except DamagedError:
            continue


@given(st.integers(0, len(SAMPLE) - 1), st.integers(1, 255))
def test_any_flipped_byte_is_noticed_or_says_nothing(place: int, mask: int) -> None:
    data = bytearray(SAMPLE)
    data[place] ^= mask
    try:
        strict_check(bytes(data))
    except DamagedError:
        pass
    else:
        assert same_contents(bytes(data), SAMPLE)  # a bit of zstd that says nothing
    _read_everything(bytes(data))


@given(st.integers(0, len(SAMPLE) - 1))
def test_any_truncation_is_noticed(length: int) -> None:
    with pytest.raises(DamagedError):
        read_episode(SAMPLE[:length])
    _read_everything(SAMPLE[:length])


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused(content: bytes) -> None:
    for data in (content, SAMPLE[: layout.HEAD_BYTES] + content):
        with pytest.raises(DamagedError):
            read_episode(data)
        _read_everything(data)


def _replaced(place: tuple[str, str], change: Callable[[object], object]) -> bytes:
    """Return the sample with the body of one frame replaced and a fitting index."""
    file = EpisodeFile(SAMPLE)
    parts, entries, at = [layout.head()], [], layout.HEAD_BYTES
    for entry in file.entries:
        body = file.body(entry)
        if (entry.kind, entry.name) == place:
            body = change(body)
        frame = frames.compress(frames.pack([entry.kind, entry.name, 1, body]))
        entries.append(replace(entry, offset=at, length=len(frame)))
        parts.append(frame)
        at += len(frame)
    index = frames.compress(frames.pack(["index", "", 1, layout.index_body(entries)]))
    return b"".join([*parts, index, layout.tail(at, index)])


_JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.binary(max_size=8)
    | st.text(max_size=4) | st.floats(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=30)
@given(st.sampled_from(EpisodeFile(SAMPLE).entries), _JSON_LIKE)
def test_a_frame_with_a_foreign_body_is_refused(entry: layout.FrameEntry, body: object) -> None:
    data = _replaced((entry.kind, entry.name), lambda _: body)
    _read_everything(data)
    if not isinstance(body, list | bytes):
        with pytest.raises(DamagedError):
            read_episode(data)


@settings(max_examples=30)
@given(st.sampled_from(["edits", "unit_ns", "grains", "slow"]), _JSON_LIKE)
def test_a_foreign_shape_is_refused(field: str, value: object) -> None:
    data = _replaced(("col", "0/shape"), lambda shape: {**dict(shape), field: value})  # type: ignore[call-overload]  # a map
    with pytest.raises(DamagedError):
        strict_check(data)
    _read_everything(data)


def test_damage_names_the_frame_and_where_it_begins() -> None:
    file = EpisodeFile(APART)
    entry = next(entry for entry in file.entries if entry.name == "0/text")
    data = bytearray(APART)
    data[entry.offset + entry.length - 1] ^= 1
    with pytest.raises(DamagedError, match=f"col 0/text at byte {entry.offset}") as caught:
        read_episode(bytes(data))
    assert caught.value.offset_bytes == entry.offset
    assert caught.value.exit_code == 11


def test_a_damaged_text_column_costs_the_edits_alone() -> None:
    entry = next(entry for entry in EpisodeFile(APART).entries if entry.name == "0/text")
    data = bytearray(APART)
    data[entry.offset + entry.length - 1] ^= 1
    file = EpisodeFile(bytes(data))
    assert file.header == sample_episode().header
    assert file.steps == sample_episode().steps
    assert file.blobs == sample_episode().blobs
    with pytest.raises(DamagedError):
        _ = file.edits


@pytest.mark.parametrize("data", [SAMPLE, APART], ids=["together", "apart"])
def test_without_its_index_a_file_is_found_by_scanning(data: bytes) -> None:
    whole = EpisodeFile(data)
    index_at = whole.frames[-1].offset + whole.frames[-1].length
    for cut in (data[:index_at], data[: index_at + 9], data[:-1]):
        file = EpisodeFile(cut)
        assert file.faults
        assert file.entries == whole.entries
        assert file.episode() == sample_episode()


def test_scanning_goes_on_behind_a_damaged_frame() -> None:
    whole = EpisodeFile(APART)
    frame = next(entry for entry in whole.entries if entry.kind == "rows")
    data = APART[: frame.offset] + b"\0" * frame.length + APART[frame.offset + frame.length : -30]
    found = EpisodeFile(data)
    assert found.entries == [entry for entry in whole.entries if entry != frame]


def test_parts_that_are_damaged_cost_only_what_they_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PARTS_BYTES", 600)
    data = bytearray(write_episode(sample_episode()))
    held = [frame for frame in EpisodeFile(bytes(data)).frames if frame.kind == "parts"]
    assert len(held) > 2
    data[held[-1].offset + held[-1].length - 1] ^= 1
    file = EpisodeFile(bytes(data))
    assert [str(error).split(":")[0] for error in file.damages()] == [
        f"frame parts {len(held) - 1} at byte {held[-1].offset} is damaged"
    ]
    assert file.header == sample_episode().header
    assert file.steps == sample_episode().steps
    with pytest.raises(DamagedError):
        _ = file.episode()


@pytest.mark.parametrize(
    "part",
    [["parts", "1", 1, []], ["index", "", 1, []], ["rows", "0"], "rows", None,
     ["blob", "0", 0, []], ["blob", "0", True, []], ["blob", "0", False, []]],
    ids=["parts", "index", "short", "text", "nil", "version 0", "true", "false"],
)  # fmt: skip
def test_what_is_no_part_is_refused(part: object) -> None:
    frame = frames.compress(frames.pack(["parts", "0", 1, [part]]))
    entry = layout.FrameEntry(kind="parts", name="0", offset=layout.HEAD_BYTES, length=len(frame))
    index = frames.compress(frames.pack(["index", "", 1, layout.index_body([entry])]))
    at = layout.HEAD_BYTES + len(frame)
    data = layout.head() + frame + index + layout.tail(at, index)
    assert EpisodeFile(data).entries == []
    with pytest.raises(DamagedError, match="frame parts 0"):
        read_episode(data)


def test_a_newer_version_says_which_release_reads_what() -> None:
    data = bytearray(SAMPLE)
    data[16:18] = struct.pack("<H", 7)
    with pytest.raises(NewerVersionError, match="version 7"):
        read_episode(bytes(data))


def test_a_frame_that_says_it_is_huge_is_refused_unopened() -> None:
    bomb = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(b"\0" * (65 << 20))
    with pytest.raises(ValueError, match="says it holds"):
        frames.decompress(bomb)


def test_a_frame_without_its_size_is_refused() -> None:
    writer = zstandard.ZstdCompressor(write_content_size=False, write_checksum=True)
    with pytest.raises(ValueError, match="frame"):
        frames.decompress(writer.compress(b"x" * 1000))


def test_a_frame_with_a_window_beyond_8_mib_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(
        3, window_log=25, write_checksum=True
    )
    big = zstandard.ZstdCompressor(compression_params=parameters).compress(os.urandom(33 << 20))
    with pytest.raises(ValueError, match="window"):
        frames.decompress(big)


def test_large_frames_keep_to_a_window_of_8_mib() -> None:
    frame = frames.compress(bytes(range(256)) * (9 << 12))
    assert zstandard.get_frame_parameters(frame).window_size <= 8 << 20
    assert len(frames.decompress(frame)) == 9 << 20


def test_more_edits_than_allowed_are_refused_before_memory_is_taken() -> None:
    data = _replaced(("col", "0/shape"), lambda shape: {**dict(shape), "edits": 1 << 40})  # type: ignore[call-overload]  # a map
    with pytest.raises(DamagedError, match="too many edits"):
        read_episode(data)


@pytest.mark.parametrize("make", ["missing", "folder", "pipe"])
def test_what_is_no_regular_file_is_refused(tmp_path: Path, make: str) -> None:
    path = tmp_path / "x.episode"
    if make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    with pytest.raises((DamagedError, NotFoundError)):
        read_bytes(path)


# Strict (threat 9)


def test_a_third_skippable_frame_is_refused() -> None:
    smuggled = frames.skippable(0x184D2A50, b"nobody sees this")
    file = EpisodeFile(SAMPLE)
    at = file.frames[-1].offset + file.frames[-1].length
    index = SAMPLE[at : -layout.TAIL_BYTES]
    data = SAMPLE[:at] + smuggled + index + layout.tail(at + len(smuggled), index)
    with pytest.raises(DamagedError):
        strict_check(data)


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(DamagedError):
        strict_check(SAMPLE + b"\0")


def test_bytes_after_the_array_in_a_frame_are_refused() -> None:
    frame = frames.compress(frames.pack(["index", "", 1, []]) + b"\xc0")
    with pytest.raises(DamagedError, match="extra data"):
        layout.read_array(frame, "frame", 0)


def test_a_blob_without_a_step_is_refused() -> None:
    episode = sample_episode()
    data = write_episode(replace(episode, blobs=(*episode.blobs, b"nobody sees this")))
    with pytest.raises(DamagedError, match="blob 4 belongs to no step"):
        strict_check(data)


def test_a_key_that_stands_twice_is_refused() -> None:
    twice = b"\x82\xa1a\x01\xa1a\x02"
    with pytest.raises(ValueError, match="same key twice"):
        frames.unpack(twice)


def test_a_field_nobody_shows_is_refused() -> None:
    data = _replaced(("header", ""), lambda body: {**dict(body), "more": "hidden"})  # type: ignore[call-overload]  # a map
    read_episode(data)
    with pytest.raises(DamagedError, match="canonical"):
        strict_check(data)


def test_a_reference_to_a_blob_that_is_not_there_is_refused() -> None:
    episode = sample_episode()
    with pytest.raises(DamagedError, match="blob 3 of 3"):
        read_episode(write_episode(replace(episode, blobs=episode.blobs[:3])))


def test_an_ordinal_that_names_nothing_is_refused() -> None:
    episode = Episode(
        header=header(), files=("a",), edits=EditTable.from_rows([edit(0, 0, 0, "x", file=4)])
    )
    with pytest.raises(DamagedError, match="column file"):
        read_episode(write_episode(episode))


@given(ROWS, st.booleans())
def test_a_row_of_a_run_holds_what_its_model_publishes(
    cases: list[dict[str, object]], is_copied: bool
) -> None:
    step = run_of(cases, services=["postgresql"], disk=[{"path": ASTRAL}])
    if is_copied:  # never validated: its cases are a tuple
        step = step.model_copy(update={"cases": tuple(step.cases)})
    dumped = step.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    row = {"kind": "tests", **{k: v for k, v in dumped.items() if k not in {"seq", "t_ns", "kind"}}}
    assert frames.pack(rows.fields_of(step)) == frames.pack(row)
