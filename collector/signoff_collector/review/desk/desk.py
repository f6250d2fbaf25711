"""Operations of a review at the terminal, for the full screens and the line dialogue.

It uses the same `Reviewing` and `Finals` as the page, so that a plan gives the same file from every
front end. Nothing here prints or asks.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from signoff_collector.levels.tasks import proposed_tasks
from signoff_collector.redaction.texts.texts import named_paths
from signoff_collector.replay.origin import origin_words
from signoff_collector.review.checking.group_values import counted
from signoff_collector.review.checking.incoming import Incoming
from signoff_collector.review.plan import plan_edits
from signoff_collector.review.tasks.file_moments import Looked
from signoff_collector.review.tasks.task_rows import TaskRow, spans_of_keep, task_rows
from signoff_schemas.errors import OutdatedError, UsageError
from signoff_schemas.plan import StepSpan, TextMask

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.episode.content import Episode
    from signoff_collector.levels.tasks import Proposal
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.applying.previews import Preview, Previews
    from signoff_collector.review.checking.groups import AskedItems, CheckList, ItemRows
    from signoff_collector.review.desk.reviewing import Reviewing
    from signoff_collector.review.plan.parting import Parting
    from signoff_collector.review.plan.stored_review import StoredReview
    from signoff_collector.review.tasks.task_states import Standing
    from signoff_schemas.plan import Plan


class Desk:
    """One review: its saved plan, and what the plan gives."""

    def __init__(self, reviewing: Reviewing) -> None:
        self._reviewing = reviewing
        self.home: Home = reviewing.home
        self._stored: StoredReview = reviewing.store.load()
        self.place = 0
        """Index of the keep that the screens show."""

    @property
    def base(self) -> Episode:
        """The first sealed episode."""
        return self._reviewing.file.base.episode

    @property
    def name(self) -> str:
        """What the episode is called."""
        return self._reviewing.file.path.name

    @property
    def origin(self) -> str:
        """Which project was recorded, and when."""
        return origin_words(self.base.header, self._reviewing.project)

    @property
    def plan(self) -> Plan:
        """The plan as last loaded."""
        return self._stored.plan

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return self._stored.can_undo

    @property
    def previews(self) -> Previews:
        """Previews of plans, with the base tree.

        Raises:
            DamagedError: the episode is damaged.
        """
        return self._reviewing.previews

    def read_base_tree(self, progress: Callable[[str], None]) -> None:
        """Read the base tree, which takes as long as sealing the first time.

        Args:
            progress: called with a description of the current phase, in the calling thread.

        Raises:
            SignoffError: it cannot be read.
        """
        self._reviewing.read_base_tree(progress)

    def reload(self) -> bool:
        """Reload the plan from disk; return whether another process changed it."""
        before = self._stored.revision
        self._stored = self._reviewing.store.load()
        return self._stored.revision != before

    def change(self, plan: Plan) -> None:
        """Save a changed plan, with the default masks added.

        Raises:
            OutdatedError: another window changed it; it was loaded again.
            SignoffError: it names what is not there, or cannot be saved.
        """
        self._changed(lambda revision: self._reviewing.change(revision, plan))

    def undo(self) -> bool:
        """Undo the last change; False if there is none.

        Raises:
            OutdatedError: another window changed it; it was loaded again.
        """
        if not self.can_undo:
            return False
        self._changed(self._reviewing.undo)
        return True

    def _part(self, parting: Parting) -> None:
        self._changed(lambda revision: self._reviewing.part(revision, parting))

    def _changed(self, change: Callable[[int], StoredReview]) -> None:
        """Apply a change to the loaded plan; on a conflict the newer plan is loaded."""
        try:
            self._stored = change(self._stored.revision)
        except OutdatedError:
            self.reload()
            raise
        self.place = max(0, min(self.place, len(self.plan.keeps) - 1))

    # Tasks

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """The proposed split of the session into tasks."""
        return proposed_tasks(self.base)

    def rows(self) -> tuple[TaskRow, ...]:
        """Return all tasks, kept or not."""
        return task_rows(
            self.proposals, self.plan, self._reviewing.previews.base.times, self._stored.now.parting
        )

    def standings(self) -> tuple[Standing, ...]:
        """Return what became of each of them, in the same order."""
        return self._reviewing.standings(self._stored)

    def keep(self, row: TaskRow) -> None:
        """Toggle whether a task is kept."""
        if row.place is not None:
            self.change(plan_edits.drop_keep(self.plan, row.place))
            return
        self.change(plan_edits.keep_spans(self.plan, row.spans))
        self.place = len(self.plan.keeps) - 1

    def split(self, row: TaskRow, at: int) -> None:
        """Split a task in two; the second begins with step `at`.

        Raises:
            UsageError: the step is not inside it.
        """
        if not any(span.from_seq <= at <= span.to_seq for span in row.spans) or at == row.first:
            raise UsageError(
                f"cannot split the task at step {at}",
                hint=f"It has steps {row.first + 1} to {row.last}.",
            )
        if row.place is None:
            self._part(self._stored.now.parting.split_at(at))
        else:
            self.change(plan_edits.split_keep(self.plan, row.place, at, row.spans))

    def join(self, row: TaskRow, following: TaskRow) -> None:
        """Join two tasks; the result is kept if one of them was."""
        spans = (*row.spans, *following.spans)
        if row.place is not None:
            others = [] if following.place is None else [following.place]
            self.change(plan_edits.join_keep(self.plan, row.place, spans, others))
        elif following.place is not None:
            self.change(plan_edits.join_keep(self.plan, following.place, spans))
        else:
            self._part(self._stored.now.parting.join_tasks_at(following.first))

    def spans(self, place: int) -> tuple[StepSpan, ...]:
        """Return the steps that a keep names."""
        return spans_of_keep(self.plan.keeps[place], self.proposals)

    # What is kept

    def preview(self, place: int | None = None) -> Preview:
        """Return what the plan gives for one keep now.

        Raises:
            UsageError: there is no such keep, or nothing is left of it.
        """
        return self._reviewing.previews.of(self.plan, self.place if place is None else place)

    def shown_preview(self) -> Preview:
        """Return the preview of the keep, and record that it was shown.

        Raises:
            UsageError: there is no such keep, or nothing is left of it.
        """
        return self._reviewing.preview(self.place)

    def looked(self, episode: Episode) -> Looked:
        """Return a version of what would be shared, with what was shown of it in this review."""
        return Looked(episode, self._reviewing.marks)

    def differs_from_shown_preview(self, digest: str) -> bool:
        """Return whether an earlier preview of the keep with other bytes was shown."""
        return self._reviewing.changed_since_preview(self.place, digest) is True

    def overview(self) -> dict[str, object]:
        """Return statistics of the keep."""
        from signoff_collector.review.tasks.overview import overview

        self.shown_preview()
        return overview(self._reviewing.previews, self.plan, self.place)

    def moments(self) -> list[dict[str, object]]:
        """Return the moments of the keep to be asked about, each with the note it has."""
        return self._reviewing.moments(self.place)

    def note(self, seq: int, text: str) -> bool:
        """Set the note of a moment, or remove it with blank words; return whether that changed it.

        Raises:
            UsageError: it is no line of text, or its step is cut or not there.
            OutdatedError: another window changed the plan; it was loaded again.
        """
        plan = plan_edits.note_at(self.plan, seq, text)
        if plan == self.plan:
            return False
        self.change(plan)
        return True

    def checks(self) -> CheckList:
        """Return the check list of the keep."""
        return self._reviewing.check(self.place)

    def items(self, asked: AskedItems) -> ItemRows:
        """Return some items of a group.

        Raises:
            UsageError: there is no such group.
        """
        return self._reviewing.items(self.place, asked)

    def decide(self, group: str, action: str) -> bool:
        """Apply one action to one group, item or `REST`; return whether that changed anything.

        Raises:
            SignoffError: it does not know the action, or another window was faster.
        """
        self._reviewing.decide(self.place, group, action)
        return self.reload()

    def unmask(self, group: str, *, confirmed_exact: bool = False) -> tuple[str, ...]:
        """Seal again without one mask; return the plan entries that could not be mapped.

        Raises:
            NotFoundError: the journals are gone.
            RefusedError: the value is known to be secret and that was not confirmed, or what
                is left cannot be verified.
        """
        told = self._reviewing.unmask(group, confirmed_exact=confirmed_exact)
        self._stored = self._reviewing.store.load()
        self.__dict__.pop("proposals", None)
        self.__dict__.pop("paths", None)
        lost = told["lost"]
        return tuple(str(one) for one in lost) if isinstance(lost, list) else ()

    # Taking out

    @cached_property
    def paths(self) -> list[str]:
        """Paths of the base episode by the number that a plan calls them by."""
        return named_paths(self.base)

    def mask_value(self, value: str) -> str:
        """Mask every occurrence of a value; return a message that does not contain the value."""
        told = self._reviewing.mask(value)
        self.reload()
        names = told["names"]
        texts = counted(int(str(told["texts"])), "place", "places")
        said = f"{texts} in files and {told['fields']} in other steps masked"
        held = len(names) if isinstance(names, list) else 0
        if held:
            said += f"; {held} names of files contain it: cut those files"
        return said

    def mask_span(self, file: int, buffer: int | None, seq: int, start: int, length: int) -> None:
        """Mask characters of one text of the base episode, in every state that contains them."""
        mask = TextMask(after_seq=seq, file=file, buffer=buffer, start=start, length=length)
        self.change(plan_edits.mask_texts(self.plan, [mask]))

    @cached_property
    def incoming(self) -> Incoming:
        """Return the texts that enter from elsewhere and that nobody saw being written."""
        return Incoming(self)

    def name_repository(self, url: str, spdx: str) -> int:
        """Set the public repository; return how many commits of it are named."""
        from signoff_collector.review.checking.naming import named_repository

        base = self._reviewing.file.sha256
        named = named_repository(self.home, base, url=url, spdx=spdx)
        self.change(plan_edits.name_repository(self.plan, named))
        return len(named.commits)

    def discard(self) -> None:
        """Delete the episode and everything that reviews made of it."""
        self._reviewing.discard()
