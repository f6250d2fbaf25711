"""Collect the text that is in every episode, whatever was recorded: field names, kinds, ways.

A secret may share six characters with such a word. Finding them in the file's bytes then reveals
nothing, so verification ignores them.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args, get_origin

from pydantic import BaseModel

from signoff_collector.episode.columns import columns
from signoff_schemas.cases import Cases
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.session_ids import SESSION_ID
from signoff_schemas.steps import STEP_MODELS
from signoff_schemas.values import TestCase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode

_SESSION: Final = re.compile(SESSION_ID)
_FRAME_WORDS: Final = ("header", "files", "evidence", *columns.NAMES)
"""What the frames of a file are called, and the keys beside the header."""


@cache
def schema_words() -> str:
    """Return the names and fixed values of all published models and of frames, one per line."""
    seen: set[type] = set()
    words: set[str] = {*STEP_MODELS, *_FRAME_WORDS}
    for model in (EpisodeHeader, *STEP_MODELS.values()):
        words.update(_words_of(model, seen))
    return "\n".join(sorted(words))


def own_words(episode: Episode) -> str:
    """Return what Signoff wrote into the header: session, date, versions, ways of finding."""
    header = episode.header
    written = [*header.versions, *header.versions.values(), *header.masks.values()]
    return "\n".join([own_session(episode), header.captured_on or "", *written])


def own_session(episode: Episode) -> str:
    """Return the id of the session, if it has the shape that Signoff gives one; else ""."""
    session = episode.header.session
    return session if _SESSION.fullmatch(session) else ""


def hashes_of(episode: Episode) -> set[str]:
    """Return every SHA-256 in the fields of an episode."""
    found: set[str] = set()
    for model in (*episode.steps, episode.header):
        _collect_hashes(model, found)
    return found


def _words_of(kind: object, seen: set[type]) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from (one for one in get_args(kind) if isinstance(one, str))
    elif isinstance(kind, type) and issubclass(kind, Enum):
        yield from (str(one.value) for one in kind)
    elif kind is Cases:
        yield from _words_of(TestCase, seen)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind not in seen:
            seen.add(kind)
            for name, field in kind.model_fields.items():
                yield field.alias or name
                yield from _words_of(field.annotation, seen)
    else:
        for part in get_args(kind):
            yield from _words_of(part, seen)


def _collect_hashes(value: object, found: set[str], name: str = "") -> None:
    if isinstance(value, str):
        if name.endswith("sha256") or name == "lock_files":
            found.add(value)
    elif isinstance(value, BaseModel):
        for field, item in value:
            _collect_hashes(item, found, field)
    elif isinstance(value, Cases):
        for place in value.talkative:
            _collect_hashes(value[place], found, name)
    elif isinstance(value, (tuple, list)):
        for item in value:
            _collect_hashes(item, found, name)
    elif isinstance(value, dict):
        for item in value.values():
            _collect_hashes(item, found, name)
