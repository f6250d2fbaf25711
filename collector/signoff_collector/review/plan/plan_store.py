"""Persist the plan of a review after every change, so that a killed review can continue.

`state/reviews/<base sha256>.draft`, one per sealed episode, mode 0600, replaced atomically on every
change, with earlier plans for `undo`. It holds numbers and ids only, never a value (threat 24).
Page and terminal may edit it concurrently: every change names the revision it was made from, and an
outdated one is refused.
"""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from signoff_collector.own_files.private_files import (
    locked,
    make_private_folder,
    read_regular,
    replace_private,
    try_lock,
)
from signoff_collector.review.plan.stored_review import Decided, StoredReview
from signoff_schemas.errors import DamagedError, NotFoundError, OutdatedError
from signoff_schemas.plan import Plan, parse_plan, plan_bytes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from signoff_collector.own_files.home import Home
    from signoff_collector.own_files.private_files import FileLock
    from signoff_collector.review.plan.parting import Parting

MAX_UNDOS: Final = 200
MAX_EARLIER_BYTES: Final = 16 << 20
"""Size limit of the undo history; the oldest plans are dropped first."""
_MAX_BYTES: Final = 64 << 20
_SUFFIX: Final = ".draft"
_KEY_BYTES: Final = 32


class PlanStore:
    """The review of one sealed episode, on disk."""

    def __init__(self, home: Home, base_sha256: str) -> None:
        self._base_sha256 = base_sha256
        self._folder = home.state / "reviews"
        self.path: Path = draft_path(home, base_sha256)

    def load(self) -> StoredReview:
        """Return the saved review; if there is none, a new one that keeps nothing.

        Raises:
            DamagedError: the file is no review of this episode.
        """
        with self._owned():
            return self._read() or self._begin(Plan(base_sha256=self._base_sha256))

    def change(
        self,
        revision: int,
        *,
        plan: Plan | None = None,
        accepted: Iterable[str] | None = None,
        parting: Parting | None = None,
    ) -> StoredReview:
        """Save a changed plan, accepted groups or split; an unchanged value adds no undo entry.

        Raises:
            OutdatedError: `revision` is not the present one.
            SignoffError: it cannot be written; the review stays as it was.
        """
        with self._owned():
            before = self._at(revision)
            now = Decided(
                plan=before.plan if plan is None else _with_seed(plan, before.plan.seed),
                accepted=before.now.accepted if accepted is None else tuple(sorted(accepted)),
                parting=before.now.parting if parting is None else parting,
            )
            if now == before.now:
                return before
            return self._save(before, now, (*before.earlier, before.now))

    def undo(self, revision: int) -> StoredReview:
        """Undo the last change; without one nothing happens.

        Raises:
            OutdatedError: `revision` is not the present one.
        """
        with self._owned():
            before = self._at(revision)
            if not before.earlier:
                return before
            return self._save(before, before.earlier[-1], before.earlier[:-1])

    def begin(self, plan: Plan) -> StoredReview:
        """Replace the review by a plan that was made elsewhere, with an empty undo history."""
        with self._owned():
            return self._begin(plan)

    def forget(self) -> None:
        """Delete the review with its undo history."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> StoredReview | None:
        try:
            content = read_regular(self.path, max_bytes=_MAX_BYTES)
        except NotFoundError:
            return None
        stored = self._parse(content)
        if {stored.base_sha256, stored.plan.base_sha256} != {self._base_sha256}:
            raise self._damaged("it is for another episode")
        return stored

    def _begin(self, plan: Plan) -> StoredReview:
        begun = StoredReview(
            base_sha256=self._base_sha256,
            key=secrets.token_hex(_KEY_BYTES),
            now=Decided(plan=_with_seed(plan, None)),
        )
        replace_private(self.path, _content(begun))
        return begun

    @contextmanager
    def window(self) -> Generator[bool]:
        """Mark this review as open; True if no other process has it open."""
        make_private_folder(self._folder)
        place = self.path.with_suffix(".open")
        lock = try_lock(place)
        try:
            yield lock is not None
        finally:
            if lock is not None:
                place.unlink(missing_ok=True)
                lock.release()

    def _owned(self) -> AbstractContextManager[FileLock]:
        make_private_folder(self._folder)
        return locked(self._folder / "drafts.lock")

    def _at(self, revision: int) -> StoredReview:
        found = self._read() or self._begin(Plan(base_sha256=self._base_sha256))
        if found.revision != revision:
            raise OutdatedError(
                f"the plan was changed elsewhere: it is at change {found.revision}, not {revision}"
            )
        return found

    def _save(
        self, before: StoredReview, now: Decided, earlier: tuple[Decided, ...]
    ) -> StoredReview:
        after = StoredReview(
            base_sha256=self._base_sha256,
            key=before.key,
            revision=before.revision + 1,
            now=now,
            earlier=_bounded(earlier),
        )
        replace_private(self.path, _content(after))
        return after

    def _parse(self, content: bytes) -> StoredReview:
        try:
            value = json.loads(content)
            if not isinstance(value, dict):
                raise self._damaged("it is not a JSON object")
            for part in (value["now"], *value["earlier"]):
                part["plan"] = parse_plan(json.dumps(part["plan"]).encode("ascii"))
            return StoredReview.model_validate(value)
        except DamagedError:
            raise
        except (ValueError, RecursionError, KeyError, TypeError, ValidationError):
            raise self._damaged("it is not the JSON of a review") from None

    def _damaged(self, why: str) -> DamagedError:
        return DamagedError(
            f"the review in {self.path.name} cannot be read: {why}",
            hint=f"Delete {self.path} to begin that review again.",
        )


def draft_path(home: Home, base_sha256: str) -> Path:
    """Return the path of the review of one sealed episode."""
    return home.state / "reviews" / f"{base_sha256}{_SUFFIX}"


def _with_seed(plan: Plan, earlier: str | None) -> Plan:
    """Return the plan with the seed of the earlier one, or with a new random seed."""
    if plan.seed is not None and earlier in (None, plan.seed):
        return plan
    return plan.model_copy(update={"seed": earlier or secrets.token_hex(_KEY_BYTES)})


def _bounded(earlier: tuple[Decided, ...]) -> tuple[Decided, ...]:
    """Return the newest earlier plans that fit into the size limit."""
    left = MAX_EARLIER_BYTES
    kept: list[Decided] = []
    for decided in reversed(earlier[-MAX_UNDOS:]):
        left -= len(plan_bytes(decided.plan))
        if left < 0:
            break
        kept.append(decided)
    return tuple(reversed(kept))


def _content(stored: StoredReview) -> bytes:
    return (json.dumps(stored.model_dump(mode="json"), ensure_ascii=True) + "\n").encode("ascii")
