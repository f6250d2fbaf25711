"""Reads the words of the repository's last commit, once, while gathering.

A token built of these words is unlikely to be a secret. So they shorten the list of tokens that a
person is asked to review, and the list that the `strict` policy masks.
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.never_record import is_never_recorded
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from signoff_collector.capture.git.git import Git

MAX_FILES: Final = 1_000
MAX_BYTES: Final = 4 << 20
MAX_FILE_BYTES: Final = 256 << 10
MAX_WORDS: Final = 40_000
_LEAST_COUNT: Final = 2
"""A word that occurs in the commit only once may itself be a secret."""


def read_vocabulary(git: Git | None, root: Path, near: Iterable[str] = ()) -> str:
    """Return the words of HEAD in lower case, sorted, separated by spaces; takes 0.5 s at most.

    Args:
        git: of the repository that contains the workspace, None for none.
        root: real path of the workspace.
        near: paths of the session; files in the same folders are read first.
    """
    if git is None:
        return ""
    try:
        texts = list(_texts(git, root, {str(PurePosixPath(path).parent) for path in near}))
    except SignoffError:
        return ""
    from signoff_collector.redaction.randomness.novel import common_words, words_of

    counted = Counter(words_of(texts))
    found = [word for word, count in counted.most_common() if count >= _LEAST_COUNT]
    return " ".join(sorted(word for word in found[:MAX_WORDS] if word not in common_words()))


def _texts(git: Git, root: Path, near: set[str]) -> Iterator[str]:
    from signoff_collector.capture.git.git_contents import (
        FILE_MODES,
        LINK,
        folder_prefix,
        list_tree,
        read_objects,
    )

    prefix = folder_prefix(git, root)
    entries = [
        entry
        for entry in list_tree(git, "HEAD")
        if entry.mode in FILE_MODES - {LINK} and not is_never_recorded(root / entry.path)
    ]
    entries.sort(key=lambda one: _far(one.path, prefix, near))
    for _, content in read_objects(git, _fitting(git, [entry.object_id for entry in entries])):
        if b"\0" not in content:
            yield content.decode("utf-8", "replace")


def _fitting(git: Git, object_ids: list[str]) -> list[str]:
    """Return the first objects that fit the limits of size, each and in total."""
    from signoff_collector.capture.git.git_contents import object_sizes

    found: list[str] = []
    left = MAX_BYTES
    for object_id, size in object_sizes(git, object_ids[:MAX_FILES]):
        if size <= min(MAX_FILE_BYTES, left):
            found.append(object_id)
            left -= size
    return found


def _far(path: str, prefix: str, near: set[str]) -> tuple[bool, bool, str]:
    inside = path.startswith(prefix)
    folder = str(PurePosixPath(path.removeprefix(prefix)).parent)
    return not (inside and folder in near), not inside, path
