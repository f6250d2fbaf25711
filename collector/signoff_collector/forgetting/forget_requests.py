"""Stores pending `forget` requests, one small file each.

A request is stored before anything is erased, and removed when everything is; so a `forget` that
was killed half-way is completed by the next run. The file holds times, a path pattern and digests
of episodes, no content.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import is_fields, is_items

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home

_MAX_BYTES: Final = 1 << 20
_NAME: Final = re.compile(r"[0-9a-f]{16}\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRequest:
    """One `forget`: a time span, optionally limited to some workspaces, sessions or files."""

    id: str
    """16 hex digits."""

    boot_id: str
    from_boot_ns: int
    to_boot_ns: int
    from_wall_ns: int
    to_wall_ns: int
    """The same span on both clocks; boot times apply to sessions of this boot."""

    pattern: str | None = None
    """Files to forget, in the syntax of `.gitignore`; None forgets everything in the span."""

    roots: tuple[str, ...] | None = None
    """Real paths of the workspaces; None for all."""

    sessions: tuple[str, ...] | None = None
    """Ids of sessions, when they were named; None for all."""

    episodes: tuple[str, ...] = ()
    """Digests of episodes to remove regardless of the span."""


def new_request_id() -> str:
    """Return a random id for a request."""
    return secrets.token_hex(8)


def store_request(home: Home, request: ForgetRequest) -> None:
    """Store a request until it is done."""
    home.ensure()
    make_private_folder(_folder(home))
    content = json.dumps(asdict(request), ensure_ascii=True).encode("ascii")
    replace_private(_folder(home) / f"{request.id}.json", content)


def drop_request(home: Home, request: ForgetRequest) -> None:
    """Remove a request that is done."""
    (_folder(home) / f"{request.id}.json").unlink(missing_ok=True)


def pending_requests(home: Home) -> tuple[ForgetRequest, ...]:
    """Return all pending requests; invalid files are ignored."""
    folder = _folder(home)
    if not folder.is_dir():
        return ()
    names = sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))
    return tuple(request for name in names if (request := _read(folder / name)) is not None)


def _folder(home: Home) -> Path:
    return home.state / "forgetting"


def _read(path: Path) -> ForgetRequest | None:
    try:
        parsed: object = json.loads(read_regular(path, max_bytes=_MAX_BYTES))
    except (SignoffError, ValueError, RecursionError):
        return None
    if not is_fields(parsed):
        return None
    fields = parsed
    names = ("from_boot_ns", "to_boot_ns", "from_wall_ns", "to_wall_ns")
    numbers = {name: value for name in names if type(value := fields.get(name)) is int}
    boot_id, pattern = fields.get("boot_id"), fields.get("pattern")
    if len(numbers) != len(names) or not isinstance(boot_id, str):
        return None
    return ForgetRequest(
        id=path.name.removesuffix(".json"),
        boot_id=boot_id,
        pattern=pattern if isinstance(pattern, str) else None,
        roots=_texts(fields.get("roots")),
        sessions=_texts(fields.get("sessions")),
        episodes=_texts(fields.get("episodes")) or (),
        **numbers,
    )


def _texts(value: object) -> tuple[str, ...] | None:
    if not is_items(value):
        return None
    return tuple(item for item in value if isinstance(item, str))
