"""How much of what happened the recording holds: replay, coverage, authors, masks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signoff_collector.episode.content import decode_text
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.levels.writing.shares import shares
from signoff_collector.text.differences import one_change
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import FilesStep, OpenStep, ResyncStep
from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_schemas.steps import AnyStep

Content = str | bytes | None
_NOT_KNOWN = frozenset({ActorClass.UNKNOWN, ActorClass.PREEXISTING})


def replay_share(episode: Episode) -> float | None:
    """Return the share of comparisons of replay and disk that agreed; None: there was none."""
    try:
        report = check_replay(episode)
    except DamagedError:
        return 0.0
    return report.matched / report.checkpoints if report.checkpoints else None


def coverage_share(episode: Episode, moments: Moments) -> float | None:
    """Return the share of changed characters that were seen as they changed.

    Unseen is what a correction without a known author brought, a cut among them, and what was
    written in a pause. It is counted in characters, not in time, which would tell how long
    somebody paused.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    seen = int(episode.edits.inserted.sum() + episode.edits.deleted.sum())
    unseen = sum(
        _changed(before, after)
        for step in episode.steps
        for before, after in _brought_unseen(moments, step)
    )
    return seen / (seen + unseen) if seen + unseen else None


def _brought_unseen(moments: Moments, step: AnyStep) -> Iterator[tuple[Content, Content]]:
    """Yield texts before and after what a step says to have changed unseen."""
    before = step.seq - 1
    match step:
        case ResyncStep(path=str(path), target="disk") if step.actor.cls in _NOT_KNOWN:
            yield moments.disk(path, before), moments.disk(path, step.seq)
        case ResyncStep(path=str(path)) if step.actor.cls in _NOT_KNOWN:
            number = step.buffer or 0
            yield moments.buffer(path, number, before), moments.buffer(path, number, step.seq)
        case OpenStep(path=str(path), while_paused=True):
            yield moments.disk(path, before), moments.buffer(path, step.buffer or 0, step.seq)
        case FilesStep(while_paused=True):
            for item in step.changed:
                yield moments.disk(item.path, before), moments.disk(item.path, step.seq)
        case _:
            pass


def _changed(before: Content, after: Content) -> int:
    """Return how many characters differ; bytes that are no text count as none."""
    if isinstance(before, bytes) or isinstance(after, bytes):
        return 0
    change = one_change(before or "", after or "")
    return 0 if change is None else change[1] + len(change[2])


def authors_share(episode: Episode) -> float | None:
    """Return the share of inserted characters with a known class of author."""
    found = shares(episode, [(0, episode.step_count - 1)])
    total = sum(one.inserted for one in found)
    unknown = sum(one.inserted for one in found if one.group == "unknown")
    return (total - unknown) / total if total else None


def readable_share(episode: Episode) -> float | None:
    """Return the share of characters, of contents and of edits, that no placeholder stands for."""
    texts = [episode.edits.text, *_texts(episode)]
    total = sum(map(len, texts))
    if not total:
        return None
    masks = sorted(map(re.escape, episode.header.masks), key=len, reverse=True)
    if not masks:
        return 1.0
    pattern = re.compile(rf"(?:{'|'.join(masks)})(?!\d)")
    hidden = sum(len(match[0]) for text in texts for match in pattern.finditer(text))
    return (total - hidden) / total


def _texts(episode: Episode) -> Iterator[str]:
    for content in episode.blobs:
        try:
            yield decode_text(content)
        except UnicodeDecodeError:
            continue  # a picture or the like
