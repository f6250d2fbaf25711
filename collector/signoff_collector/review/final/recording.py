"""Write the local record that a shared episode was shown, and how much of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, Protocol

from signoff_collector import __version__
from signoff_collector.consent.review_records import ReviewRecord, write_review
from signoff_collector.review.checking.unmasking import confirmed_unmasked
from signoff_collector.review.tasks.file_moments import Looked
from signoff_collector.system.clock import SystemClock
from signoff_schemas.plan import plan_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.episode.content import Episode
    from signoff_collector.own_files.home import Home
    from signoff_schemas.plan import Plan


class ReviewedBase(Protocol):
    """The first sealed episode of a review."""

    @property
    def path(self) -> Path:
        """Its path."""
        ...

    @property
    def sha256(self) -> str:
        """Digest of its bytes."""
        ...


class ReviewedFile(Protocol):
    """A shared episode as it was read back."""

    @property
    def sha256(self) -> str:
        """Digest of its bytes."""
        ...

    @property
    def episode(self) -> Episode:
        """What its bytes hold."""
        ...


def record_review(
    home: Home,
    base: ReviewedBase,
    plan: Plan,
    shared: ReviewedFile,
    *,
    mode: Literal["page", "terminal", "plan"],
    place: int = 0,
    looked: Looked | None = None,
) -> ReviewRecord:
    """Record that a shared episode was shown, and how much of it.

    Args:
        home: where the record is kept.
        base: the first sealed episode.
        plan: what made the shared one of it.
        shared: the shared episode as its bytes were read back.
        mode: the front end that showed it.
        place: index of its keep in the plan.
        looked: what of it was shown; None: nothing.

    Raises:
        RefusedError: nobody can say what of it was unmasked.
    """
    looked = looked or Looked(shared.episode)
    record = ReviewRecord(
        sha256=shared.sha256,
        mode=mode,
        reviewed_wall_ns=SystemClock().wall_ns(),
        tool_version=__version__,
        base_sha256=base.sha256,
        plan_sha256=hashlib.sha256(plan_bytes(plan)).hexdigest(),
        keep=place,
        base_path=str(base.path),
        files_seen=len(looked.seen_files),
        files_total=len(looked.seen_files) + len(looked.unseen_files),
        outputs_seen=len(looked.seen_outputs),
        outputs_total=len(looked.seen_outputs) + len(looked.unseen_outputs),
        deleted_seen=looked.count_deleted(looked.seen_deleted),
        deleted_total=looked.count_deleted(looked.deleted),
        masks=len(plan.mask_texts) + len(plan.mask_fields),
        cuts=len(plan.cut_ranges) + len(plan.cut_files) + len(plan.cut_kinds),
        unmasked=confirmed_unmasked(home, base.sha256),
        time_resolution=plan.time_resolution,
    )
    write_review(home, record)
    return record
