"""What a fuzzer calls: bytes of strangers, read in every way there is.

The first byte says what the rest is: a whole file, the MessagePack content of a frame of parts
in a file that is whole otherwise, one chunk of columns, or an editing trace. Checksums would
else keep a fuzzer from ever getting past the first frame.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from signoff_collector.episode import frames
from signoff_collector.episode.file import layout
from signoff_collector.episode.file.reader import EpisodeFile, read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.json_form import step_rows
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.imports.editing_trace import make_episode, parse_times, parse_trace
from signoff_schemas.errors import DamagedError, NewerVersionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.episode.content import Episode

WHOLE, PARTS, FRAME, TRACE, TIMES = range(5)
REFUSALS: Final = (DamagedError, NewerVersionError)
"""What may come out; everything else is a fault of ours."""


def run(data: bytes) -> None:
    """Read `data`.

    Raises:
        Exception: anything but a refusal is a fault.
    """
    if not data:
        return
    kind, rest = data[0] % len(TARGETS), data[1:]
    with contextlib.suppress(*REFUSALS):
        TARGETS[kind](rest)


def file_of(kind: str, content: bytes) -> bytes:
    """Return a file with one frame of that kind, whole in every other way."""
    frame = frames.compress(content)
    entry = layout.FrameEntry(kind=kind, name="0", offset=layout.HEAD_BYTES, length=len(frame))
    index = frames.compress(frames.pack(["index", "", 1, layout.index_body([entry])]))
    return b"".join([layout.head(), frame, index, layout.tail(entry.offset + len(frame), index)])


def _whole(data: bytes) -> None:
    file = EpisodeFile(data)
    file.damages()
    looks: tuple[Callable[[], object], ...] = (
        lambda: file.header,
        lambda: list(file.walk()),
        lambda: file.step_times,
        lambda: file.steps,
        lambda: file.edits,
        lambda: file.blobs,
        lambda: strict_check(data),
    )
    for look in looks:
        with contextlib.suppress(*REFUSALS):
            look()
    _replay(read_episode(data))


def _replay(episode: Episode) -> None:
    moments = Moments(episode)
    with contextlib.suppress(*REFUSALS):
        check_replay(episode)
    for seq in range(0, episode.step_count, max(episode.step_count // 8, 1)):
        with contextlib.suppress(*REFUSALS):
            moments.tree(seq)
    for _ in step_rows(episode):
        pass


def _parts(data: bytes) -> None:
    head = frames.pack([layout.PARTS, "0", 1, None])[:-1]
    _whole(file_of(layout.PARTS, head + data))


def _frame(data: bytes) -> None:
    _whole(layout.head() + data)


def _trace(data: bytes) -> None:
    trace = parse_trace(data)
    _replay(make_episode(trace, name="t.txt", wall_ns=trace.wall_ns))


def _times(data: bytes) -> None:
    parse_times(data)


TARGETS: Final = (_whole, _parts, _frame, _trace, _times)
