"""Another binding of zstd writes and reads the same frames; foreign bytes end in one error."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from tests.support import zstd_other

from signoff_collector.episode import frames, zstd

TEXTS = st.one_of(
    st.binary(max_size=3_000),
    st.tuples(st.binary(min_size=1, max_size=40), st.integers(1, 60_000)).map(
        lambda told: (told[0] * told[1])[: 2 << 20]
    ),
)


@given(TEXTS, st.lists(st.integers(1, 2 << 20), max_size=3, unique=True).map(sorted))
def test_another_binding_writes_and_reads_the_same_frame(content: bytes, places: list[int]) -> None:
    inside = [place for place in places if place < len(content)]
    frame = frames.compress(content, places)
    options = frames.zstd_options(len(content))
    if ".".join(map(str, zstandard.ZSTD_VERSION)) == zstd.VERSION:
        assert zstd_other.compress_frame(content, options, inside) == frame
    assert zstd_other.decompress_frame(frame, frames.WINDOW_LOG, len(content)) == content
    assert frames.decompress(frame) == content
    assert frames.content_size(frame, 0) == len(content)
    assert frames.frame_length(b"!" + frame + b"!", 1) == len(frame)


@given(st.binary(max_size=400), st.integers(0, 1 << 20), st.integers(0, 255))
def test_changed_frames_give_their_content_or_one_error(
    content: bytes, place: int, put: int
) -> None:
    frame = bytearray(frames.compress(content))
    frame[place % len(frame)] = put
    with contextlib.suppress(ValueError):
        assert frames.decompress(bytes(frame)) == content


@given(st.binary(max_size=60))
def test_any_bytes_end_in_one_error(tail: bytes) -> None:
    for data in (tail, frames.ZSTD_MAGIC + tail):
        assert frames.content_size(data, 0) >= 0
        for read in (frames.decompress, lambda found: frames.frame_length(found, 0)):
            with contextlib.suppress(ValueError):
                read(data)


@pytest.mark.parametrize("behind", [b"!", frames.compress(b"more"), frames.skippable(1, b"")])
def test_a_frame_is_one_frame_and_nothing_behind_it(behind: bytes) -> None:
    with pytest.raises(ValueError, match="does not end where it says"):
        frames.decompress(frames.compress("\U0001f389\U0001d11e".encode()) + behind)


def test_a_frame_that_holds_more_than_it_says_is_refused() -> None:
    frame = bytearray(frames.compress(b"ab" * 100))  # 200 bytes in a field of one
    assert frame[5] == 200
    frame[5] = 100
    with pytest.raises(ValueError, match="frame"):
        frames.decompress(bytes(frame))


def test_a_python_without_zstd_is_told_in_a_sentence() -> None:
    program = (
        "import sys\n"
        "sys.modules['backports'] = sys.modules['compression'] = None\n"
        "from signoff_schemas.errors import SignoffError\n"
        "try:\n"
        "    from signoff_collector.episode import frames\n"
        "except SignoffError as error:\n"
        "    print(error, error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "cannot unpack zstd" in done.stdout
    assert "built with zstd" in done.stdout
