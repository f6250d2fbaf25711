"""Every damage of a file is noticed, and costs only what needs the part it hit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.cli import signoff
from tests.support.episodes import sample_episode, written_apart
from tests.support.mutated import same_contents

from signoff_collector.episode.file.reader import EpisodeFile, read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_schemas.errors import DamagedError, NewerVersionError

ROOT = Path(__file__).resolve().parents[4]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("version_*/*.episode"))
NAMES = [f"{path.parent.name}-{path.stem}" for path in GOLDEN]


APART = written_apart(sample_episode())


def _flipped(data: bytes, place: int, mask: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= mask
    return bytes(changed)


@pytest.mark.parametrize("path", GOLDEN, ids=NAMES)
def test_every_flip_of_a_bit_or_of_a_whole_byte_is_noticed_or_harmless(path: Path) -> None:
    data = path.read_bytes()
    whole = read_episode(data)
    harmless: list[bytes] = []
    for place in range(len(data)):
        for mask in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            flipped = _flipped(data, place, mask)
            try:
                assert read_episode(flipped) == whole
                harmless.append(flipped)
            except (DamagedError, NewerVersionError):
                continue
    passed = [flipped for flipped in harmless if _is_strict(flipped)]
    assert len(passed) <= len(harmless) < 64  # bits of zstd that say nothing
    for flipped in passed:
        assert same_contents(flipped, data)


def _is_strict(data: bytes) -> bool:
    try:
        strict_check(data)
    except DamagedError:
        return False
    return True


@pytest.mark.parametrize("path", GOLDEN, ids=NAMES)
def test_every_truncation_is_noticed(path: Path) -> None:
    data = path.read_bytes()
    for length in range(len(data)):
        with pytest.raises(DamagedError):
            read_episode(data[:length])


@given(st.integers(0, len(APART) - 1), st.integers(1, 255))
def test_a_flip_costs_nothing_in_other_frames(place: int, mask: int) -> None:
    whole = EpisodeFile(APART)
    try:
        file = EpisodeFile(_flipped(APART, place, mask))
    except (DamagedError, NewerVersionError):
        assert place < whole.frames[0].offset
        return
    found = {(entry.kind, entry.name): entry for entry in file.entries}
    for entry in whole.entries:
        if entry.offset <= place < entry.offset + entry.length:
            continue
        assert file.body(found[entry.kind, entry.name]) == whole.body(entry)


@pytest.mark.usefixtures("home")
def test_check_names_the_frame_and_where_it_begins(tmp_path: Path) -> None:
    entry = EpisodeFile(APART).entries[-1]
    path = tmp_path / "x.episode"
    path.write_bytes(_flipped(APART, entry.offset + entry.length - 1, 1))
    said = signoff("check", path)
    assert said.code == 11, said
    assert f"{entry} at byte {entry.offset} is damaged" in said.err
