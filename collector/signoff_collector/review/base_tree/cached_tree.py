"""Cache the base tree beside the journals during a review; it is deleted with them.

It is read from the repository and scanned once. Page, terminal, `--plan` and every later process
get the same bytes from this cache.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from signoff_collector.episode import zstd
from signoff_collector.episode.frames import WINDOW_LOG, pack, unpack
from signoff_collector.kept.episode_files import BASE_TREE_NAME
from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_collector.review.base_tree.tree import BaseTree
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.desk.storing import BaseEpisode

_VERSION: Final = 3
_MAX_BYTES: Final = 256 << 20
_MAX_TREE_BYTES: Final = 2 << 30
"""Unpacked; nobody but us writes it."""
_OPTIONS: Final[dict[int, int]] = {
    zstd.CompressionParameter.compression_level: 3,
    zstd.CompressionParameter.checksum_flag: 1,
}


def base_tree(
    home: Home, base: BaseEpisode, *, progress: Callable[[str], None] = lambda _: None
) -> BaseTree:
    """Return the base tree of a sealed episode; read and scanned at the first call.

    The first call seals the session once more, in memory, to know every value that is masked
    in it; later ones read a file.

    Args:
        home: whose sessions are looked through.
        base: the first sealed episode.
        progress: called with a description of the current phase.

    Raises:
        NotFoundError: the journals, the repository or the commit are gone.
        RefusedError: this machine masks the session otherwise now than when it was sealed.
        SignoffError: git fails, or it cannot be kept.
    """
    from signoff_collector.review.base_tree.preparing import prepare_base_tree
    from signoff_collector.review.checking.naming import session_of

    session = session_of(home, base.sha256)
    held = _held(session, base.sha256)
    if held is None:
        earlier = _earlier(home, session)
        held = prepare_base_tree(home, session, base, progress=progress, earlier=earlier)
        replace_private(session.folder / BASE_TREE_NAME, _packed(held, base.sha256))
    return held


def _earlier(home: Home, session: Session) -> BaseTree | None:
    """Return the newest cached tree of a session of the same workspace, if there is one.

    Nothing more is remembered of a base than these, so nothing outlives the journals.
    """
    from signoff_collector.capture.sessions.sessions import list_sessions

    same = [one for one in list_sessions(home) if one.root == session.root]
    return next((held for one in reversed(same) if (held := _held(one, None)) is not None), None)


def _held(session: Session, base_sha256: str | None) -> BaseTree | None:
    """Return the cached tree, for this episode or any; an unreadable cache is rebuilt."""
    try:
        content = read_regular(session.folder / BASE_TREE_NAME, max_bytes=_MAX_BYTES)
        return _unpacked(content, base_sha256)
    except (NotFoundError, DamagedError):
        return None


def _packed(tree: BaseTree, base_sha256: str) -> bytes:
    value = {"version": _VERSION, "base_sha256": base_sha256, "tree": asdict(tree)}
    return zstd.compress_frame(pack(value), _OPTIONS)


def _unpacked(content: bytes, base_sha256: str | None) -> BaseTree | None:
    """Return the decoded tree, or None if it is of another episode or another release.

    Raises:
        DamagedError: the bytes are not a cached tree.
    """
    try:
        value = unpack(zstd.decompress_frame(content, WINDOW_LOG, _MAX_TREE_BYTES))
        match value:
            case {"version": version, "base_sha256": sha256, "tree": tree}:
                is_ours = version == _VERSION and base_sha256 in {None, sha256}
                return TypeAdapter(BaseTree).validate_python(tree) if is_ours else None
            case _:
                raise DamagedError("the cached base tree is invalid")
    except ValueError as error:
        raise DamagedError("the cached base tree cannot be read") from error
