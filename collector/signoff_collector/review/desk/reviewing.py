"""The review behind the page: the episode, the plan, and what the plan gives.

Nothing here knows HTTP. Every change goes through the plan store, so a second window or the
terminal may review the same episode; whoever saves an outdated plan gets `OutdatedError`.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from signoff_collector.kept.episode_files import remove_episode
from signoff_collector.levels.levels import Levels, levels_of
from signoff_collector.levels.tasks import proposed_tasks
from signoff_collector.redaction.writing.rewriting import Fate
from signoff_collector.replay.origin import project_of
from signoff_collector.review.applying.notes import check_notes, notes_of, step_at
from signoff_collector.review.applying.previews import Previews
from signoff_collector.review.applying.selection import check_files, select
from signoff_collector.review.base_tree.cached_tree import base_tree
from signoff_collector.review.checking.checking_session import begin_checking
from signoff_collector.review.checking.naming import check_named, named_repository
from signoff_collector.review.checking.redaction_places import redaction_places
from signoff_collector.review.checking.unmasking import unmask
from signoff_collector.review.desk.telling import plan_row, review_row, sealed_digests
from signoff_collector.review.notes.moments import asked_moments
from signoff_collector.review.plan import plan_edits
from signoff_collector.review.plan.mask_places import check_masks
from signoff_collector.review.plan.parting import Parting
from signoff_collector.review.plan.plan_store import PlanStore
from signoff_collector.review.plan.value_masks import masks_for_value
from signoff_collector.review.tasks.file_moments import Looked
from signoff_collector.review.tasks.overview import overview
from signoff_collector.review.tasks.task_rows import task_rows
from signoff_collector.review.tasks.task_states import made_files, standings
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import SignoffError, UsageError
from signoff_schemas.plan import RangeKeep

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.tasks import Proposal
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.applying.previews import Preview
    from signoff_collector.review.checking.groups import AskedItems, Checking, CheckList, ItemRows
    from signoff_collector.review.desk.base_file import BaseFile
    from signoff_collector.review.plan.stored_review import StoredReview
    from signoff_collector.review.serving.bodies import Seen
    from signoff_collector.review.tasks.file_moments import Marks
    from signoff_collector.review.tasks.task_states import Standing
    from signoff_schemas.plan import Keep, Plan

_MOST_GIVEN: Final = 8
_LOST_PARTING: Final = "how tasks that are not included were split and joined"


class Reviewing:
    """The review that one server serves. Methods may be called from any thread, one at a time."""

    def __init__(self, home: Home, file: BaseFile) -> None:
        self.home = home
        self.lock = threading.RLock()
        """Held around almost every method, because episodes are parsed lazily."""
        self.marks: Marks = set()
        """What was shown of what would be shared, whatever the plan gave before and after."""
        self.is_discarded = False
        self._progress: Callable[[str], None] = _say_nothing
        self._begin(file)

    def _begin(self, file: BaseFile) -> None:
        self.file = file
        self.project = project_of(self.home, file.sha256)
        """Name of the recorded folder; None if it was not recorded here."""
        self.store = PlanStore(self.home, file.sha256)
        self._shown: dict[Keep, str] = {}
        """Digest of the preview that was shown last, by the steps of the keep."""
        self._given: dict[str, Looked] = {}
        """The previews that were given last, by digest."""
        self._previews: Previews | None = None
        self._checking: tuple[str, Checking] | None = None
        self._proposals: tuple[Proposal, ...] | None = None
        self._levels: Levels | None = None

    @property
    def previews(self) -> Previews:
        """Previews of plans for this episode.

        Raises:
            DamagedError: the episode is damaged.
        """
        if self._previews is None:
            base = self.file.base
            self._previews = Previews(
                base.episode,
                read_tree=lambda: base_tree(self.home, base, progress=self._progress),
            )
        return self._previews

    def read_base_tree(self, progress: Callable[[str], None]) -> None:
        """Read the base tree, and report the progress in words.

        Raises:
            SignoffError: it cannot be read.
        """
        with self.lock:
            self._progress = progress
            try:
                _ = self.previews.tree
            finally:
                self._progress = _say_nothing

    def told(self) -> dict[str, object]:
        """Return the first response of the page: episode, proposals and plan."""
        row = review_row(self.home, self.file)
        row["proposals"] = [one.row() for one in self._proposed()]
        return row | self.row(self.store.load())

    def row(self, stored: StoredReview) -> dict[str, object]:
        """Return a saved plan as JSON for the page, with what became of each task."""
        return plan_row(stored) | {"tasks": [one.row() for one in self.standings(stored)]}

    def standings(self, stored: StoredReview) -> tuple[Standing, ...]:
        """Return what became of every row of the task list; none of a damaged episode."""
        if self.file.whole is None:
            return ()
        proposals = self._proposed()
        rows = task_rows(proposals, stored.plan, self.previews.base.times, stored.now.parting)
        bases = sealed_digests(self.home, self.file.sha256)
        return standings(rows, made_files(self.home, bases, proposals, SystemClock()))

    def _proposed(self) -> tuple[Proposal, ...]:
        if self._proposals is None:
            whole = self.file.whole
            self._proposals = () if whole is None else proposed_tasks(whole.episode)
        return self._proposals

    def prepare(self) -> None:
        """Load what the page will request first, while the browser is still starting."""
        with self.lock:
            self._proposed()

    def prepare_preview(self) -> None:
        """Compute the preview of the last keep before the person opens it."""
        plan = self.store.load().plan
        if plan.keeps:
            self.previews.of(plan, len(plan.keeps) - 1)

    def warm(self) -> None:
        """Fill the caches that the first change needs, while the person looks at the tasks."""
        if self.file.whole is None or self._checking is not None:
            return
        with suppress(SignoffError):
            stored = self.store.load()
            least = min(self._proposed(), key=lambda task: task.edits, default=None)
            if least is not None:
                keep = RangeKeep(from_seq=least.from_seq, to_seq=least.to_seq)
                plan = stored.plan.model_copy(update={"keeps": (keep,)})
                self._checking_of(stored).settled(plan)

    def change(self, revision: int, plan: Plan, parting: Parting | None = None) -> StoredReview:
        """Save a plan, with the default masks added.

        Args:
            revision: that it was made from.
            plan: replaces the current one.
            parting: split of the steps that are not kept; None leaves it unchanged.

        Raises:
            OutdatedError: somebody else changed it meanwhile.
            UsageError: it is for another episode, names what is not there, or leaves nothing
                of a keep.
            MisplacedMaskError: a mask is not over characters of the episode.
            DamagedError: the episode is damaged or was changed on disk.
        """
        self.refuse_unfit()
        if plan.base_sha256 != self.file.sha256:
            raise UsageError(
                "this plan is for another episode", hint="Load the review again: it was unmasked."
            )
        base = self.previews.base
        check_files(plan, base.paths)
        check_masks(plan, base)
        self.previews.tree_for(plan)
        check_named(self.home, plan)
        check_notes(plan, base)
        for keep in plan.keeps:
            notes_of(plan, base, select(plan, base, keep))
        stored = self.store.load()
        settled = self._checking_of(stored).settled(plan, stored.accepted)
        return self.store.change(revision, plan=settled, parting=parting)

    def part(self, revision: int, parting: Parting) -> StoredReview:
        """Save how the steps that are not kept are split into tasks.

        Raises:
            OutdatedError: somebody else changed the plan meanwhile.
            DamagedError: the episode is damaged or was changed on disk.
        """
        self.refuse_unfit()
        return self.store.change(revision, parting=parting)

    def settled(self) -> StoredReview:
        """Return the review with the default masks added: the plan that may be made final.

        Raises:
            DamagedError: the episode is damaged or was changed on disk.
        """
        self.refuse_unfit()
        stored = self.store.load()
        plan = self._checking_of(stored).settled(stored.plan, stored.accepted)
        return self.store.change(stored.revision, plan=plan)

    def undo(self, revision: int) -> StoredReview:
        """Undo the last change.

        Raises:
            OutdatedError: somebody else changed it meanwhile.
        """
        self.refuse_unfit()
        return self.store.undo(revision)

    def preview(self, place: int) -> Preview:
        """Return what the plan gives for one keep now, which is shown; nothing is written."""
        plan = self.store.load().plan
        preview = self.previews.of(plan, place)
        digest = sha256(preview.data).hexdigest()
        self._shown[plan_edits.steps_of(plan.keeps[place])] = digest
        self._given.pop(digest, None)
        self._given[digest] = Looked(preview.episode, self.marks)
        while len(self._given) > _MOST_GIVEN:
            del self._given[next(iter(self._given))]
        return preview

    def see_preview(self, seen: Seen) -> None:
        """Record what was shown of a preview; of other bytes nothing can have been shown."""
        given = self._given.get(seen.sha256)
        if given is not None:
            given.see(files=seen.files, outputs=seen.outputs, deleted=seen.deleted)

    def changed_since_preview(self, place: int, digest: str) -> bool | None:
        """Return whether the preview of a keep that was shown last had other bytes.

        None if none was shown.
        """
        keep = plan_edits.steps_of(self.store.load().plan.keeps[place])
        before = self._shown.get(keep)
        return None if before is None else before != digest

    def shown(self, sha256: str) -> Episode | None:
        """Return the sealed episode or a shown preview by the digest of its bytes.

        Raises:
            DamagedError: it is the sealed episode, and it is damaged.
        """
        if sha256 == self.file.sha256:
            return self.file.base.episode
        given = self._given.get(sha256)
        return None if given is None else given.episode

    def moments(self, place: int) -> list[dict[str, object]]:
        """Return the moments of one kept task to be asked about, each with the note it has.

        Raises:
            UsageError: there is no such keep, or nothing is left of it.
        """
        plan, base = self.store.load().plan, self.previews.base
        if not 0 <= place < len(plan.keeps):
            raise UsageError(f"the plan has no keep {place}; it has {len(plan.keeps)}")
        selection = select(plan, base, plan.keeps[place])
        if self._levels is None:
            self._levels = levels_of(base.episode)
        found = asked_moments(
            base.episode,
            self._levels,
            lambda seq: selection.fate_of(step_at(base, seq)) is Fate.KEPT,
        )
        said = {note.after_seq: note.text for note in plan.notes}
        return [one.row() | {"text": said.get(one.after_seq, "")} for one in found]

    def overview(self, place: int) -> dict[str, object]:
        """Return statistics of one kept task."""
        return overview(self.previews, self.store.load().plan, place)

    def check(self, place: int) -> CheckList:
        """Return the check list of one kept task."""
        stored = self.store.load()
        return self._checking_of(stored).check(stored.plan, place, stored.accepted)

    def groups(self, place: int) -> dict[str, object]:
        """Return `check` as JSON values."""
        found = self.check(place)
        return {
            "groups": [group.row() for group in found.groups],
            "decisions_needed": found.decisions_needed,
        }

    def items(self, place: int, asked: AskedItems) -> ItemRows:
        """Return some items of a group.

        Raises:
            UsageError: there is no such group, or no such keep.
        """
        stored = self.store.load()
        return self._checking_of(stored).items(stored.plan, place, stored.accepted, asked)

    def places(self, place: int, group: str) -> dict[str, object]:
        """Return where the values of a redaction group occur in the whole session.

        Raises:
            UsageError: there is no such group of masks, or no such keep.
        """
        stored = self.store.load()
        checking = self._checking_of(stored)
        checking.check(stored.plan, place, stored.accepted)
        return redaction_places(self.previews.base, checking.placeholders(group))

    def decide(self, place: int, group: str, action: str) -> dict[str, object]:
        """Apply one action to one group, item or `REST`, and return the new check list.

        Raises:
            UsageError: there is no such group or item, or it does not know the action.
            OutdatedError: another process changed the plan just now.
        """
        self.refuse_unfit()
        stored = self.store.load()
        checking = self._checking_of(stored)
        done = checking.decide(stored.plan, place, stored.accepted, group, action)
        after = self.store.change(stored.revision, plan=done.plan, accepted=done.accepted)
        return self.row(after) | self.groups(place)

    def mask(self, value: str) -> dict[str, object]:
        """Mask every occurrence of a value; the value itself is not stored.

        Raises:
            UsageError: it is too short.
        """
        self.refuse_unfit()
        found = masks_for_value(value, self.file.base.episode)
        stored = self.store.load()
        plan = stored.plan
        masked = plan.model_copy(
            update={
                "mask_texts": tuple(dict.fromkeys((*plan.mask_texts, *found.texts))),
                "mask_fields": tuple(dict.fromkeys((*plan.mask_fields, *found.fields))),
            }
        )
        after = self.store.change(stored.revision, plan=masked)
        return self.row(after) | {
            "texts": found.text_places,
            "fields": found.field_places,
            "names": list(found.named_paths),
        }

    def unmask(self, group: str, *, confirmed_exact: bool = False) -> dict[str, object]:
        """Seal again without one mask, and continue with the new episode.

        Args:
            group: of redactions, as `groups` names it.
            confirmed_exact: the person was told that it is a value known to be secret.

        Raises:
            NotFoundError: the journals are gone.
            RefusedError: what is left cannot be verified.
        """
        from signoff_collector.review.desk.base_file import open_base_file

        self.refuse_unfit()
        stored = self.store.load()
        placeholders = self._checking_of(stored).placeholders(group)
        done = unmask(
            self.home, self.file.base, stored.plan, placeholders, confirmed_exact=confirmed_exact
        )
        self._begin(open_base_file(done.base.path))
        begun = self.store.begin(done.plan)
        lost = [*done.lost, *([_LOST_PARTING] if stored.now.parting != Parting() else [])]
        return self.row(begun) | {"base_sha256": self.file.sha256, "lost": lost}

    def name_repository(self, revision: int, url: str, spdx: str) -> dict[str, object]:
        """Set the public repository, with those of its commits that a remote has.

        Raises:
            NotFoundError: the journals are gone, or no commit was on a remote.
            DamagedError: url or licence is not one.
            OutdatedError: somebody else changed the plan meanwhile.
        """
        named = named_repository(self.home, self.file.sha256, url=url, spdx=spdx or "NOASSERTION")
        plan = plan_edits.name_repository(self.store.load().plan, named)
        return self.row(self.change(revision, plan)) | {"commits": len(named.commits)}

    def discard(self) -> list[str]:
        """Delete the episode, its review and the results of reviews; return the names of the files.

        The raw history of the session stays until it is purged, as with `signoff discard`.
        """
        self.is_discarded = True
        return remove_episode(self.home, self.file.sha256)

    def refuse_unfit(self) -> None:
        """Refuse every write while the episode is damaged, gone, or replaced.

        Raises:
            DamagedError: it is damaged or was changed on disk.
            NotFoundError: it is gone.
        """
        self.file.refuse_changed()
        _ = self.file.base

    def _checking_of(self, stored: StoredReview) -> Checking:
        if self._checking is None or self._checking[0] != stored.key:
            begun = begin_checking(self.home, self.file.sha256, self.previews.base, stored.key)
            self._checking = (stored.key, begun)
        return self._checking[1]


def _say_nothing(_said: str) -> None:
    """Ignore progress: no one displays it."""
