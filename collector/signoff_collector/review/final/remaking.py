"""Make a reviewed episode again before it is signed: its record alone proves nothing (threat 12).

A record in `state/reviews/` is a file that a program could write. Only what `apply` gives for the
recorded plan and the sealed episode is signed, with the numbers of its own content.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signing_off import find_reviewed
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.review.applying.previews import Previews
from signoff_collector.review.base_tree.cached_tree import base_tree
from signoff_collector.review.desk.storing import MAX_BYTES, base_of
from signoff_collector.review.tasks.file_moments import Looked
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError
from signoff_schemas.plan import PLAN_MAX_BYTES, parse_plan

if TYPE_CHECKING:
    from signoff_collector.consent.review_records import ReviewRecord
    from signoff_collector.consent.sign_off_files import Snapshot
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.desk.storing import BaseEpisode
    from signoff_schemas.plan import Plan

_HINT: Final = "`signoff review` makes it again, and signs what it shows."


def refuse_not_made(home: Home, path: Path, snapshot: Snapshot) -> None:
    """Refuse an episode that its own plan and sealed episode do not give.

    Costs as much as making the episode in the review did.

    Raises:
        RefusedError: another plan lies beside it, what it was made of is gone, other bytes
            come of it, or more was recorded as looked at than it holds.
        DamagedError: the plan or the sealed episode cannot be read.
    """
    review, episode = find_reviewed(home, snapshot)
    looked = Looked(episode)
    held = (
        len(looked.unseen_files),
        len(looked.unseen_outputs),
        looked.count_deleted(looked.deleted),
    )
    noted = (review.files_total, review.outputs_total, review.deleted_total)
    if held != noted:
        words = "{} files, {} outputs and messages, and {} deleted texts"
        said = [words.format(*one) for one in (held, noted)]
        raise RefusedError(
            f"it holds {said[0]}, and the review record is of {said[1]}",
            hint=_HINT,
        )
    plan, base = _plan(path, review), _base(home, review)
    previews = Previews(base.episode, read_tree=lambda: base_tree(home, base))
    try:
        made = {
            hashlib.sha256(previews.of(plan, place).data).hexdigest()
            for place in range(len(plan.keeps))
        }
    except NotFoundError as error:
        raise RefusedError(f"it cannot be made again: {error}", hint=_HINT) from error
    if snapshot.sha256 not in made:
        raise RefusedError(
            f"its plan does not give {snapshot.sha256[:16]} with this release", hint=_HINT
        )


def _plan(path: Path, review: ReviewRecord) -> Plan:
    try:
        content = read_regular(path.with_suffix(".plan.json"), max_bytes=PLAN_MAX_BYTES)
    except NotFoundError:
        raise RefusedError("its plan is gone", hint=_HINT) from None
    if hashlib.sha256(content).hexdigest() != review.plan_sha256:
        raise RefusedError("the plan beside it is not the one that was reviewed", hint=_HINT)
    return parse_plan(content)


def _base(home: Home, review: ReviewRecord) -> BaseEpisode:
    """Return the sealed episode of a review, by its digest wherever it lies."""
    for path in (home.episodes / f"{review.base_sha256[:16]}.episode", Path(review.base_path)):
        try:
            content = read_regular(path, max_bytes=MAX_BYTES)
        except (NotFoundError, DamagedError, OSError):
            continue
        if hashlib.sha256(content).hexdigest() == review.base_sha256:
            return base_of(path, content)
    raise RefusedError("the sealed episode that it was made of is gone", hint=_HINT)
