"""Find the files that a journal record names, and remove the parts that concern some of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from signoff_collector.capture.journal.journal import Record, RecordKind
from signoff_collector.system.files.spelling import true_path
from signoff_collector.text.file_uris import path_of_uri
from signoff_schemas.untyped import fields_of, is_fields, is_items, list_of

_PATH_FIELDS: Final = ("path", "old_path", "uri")
_NAME_LISTS: Final = ("paths", "unsaved_paths")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MAX_DEPTH: Final = 16
_BETWEEN_WORDS: Final = re.compile(r"[\s\"',:;=<>|&()\[\]{}`$]+")
"""Separators of words in a shell command line, including quotes and redirections."""

Covers = Callable[[str], bool]
"""Predicate: whether a path relative to the workspace is to be removed."""


def relative_path(root: Path, name: str) -> str | None:
    """Convert a document URI, an absolute or a relative path to one relative to the workspace."""
    named = path_of_uri(name) if name.startswith("file:") else name
    if named is None:
        return None
    path = Path(named)
    if not path.is_absolute():
        return path.as_posix()
    try:
        return true_path(path).relative_to(root).as_posix()
    except (ValueError, OSError):
        return None


def params_of(record: Record) -> Mapping[str, object]:
    """Return the parameters of a message record; empty for other kinds and damaged records."""
    body = record.body
    if not isinstance(body, list) or len(body) < 3 or not isinstance(body[2], bytes):
        return {}
    try:
        parsed: object = json.loads(body[2].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return fields_of(parsed)


def uri_of(record: Record, params: Mapping[str, object]) -> str | None:
    """Return the URI of the document that a record is about, as the editor spelled it."""
    if record.kind in (RecordKind.ANCHOR, RecordKind.SAVE):
        named = record.fields.get("uri")
    else:
        document = params.get("textDocument")
        holder = document if is_fields(document) else params
        named = holder.get("uri")
    return named if isinstance(named, str) else None


def without_files(body: object, root: Path, covers: Covers) -> object | None:
    """Return a step's body without what concerns some files; None when the whole step has to go.

    A step about such a file is removed as a whole, and so is a command that names one: its output
    may show the content. A tool call of an agent that names one, in its command line or among its
    written paths, is treated like a command. From lists (changed files, test cases) only the
    matching entries are removed.
    """
    fields = fields_of(body)
    if fields.get("kind") in ("command", "agent") and _command_names(fields, root, covers):
        return None
    named = fields.get("paths") if fields.get("kind") == "agent" else None
    if isinstance(named, list) and _without_names(named, root, covers) != named:
        return None
    return _pruned(body, root, covers, 0)


def names_in(value: object, depth: int = 0) -> Iterator[str]:
    """Yield the files that a step's body names in the fields `without_files` checks."""
    if depth > _MAX_DEPTH:
        return
    if is_items(value):
        for item in value:
            yield from names_in(item, depth + 1)
    if not is_fields(value):
        return
    fields = value
    yield from (name for name in _named(fields) if isinstance(name, str))
    for field, item in fields.items():
        if field in _NAME_LISTS and is_items(item):
            yield from (name for name in item if isinstance(name, str))
        else:
            yield from names_in(item, depth + 1)


def digests_in(value: object) -> set[str]:
    """Return every hexadecimal SHA-256 in a body: blobs are referred to by them."""
    if isinstance(value, str):
        return {value} if _SHA256.fullmatch(value) else set()
    parts = value.values() if is_fields(value) else list_of(value)
    return set().union(*map(digests_in, parts))


def _command_names(fields: Mapping[str, object], root: Path, covers: Covers) -> bool:
    """Whether a word of a command line names such a file, also relative to its folder."""
    argv, line, cwd = fields.get("argv"), fields.get("line"), fields.get("cwd")
    words = [str(word) for word in argv] if is_items(argv) else []
    words += _BETWEEN_WORDS.split(line) if isinstance(line, str) else []
    if isinstance(cwd, str) and cwd.startswith("/"):
        words += [os.path.join(cwd, word) for word in words if word]  # noqa: PTH118  any text
    return any(_names(word, root, covers) for word in words)


def _pruned(value: object, root: Path, covers: Covers, depth: int) -> object | None:
    if depth > _MAX_DEPTH:
        return None
    if is_items(value):
        kept = (_pruned(item, root, covers, depth + 1) for item in value)
        return [item for item in kept if item is not None]
    if not is_fields(value):
        return value
    fields = value
    if any(isinstance(name, str) and _names(name, root, covers) for name in _named(fields)):
        return None
    return {
        name: _without_names(item, root, covers)
        if name in _NAME_LISTS
        else _pruned(item, root, covers, depth + 1)
        for name, item in fields.items()
    }


def _named(fields: Mapping[str, object]) -> list[object]:
    """Return what a mapping names as its file: its path fields, or the file of a test case."""
    named = [fields.get(name) for name in _PATH_FIELDS]
    case = fields.get("id")
    if isinstance(case, str) and "outcome" in fields:
        named.append(case.partition("::")[0])
    return named


def _without_names(value: object, root: Path, covers: Covers) -> object:
    if not is_items(value):
        return value
    names = value
    return [name for name in names if not (isinstance(name, str) and _names(name, root, covers))]


def _names(word: str, root: Path, covers: Covers) -> bool:
    path = relative_path(root, word) if word and "\0" not in word else None
    return path is not None and covers(path)
