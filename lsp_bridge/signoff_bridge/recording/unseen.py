"""Record activity in excluded documents as gaps, without content.

Work in a never-record or oversized file leaves one gap per stretch: its length and the number of
files; no names, except that of an oversized file.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.journal_frames import pack_body
from signoff_collector.capture.opt_in.policy import MAX_OPEN_BYTES, Reason
from signoff_schemas.words import Basis, GapReason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from signoff_collector.capture.opt_in.policy import Policy

_PRIVATE: Final = frozenset(
    {
        Reason.NEVER,
        Reason.BUILD_PRODUCT,
        Reason.SIGNOFFIGNORE,
        Reason.GIT_IGNORED,
        Reason.GIT_INTERNAL,
        Reason.BINARY,
        Reason.UNREADABLE,
        Reason.UNDECIDED,
    }
)
_LONGEST_PAUSE_NS: Final = 300 * 10**9
"""A longer pause ends the stretch."""


def gap_reason(reason: Reason) -> GapReason | None:
    """Return the gap reason for a refusal; None for documents outside of this workspace."""
    if reason is Reason.TOO_LARGE:
        return GapReason.TOO_LARGE
    return GapReason.PRIVATE if reason in _PRIVATE else None


class Unseen:
    """Activity in one workspace that is not recorded. Under the recorder's lock."""

    def __init__(self) -> None:
        self._told: set[Path] = set()
        self._waiting: deque[bytes] = deque()  # two threads put in, one takes out
        self._reason: GapReason | None = None
        self._uris: set[str] = set()
        self._since_ns = 0
        self._last_ns = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a gap is pending."""
        return bool(self._waiting) or self._reason is not None

    def touch(self, uri: str, reason: GapReason, now_ns: int) -> None:
        """Note activity in such a document."""
        is_same = reason is self._reason and now_ns - self._last_ns < _LONGEST_PAUSE_NS
        if not is_same:
            self._close()
            self._reason, self._since_ns = reason, now_ns
        self._uris.add(uri)
        self._last_ns = now_ns

    def begins_to_name(self, path: Path) -> bool:
        """Say whether a file is to be named now: once, whatever comes of it."""
        is_new = path not in self._told
        self._told.add(path)
        return is_new

    def too_large(self, path: Path, size: int, policy: Policy, now_ns: int) -> None:
        """Name a file that is too large, if its name may be known.

        Asks the policy, which may ask git: without the lock, on the work thread.
        """
        if not policy.verdict(path).recorded:
            return
        over_bytes = max(MAX_OPEN_BYTES, 1 << (max(1, size).bit_length() - 1))
        fields = {"path": str(path), "over_bytes": over_bytes}
        self._waiting.append(_gap(now_ns, GapReason.TOO_LARGE, fields))

    def take(self) -> list[bytes]:
        """Return and clear the pending gaps, as bodies of STEP records."""
        self._close()
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def _close(self) -> None:
        """End the current stretch."""
        reason, self._reason = self._reason, None
        if reason is not None:
            fields: dict[str, object] = {
                "duration_ns": self._last_ns - self._since_ns,
                "count": len(self._uris),
            }
            self._waiting.append(_gap(self._since_ns, reason, fields))
        self._uris.clear()


def _gap(t_boot_ns: int, reason: GapReason, fields: Mapping[str, object]) -> bytes:
    told: dict[str, object] = {
        "t_boot_ns": t_boot_ns,
        "t_kind": "event",
        "kind": "gap",
        "reason": str(reason),
        "basis": str(Basis.OBSERVED),
    }
    return pack_body({**told, **fields})
