"""Toggles for excluded and included items: steps, kinds, files, texts, times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from signoff_collector.review.file_screens.base_files import base_items
from signoff_collector.review.file_screens.base_reading import BaseReading
from signoff_collector.review.plan.draft import step_range
from signoff_collector.review.plan.plan_edits import (
    NumberList,
    Resolution,
    cut_range,
    name_repository,
    resolve_times,
    tell_day,
    tick,
    tick_kind,
    uncut_range,
)
from signoff_collector.review.screens.asking import OneOf, Words
from signoff_collector.review.screens.frame import ReviewScreen, keys_of, words_of
from signoff_collector.review.screens.plain import Lines
from signoff_collector.review.tasks.contents import kinds_of
from signoff_collector.text.linear import linearise_path
from signoff_schemas.keys import SCREENS
from signoff_schemas.steps import FILE_STATE_KINDS, STEP_KINDS

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from signoff_schemas.errors import SignoffError

_TIMES: Final[tuple[tuple[Resolution, str], ...]] = (
    ("1s", "one second: typing is spread evenly"),
    ("100ms", "a tenth: the rhythm of your keys can identify you"),
    ("exact", "exact: the rhythm of your keys identifies you"),
)
Item = tuple[str, Callable[[], None]]


class Cutting(ReviewScreen):
    """One row per item; Enter toggles it."""

    TAB = "Overview"
    PLACE = "terminal:overview"
    KEYS = "Enter does it, or takes it back  u undo  x mask a value  Esc overview  ? help"
    BINDINGS: ClassVar = keys_of(PLACE, take_out="close", shared=None, notes=None)

    def action_close(self) -> None:
        """Go back to the overview."""
        self.action_tab(SCREENS.index("overview") + 1)

    def fill(self) -> None:
        """Show the rows."""
        self._items: list[Item] = [
            *self._ranges(), *self._kinds(), *self._files(), *self._rest(), *self._base()
        ]  # fmt: skip
        self.query_one(Lines).put([label for label, _ in self._items])
        self.query_one(Lines).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Toggle the row."""
        self._items[event.option_index][1]()

    def _ranges(self) -> Iterator[Item]:
        desk = self.review.desk
        yield "cut steps …", self._ask_range
        for place, cut in enumerate(desk.plan.cut_ranges):
            label = f"[cut] steps {cut.from_seq}-{cut.to_seq}; their remaining text is under 8"

            def uncut(place: int = place) -> None:
                self._change(lambda: desk.change(uncut_range(desk.plan, place)), "they are back")

            yield label, uncut

    def _ask_range(self) -> None:
        last = self.review.desk.base.step_count - 1

        def cut(words: str | None) -> None:
            if words:
                self.attempt(lambda: self._cut(words.strip()))

        self.app.push_screen(Words(f"Steps to cut, as 12-40; there are 0 to {last}:"), cut)

    def _cut(self, words: str) -> str:
        desk = self.review.desk
        low, high = step_range(words, desk.base)
        desk.change(cut_range(desk.plan, low, high))
        return f"steps {low} to {high} are cut; `8` lists text of theirs that is still there"

    def _kinds(self) -> Iterator[Item]:
        desk = self.review.desk
        counts = kinds_of(desk.base)
        for kind in sorted(set(STEP_KINDS) - FILE_STATE_KINDS):
            if not counts[kind]:
                continue
            is_cut = kind in desk.plan.cut_kinds

            def turn(kind: str = kind, is_cut: bool = is_cut) -> None:
                plan = tick_kind(desk.plan, kind, is_on=not is_cut)
                self._change(lambda: desk.change(plan), "share" if is_cut else "cut")

            yield f"{_mark(is_cut, 'cut')} all {counts[kind]} steps of kind {kind}", turn

    def _files(self) -> Iterator[Item]:
        desk = self.review.desk
        for place, path in enumerate(desk.paths):
            is_cut = place in desk.plan.cut_files
            label = f"{_mark(is_cut, 'cut')} file {linearise_path(path)}"
            yield label, self._ticking("cut_files", place, is_on=not is_cut)
        for place, path in desk.incoming.overlay().items():
            is_on = place in desk.plan.overlay_files
            label = f"{_mark(is_on, 'share')} never opened, differed: {linearise_path(path)}"
            yield label, self._ticking("overlay_files", place, is_on=not is_on)
        for seq, path in desk.incoming.paused():
            is_on = seq in desk.plan.paused_texts
            label = f"{_mark(is_on, 'share')} typed in a pause, step {seq}: {linearise_path(path)}"
            yield label, self._ticking("paused_texts", seq, is_on=not is_on)

    def _ticking(self, name: NumberList, place: int, *, is_on: bool) -> Callable[[], None]:
        desk = self.review.desk

        def turn() -> None:
            plan = tick(desk.plan, name, place, is_on=is_on)
            self._change(lambda: desk.change(plan), "done")

        return turn

    def _rest(self) -> Iterator[Item]:
        plan = self.review.desk.plan
        yield f"times: {plan.time_resolution}", self._ask_times
        told = tell_day(plan, is_on=not plan.wall_clock)
        label = f"{_mark(plan.wall_clock, 'share')} the day it began, in UTC; not the time of day"
        yield label, lambda: self._change(lambda: self.review.desk.change(told), "done")
        if plan.name_repository is None:
            yield "name the public repository …", self._ask_repository
        else:
            yield f"named: {plan.name_repository.url}", self._unname

    def _base(self) -> Iterator[Item]:
        desk = self.review.desk
        begins = bool(desk.plan.keeps) and desk.plan.with_base is None
        for label, do in base_items(desk):
            yield label, partial(self._when_read if begins else self.attempt, do)

    def _when_read(self, do: Callable[[], str]) -> None:
        def read(failed: SignoffError | None) -> None:
            if failed is None:
                self.attempt(do)
            else:
                self.say(words_of(failed))

        self.app.push_screen(BaseReading(self.review.desk), read)

    def _ask_times(self) -> None:
        desk = self.review.desk

        def chosen(place: int | None) -> None:
            if place is not None:
                plan = resolve_times(desk.plan, _TIMES[place][0])
                self._change(lambda: desk.change(plan), "times chosen")

        question = OneOf("How exact should times be?", [words for _, words in _TIMES])
        self.app.push_screen(question, chosen)

    def _ask_repository(self) -> None:
        def named(words: str | None) -> None:
            if words and words.split():
                url, _, spdx = words.strip().partition(" ")
                self.attempt(lambda: self._name_it(url, spdx.strip() or "NOASSERTION"))

        question = "Its address and licence, as https://host/owner/name MIT (names its authors):"
        self.app.push_screen(Words(question), named)

    def _name_it(self, url: str, spdx: str) -> str:
        count = self.review.desk.name_repository(url, spdx)
        return f"named, with {count} commits"

    def _unname(self) -> None:
        desk = self.review.desk
        self._change(lambda: desk.change(name_repository(desk.plan, None)), "not named")

    def _change(self, do: Callable[[], None], said: str) -> None:
        def done() -> str:
            do()
            return said

        self.attempt(done)


def _mark(is_on: bool, word: str) -> str:
    return f"[{word if is_on else ' ' * len(word)}]"
