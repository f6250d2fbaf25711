"""Resolves an EPISODE argument to a file: a path, an id prefix, ``last`` or ``live``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.file.reader import read_bytes
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.own_files.home import Home

SUFFIX: Final = ".episode"
LAST: Final = "last"
LIVE: Final = "live"
_PREFIX: Final = re.compile(r"[0-9a-f]{1,64}\Z")
_HINT: Final = "`signoff list` names the episodes."


def locate(home: Home, name: str = LAST) -> Path:
    """Return the path of the episode that `name` means; ``live`` is not a file.

    ``last`` is the one sealed last. A hexadecimal prefix of an id must be unambiguous.
    Everything else is a path.

    Raises:
        NotFoundError: there is none.
        UsageError: several episodes begin with that prefix.
    """
    if name == LAST:
        return _last(home)
    path = Path(name)
    if "/" in name or name.endswith(SUFFIX) or path.is_file():
        if not path.exists():
            raise NotFoundError(f"there is no file {path}", hint=_HINT)
        return path
    if not _PREFIX.match(name):
        raise NotFoundError(f"no episode is called {name!r}", hint=_hint(home, name))
    return _by_prefix(home, name)


def read_located(home: Home, name: str, live: Callable[[], bytes] | None = None) -> bytes:
    """Return the bytes of the episode that `name` means.

    `live` returns those of the session being recorded; None where nothing is recorded.

    Raises:
        NotFoundError: there is none.
        DamagedError: it is no regular file of an acceptable size.
        UsageError: several episodes begin with that prefix.
    """
    if name == LIVE:
        if live is None:
            raise NotFoundError("nothing is being recorded here", hint=_HINT)
        return live()
    return read_bytes(locate(home, name))


def _all(home: Home) -> list[Path]:
    if not home.episodes.is_dir():
        return []
    return sorted(home.episodes.glob(f"*{SUFFIX}"))


def _last(home: Home) -> Path:
    episodes = _all(home)
    if not episodes:
        raise NotFoundError(
            "there is no sealed episode yet",
            hint="`signoff stop` ends the session; its episode follows a few seconds later.",
        )
    return max(episodes, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _by_prefix(home: Home, prefix: str) -> Path:
    stem = prefix[:16]
    found = [path for path in _all(home) if path.name.startswith(stem)]
    if len(prefix) > 16:
        found = [path for path in found if _sha256(path).startswith(prefix)]
    if not found:
        raise NotFoundError(f"no episode begins with {prefix}", hint=_hint(home, prefix))
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} episodes begin with {prefix}", hint="Give more of its digits."
        )
    return found[0]


def _hint(home: Home, name: str) -> str:
    """Return a hint: the most similar names, if any, and the command that lists all."""
    from signoff_collector.screen.suggestions import did_you_mean

    known = {path.name[: max(4, len(name))]: path for path in _all(home)}
    near = did_you_mean(name, (*known, LAST, LIVE))
    return f"Did you mean {' or '.join(near)}? {_HINT}" if near else _HINT


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(read_bytes(path)).hexdigest()
