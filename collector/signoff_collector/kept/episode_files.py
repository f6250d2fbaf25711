"""Find and remove the files of one episode in `data/episodes`, and those derived from it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home

SUFFIX: Final = ".episode"
LABEL_SUFFIXES: Final = (".labels.json.sig", ".labels.json")
"""Of the labels beside an episode: words in them may tell what it held."""
BASE_TREE_NAME: Final = "base_tree.zst"
"""In a session's folder: the cached base tree of a review; mode 0600."""
_MAX_BYTES: Final = 1 << 30
_MAX_REVIEW_BYTES: Final = 1 << 16


def episode_paths(home: Home) -> list[Path]:
    """Return every episode file, sorted by name."""
    return sorted(home.episodes.glob(f"*{SUFFIX}")) if home.episodes.is_dir() else []


def digest_of(path: Path) -> str:
    """Return the SHA-256 of an episode's bytes.

    Raises:
        NotFoundError: there is no such file.
        DamagedError: it is not a regular file of an acceptable size.
    """
    return hashlib.sha256(read_regular(path, max_bytes=_MAX_BYTES)).hexdigest()


def names_of(path: Path) -> tuple[str, str]:
    """Return the digest of an episode's bytes and its file name; they differ in a damaged file."""
    return digest_of(path), path.name.removesuffix(SUFFIX)


def is_signed(path: Path) -> bool:
    """Whether a sign-off file exists beside an episode; its validity is not checked."""
    return path.with_name(f"{path.name.removesuffix(SUFFIX)}.signoff.json.sig").is_file()


def shared_from(home: Home, sha256: str) -> list[str]:
    """Return the digests of the episodes that reviews derived from this one."""
    folder = home.state / "reviews"
    found: list[str] = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            parsed: object = json.loads(read_regular(path, max_bytes=_MAX_REVIEW_BYTES))
        except (SignoffError, ValueError, RecursionError):
            continue
        fields = fields_of(parsed)
        made = fields.get("sha256")
        if fields.get("base_sha256") == sha256 and isinstance(made, str) and made != sha256:
            found.append(made)
    return found


def remove_episode(home: Home, sha256: str) -> list[str]:
    """Remove an episode, its plan and labels, and the episodes derived from it; return the names.

    The index is removed last: its writer checks afterwards whether the episode still exists.
    Sign-off files stay: they hold no content, and a withdrawal is easier with them.
    """
    _remove_base_trees(home, sha256)
    removed: list[str] = []
    for digest in (*shared_from(home, sha256), sha256):
        for suffix in (".json", ".draft"):
            (home.state / "reviews" / f"{digest}{suffix}").unlink(missing_ok=True)
        for path in _files_of(home, digest):
            path.unlink(missing_ok=True)
            removed.append(path.name)
    return removed


def removable_files(home: Home, sha256: str) -> list[Path]:
    """Return the files in `data/episodes` that `remove_episode` would remove."""
    digests = (*shared_from(home, sha256), sha256)
    return [path for digest in digests for path in _files_of(home, digest)]


def _files_of(home: Home, digest: str) -> list[Path]:
    names = (
        f"{digest[:16]}{suffix}" for suffix in (*LABEL_SUFFIXES, ".plan.json", SUFFIX, ".find")
    )
    return [path for name in names if (path := home.episodes / name).exists()]


def _remove_base_trees(home: Home, sha256: str) -> None:
    """Remove the cached base trees of an episode, which are stored with the raw history."""
    from signoff_collector.capture.sessions.sessions import list_sessions, sealed_as

    for session in list_sessions(home):
        sealed = sealed_as(session)
        if sealed is not None and sha256 in sealed.digests:
            (session.folder / BASE_TREE_NAME).unlink(missing_ok=True)
