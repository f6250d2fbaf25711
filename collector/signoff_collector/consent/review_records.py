"""The local record that a review took place; `sign` refuses a digest without one.

`state/reviews/<sha256>.json`, one per shared episode, 0600, sealed with the key of this home. It
never leaves the machine: the statement repeats only the mode, the counts and the tool version
(threats 12, 21).
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.own_files.local_key import LocalKey
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home

_PURPOSE: Final = "review"
RECORD_MAX_BYTES: Final = 64 * 1024
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRecord:
    """Record of one review: which bytes were shown, how, and when."""

    sha256: str
    """Digest of the bytes that were read back and shown: the digest to be signed."""
    mode: Literal["page", "terminal", "plan"]
    reviewed_wall_ns: int
    tool_version: str
    base_sha256: str
    """The first sealed episode that the plan refers to."""
    plan_sha256: str = ""
    """Digest of the plan that gave these bytes; it lies beside them."""
    keep: int = -1
    """Place in that plan of the task that it was made of; -1: not said."""
    base_path: str = ""
    """Where that episode lies; local only."""
    files_seen: int = 0
    """Files whose first to last difference was shown."""
    files_total: int = 0
    outputs_seen: int = 0
    outputs_total: int = 0
    deleted_seen: int = 0
    deleted_total: int = 0
    """Texts that were taken away again, and lie in it all the same."""
    masks: int = 0
    """Masks of the plan, besides those made when sealing."""
    cuts: int = 0
    unmasked: int = 0
    """Values that sealing had masked, each shown again at a confirmation of its own."""
    time_resolution: str = "1s"


def review_path(home: Home, sha256: str) -> Path:
    """Return where the record of one digest lies."""
    return home.state / "reviews" / f"{sha256}.json"


def find_review(home: Home, sha256: str) -> ReviewRecord | None:
    """Return the record of one digest, or None when it was never reviewed under this home.

    A record that a review here did not write, or that was changed since, is none.

    Raises:
        DamagedError: there is a record, but it cannot be read or is for another episode.
    """
    from signoff_collector.own_files.private_files import read_regular

    if not _SHA256.match(sha256):
        return None
    path = review_path(home, sha256)
    try:
        content = read_regular(path, max_bytes=RECORD_MAX_BYTES)
    except NotFoundError:
        return None
    record, seal = _parse(content)
    if record.sha256 != sha256:
        raise DamagedError(f"the review record {path.name} is for another episode", hint=_HINT)
    return record if LocalKey(home).is_sealed(_PURPOSE, _bytes_of(record), seal) else None


def write_review(home: Home, record: ReviewRecord) -> Path:
    """Write or replace the record of one digest and return its path."""
    from signoff_collector.own_files.private_files import make_private_folder, replace_private

    path = review_path(home, record.sha256)
    make_private_folder(path.parent)
    seal = LocalKey(home).seal(_PURPOSE, _bytes_of(record))
    body = {**asdict(record), "seal": seal}
    replace_private(path, (json.dumps(body, indent=1) + "\n").encode("ascii"))
    return path


def remove_review(home: Home, sha256: str) -> None:
    """Delete the record of one digest: the reviewed file was not shared."""
    review_path(home, sha256).unlink(missing_ok=True)


_HINT: Final = "Run `signoff review` again."


def _bytes_of(record: ReviewRecord) -> bytes:
    return json.dumps(asdict(record), sort_keys=True).encode("ascii")


def _parse(content: bytes) -> tuple[ReviewRecord, str]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise DamagedError("a review record is not JSON", hint=_HINT) from None
    known = {field.name: field for field in fields(ReviewRecord)}
    if not isinstance(value, dict) or set(value) - set(known) - {"seal"}:
        raise DamagedError("a review record has unknown fields", hint=_HINT)
    seal = value.pop("seal", "")  # a record without one counts for nothing
    numbers = {name for name, field in known.items() if field.type == "int"}
    for name, item in value.items():
        if type(item) is not (int if name in numbers else str):
            raise DamagedError(f"a review record has no valid {name}", hint=_HINT)
    if value.get("mode") not in {"page", "terminal", "plan"}:
        raise DamagedError("a review record has an unknown mode", hint=_HINT)
    try:
        return ReviewRecord(**value), seal if isinstance(seal, str) else ""
    except TypeError:
        raise DamagedError("a review record lacks a field", hint=_HINT) from None
