"""Checks that a file is canonical, before it is signed, verified, sent or taken in.

What its frames hold, decompressed, must be what a writer makes of the episode that is read from
them, so it can hide nothing: no third skippable frame, no blob without a step, no duplicate key,
no longer spelling of a number, no bytes after an array or after the end. Compressed bytes are not
compared, since they depend on the release of zstd; their form and size are checked
(`frame_form`), and what a writer chooses by compressed size is taken from the file. So every
release judges alike (docs/decisions/0031-canonical-check.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode import frames
from signoff_collector.episode.file import layout
from signoff_collector.episode.file.frame_form import refuse_other_form
from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.writer import arranged
from signoff_collector.episode.uncollected import uncollected
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.file.layout import FrameEntry
    from signoff_collector.episode.file.parts import Content

_NOT_CANONICAL: Final = "the file is not in its one canonical form"
_HINT: Final = (
    "It was changed after sealing, or made by other code than its header names; review and sign"
    " it with this release."
)


def strict_check(data: bytes) -> Episode:
    """Return the episode in `data`, which must be canonical.

    Raises:
        DamagedError: a frame holds other bytes than a writer puts there or is compressed in
            another form than zstd's, or a blob is not referred to by any step.
        NewerVersionError: a newer release wrote it.
    """
    with uncollected():
        file = EpisodeFile(data)
        if file.faults:
            raise file.faults[0]
        episode = file.episode()
        _refuse_untold(file, episode)
        _compare(_Frames(data, file), file, episode)
    return episode


def _refuse_untold(file: EpisodeFile, episode: Episode) -> None:
    header = episode.header
    if header.origin == "shared" and header.started_wall_ns is not None:
        raise DamagedError("the shared file tells the time of day, which no review lets out")
    unseen = sorted(set(range(len(episode.blobs))) - file.blob_references)
    if unseen:
        raise DamagedError(f"blob {unseen[0]} belongs to no step ({len(unseen)} such blobs)")


@dataclass(frozen=True, slots=True)
class _Frames:
    """The frames of a file, each of which is compared with what a writer would put there."""

    data: bytes
    file: EpisodeFile

    def compare(self, wanted: Content) -> tuple[str, str]:
        """Compare one frame; return its kind and name.

        Raises:
            DamagedError: it is not there, holds something else, or in another form.
        """
        place = wanted.kind, wanted.name
        entry = next((e for e in self.file.frames if (e.kind, e.name) == place), None)
        if entry is None:
            what = f"frame {wanted.kind} {wanted.name}".rstrip()
            raise _not_canonical(f"it has no {what}", layout.HEAD_BYTES)
        self.compare_bytes(entry, wanted.packed)
        return place

    def compare_bytes(self, entry: FrameEntry, wanted: bytes) -> None:
        """Compare what the frame at `entry` holds with what it should.

        Raises:
            DamagedError: it holds something else, or in another form.
        """
        frame = self.data[entry.offset : entry.offset + entry.length]
        try:
            content = frames.decompress(frame)
            if content == wanted:
                refuse_other_form(frame, content)
        except ValueError as error:
            raise _not_canonical(f"{entry}: {error}", entry.offset) from error
        if content != wanted:
            pairs = zip(content, wanted, strict=False)
            shorter = min(len(content), len(wanted))
            at = next((i for i, (found, right) in enumerate(pairs) if found != right), shorter)
            what = f"byte {at} of what {entry} holds differs when it is written again"
            raise _not_canonical(what, entry.offset)


def _compare(held: _Frames, file: EpisodeFile, episode: Episode) -> None:
    """Compare every frame with what a writer makes of the episode, and the index with them.

    The reader has seen that the head is first, that frames follow one another up to the index,
    and that index and tail end the file (``layout.read_index``), so nothing else is in it.
    """
    try:
        places = list(arranged(episode, held.compare, file.codings()))
    except ValueError as error:
        raise _not_canonical(f"it cannot be written again: {error}", 0) from error
    if places != [(entry.kind, entry.name) for entry in file.frames]:
        raise _not_canonical("its frames are others, or in another order", layout.HEAD_BYTES)
    begin = file.frames[-1].offset + file.frames[-1].length
    length = len(held.data) - layout.TAIL_BYTES - begin
    index = layout.FrameEntry(kind="index", name="", offset=begin, length=length)
    held.compare_bytes(index, layout.index_array(file.frames))


def _not_canonical(what: str, offset: int) -> DamagedError:
    return DamagedError(f"{_NOT_CANONICAL}: {what}", hint=_HINT, offset_bytes=offset)
