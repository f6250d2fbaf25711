"""All text that an episode holds, wherever it stands: what a search for known text looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.episode.content import decode_text
from signoff_datasets.similarity.written import written_texts
from signoff_schemas.untyped import fields_of, items_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments


def held_texts(episode: Episode, moments: Moments) -> Iterator[str]:
    """Yield each text once: contents, files as they stood in the end, what did not stay, words.

    Bytes that are no text are left out.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    seen: set[str] = set()
    for text in _texts(episode, moments):
        if text not in seen:
            seen.add(text)
            yield text


def _texts(episode: Episode, moments: Moments) -> Iterator[str]:
    for blob in episode.blobs:
        try:
            yield decode_text(blob)
        except UnicodeDecodeError:
            continue
    for path in episode.files:
        text = moments.file(path, episode.step_count)
        if isinstance(text, str):
            yield text
    yield from written_texts(episode, moments)
    for step in episode.steps:
        yield from _strings(step.model_dump())


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in (*fields_of(value).values(), *items_of(value)):
        yield from _strings(one)
