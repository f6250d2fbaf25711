"""One review behind the page: the episode, the plan, and what the plan gives.

Nothing here knows HTTP. Every change goes through the plan's store, so that a second window, or
the terminal, may review the same episode; whoever comes later is told to look again.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.seal_notes import to_check
from signoff_collector.capture.sessions import list_sessions, sealed_as
from signoff_collector.episode_files import remove_episode
from signoff_collector.review.groups import Checking
from signoff_collector.review.naming import session_of
from signoff_collector.review.overview import overview
from signoff_collector.review.plan_store import PlanStore
from signoff_collector.review.previews import Previews
from signoff_collector.review.proposals import proposed_tasks
from signoff_collector.review.selection import check_files, select
from signoff_collector.review.unmasking import can_unmask, unmask
from signoff_collector.review.value_masks import masks_for_value
from signoff_schemas.errors import NotFoundError, SignoffError, UsageError
from signoff_schemas.plan import RangeKeep

if TYPE_CHECKING:
    from signoff_collector.capture.sessions import Session
    from signoff_collector.home import Home
    from signoff_collector.review.groups import CheckList
    from signoff_collector.review.plan_store import StoredReview
    from signoff_collector.review.serving.base_file import BaseFile
    from signoff_schemas.plan import Plan

_DIGITS: Final = 16


class Reviewing:
    """The review that one server serves. Methods may be called from any thread, one at a time."""

    def __init__(self, home: Home, file: BaseFile) -> None:
        self.home = home
        self.lock = threading.RLock()
        """Held around every method but the simplest: episodes are read lazily."""
        self.is_discarded = False
        self._begin(file)

    def _begin(self, file: BaseFile) -> None:
        self.file = file
        self.store = PlanStore(self.home, file.sha256)
        self.shown_previews: dict[int, str] = {}
        """Digest of the last preview that was given out, by place."""
        self._previews: Previews | None = None
        self._checking: tuple[str, Checking] | None = None

    @property
    def previews(self) -> Previews:
        """What plans give for this episode.

        Raises:
            DamagedError: the episode is damaged.
        """
        if self._previews is None:
            self._previews = Previews(self.file.base.episode)
        return self._previews

    def told(self) -> dict[str, object]:
        """Return what the page is told first."""
        session = self._session()
        row: dict[str, object] = {
            "base_sha256": self.file.sha256,
            "name": self.file.path.name.removesuffix(".episode"),
            "sealed_from": None if session is None else session.id,
            "proposals": [],
            "can_unmask": False,
            "damage": self.file.damage,
            "session_grew": session is not None and self._has_grown(session),
        }
        if self.file.whole is not None:
            row["proposals"] = [one.row() for one in proposed_tasks(self.file.whole.episode)]
            row["can_unmask"] = can_unmask(self.home, self.file.whole)
        return row | plan_row(self.store.load())

    def warm(self) -> None:
        """Work out what the first change will need, while the person still looks at the tasks."""
        if self.file.whole is None or self._checking is not None:
            return
        with suppress(SignoffError):
            stored = self.store.load()
            tasks = proposed_tasks(self.file.base.episode)
            least = min(tasks, key=lambda task: task.edits, default=None)
            if least is not None:
                keep = RangeKeep(from_seq=least.from_seq, to_seq=least.to_seq)
                plan = stored.plan.model_copy(update={"keeps": (keep,)})
                self._checking_of(stored).settled(plan)

    def change(self, revision: int, plan: Plan) -> StoredReview:
        """Save a plan, with the masks that are made by default.

        Raises:
            OutdatedError: somebody else changed it meanwhile.
            UsageError: it is for another episode, names what is not there, or leaves nothing
                of a keep.
            DamagedError: the episode is damaged or was changed on disk.
        """
        self.refuse_unfit()
        if plan.base_sha256 != self.file.sha256:
            raise UsageError(
                "this plan is for another episode", hint="Load the review again: it was unmasked."
            )
        check_files(plan, self.previews.base.paths)
        for keep in plan.keeps:
            select(plan, self.previews.base, keep)
        stored = self.store.load()
        settled = self._checking_of(stored).settled(plan, stored.accepted)
        return self.store.change(revision, plan=settled)

    def settled(self) -> StoredReview:
        """Return the review with the masks in it that are made by default: what may be final.

        Raises:
            DamagedError: the episode is damaged or was changed on disk.
        """
        self.refuse_unfit()
        stored = self.store.load()
        plan = self._checking_of(stored).settled(stored.plan, stored.accepted)
        return self.store.change(stored.revision, plan=plan)

    def undo(self, revision: int) -> StoredReview:
        """Take the last change back.

        Raises:
            OutdatedError: somebody else changed it meanwhile.
        """
        self.refuse_unfit()
        return self.store.undo(revision)

    def preview(self, place: int) -> bytes:
        """Return the bytes that the plan gives for one keep now; nothing is written."""
        from hashlib import sha256

        data = self.previews.of(self.store.load().plan, place).data
        self.shown_previews[place] = sha256(data).hexdigest()
        return data

    def overview(self, place: int) -> dict[str, object]:
        """Return what one kept task holds, in figures."""
        return overview(self.previews, self.store.load().plan, place)

    def check(self, place: int) -> CheckList:
        """Return what is to be checked in one kept task."""
        stored = self.store.load()
        return self._checking_of(stored).check(stored.plan, place, stored.accepted)

    def groups(self, place: int) -> dict[str, object]:
        """Return `check` as JSON values."""
        found = self.check(place)
        return {
            "groups": [group.row() for group in found.groups],
            "decisions_needed": found.decisions_needed,
        }

    def decide(self, place: int, group: str, action: str) -> dict[str, object]:
        """Do one action on one group, and return what is to be checked then.

        Raises:
            UsageError: there is no such group, or it does not know the action.
            OutdatedError: another process changed the plan just now.
        """
        self.refuse_unfit()
        stored = self.store.load()
        checking = self._checking_of(stored)
        done = checking.decide(stored.plan, place, stored.accepted, group, action)
        after = self.store.change(stored.revision, plan=done.plan, accepted=done.accepted)
        return plan_row(after) | self.groups(place)

    def mask(self, value: str) -> dict[str, object]:
        """Mask every place of a value; the value itself is kept nowhere.

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
        return plan_row(after) | {
            "texts": len(found.texts),
            "fields": len(found.fields),
            "names": list(found.named_paths),
        }

    def unmask(self, group: str, *, confirmed_exact: bool = False) -> dict[str, object]:
        """Seal once more without one mask, and go on with the new episode.

        Args:
            group: of redactions, as `groups` names it.
            confirmed_exact: the person was told that it is a value known to be secret.

        Raises:
            NotFoundError: the journals are gone.
            RefusedError: what is left cannot be verified.
        """
        from signoff_collector.review.serving.base_file import open_base_file

        self.refuse_unfit()
        stored = self.store.load()
        placeholders = self._checking_of(stored).placeholders(group)
        done = unmask(
            self.home, self.file.base, stored.plan, placeholders, confirmed_exact=confirmed_exact
        )
        self._begin(open_base_file(done.base.path))
        begun = self.store.begin(done.plan)
        return plan_row(begun) | {"base_sha256": self.file.sha256, "lost": list(done.lost)}

    def discard(self) -> list[str]:
        """Delete the episode, its review, and what reviews made of it; return the files' names.

        The raw history of its session stays until it is purged, as with `signoff discard`.
        """
        self.is_discarded = True
        return remove_episode(self.home, self.file.sha256)

    def refuse_unfit(self) -> None:
        """Refuse whatever writes while the episode is damaged, gone, or another one.

        Raises:
            DamagedError: it is damaged or was changed on disk.
            NotFoundError: it is gone.
        """
        self.file.refuse_changed()
        _ = self.file.base

    def _checking_of(self, stored: StoredReview) -> Checking:
        if self._checking is None or self._checking[0] != stored.key:
            session = self._session()
            checking = Checking(
                self.file.base.episode,
                key=bytes.fromhex(stored.key),
                own_words=_own_words(session),
                residue=() if session is None else to_check(session),
                base=self.previews.base,
            )
            self._checking = (stored.key, checking)
        return self._checking[1]

    def _session(self) -> Session | None:
        try:
            return session_of(self.home, self.file.sha256)
        except NotFoundError:
            return None

    def _has_grown(self, sealed: Session) -> bool:
        """Say whether the workspace has recorded more since, which nobody sealed yet."""
        return any(
            session.root == sealed.root
            and session.started_wall_ns > sealed.started_wall_ns
            and sealed_as(session) is None
            for session in list_sessions(self.home)
        )


def plan_row(stored: StoredReview) -> dict[str, object]:
    """Return a saved plan as the page gets it."""
    return {
        "plan": stored.plan.model_dump(mode="json"),
        "revision": stored.revision,
        "can_undo": stored.can_undo,
    }


def _own_words(session: Session | None) -> frozenset[str]:
    from signoff_collector.seal.gathered import read_gathered

    gathered = None if session is None else read_gathered(session.folder)
    return frozenset() if gathered is None else frozenset(gathered.words.split())
