"""Commands of the line dialogue that mask text or include it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.review.checking.check_lines import group_head, group_line, item_line
from signoff_collector.review.checking.group_values import counted
from signoff_collector.review.checking.groups import REST, AskedItems
from signoff_collector.review.lines.asking import ask_hidden
from signoff_collector.review.plan.draft import file_number, number, only
from signoff_collector.review.plan.plan_edits import tick
from signoff_collector.text.linear import linearise_path
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.review.applying.apply import Entered
    from signoff_collector.review.checking.groups import Group, ItemRow
    from signoff_collector.review.desk.desk import Desk


_AT_ONCE: Final = 40
"""Items printed at once."""
_FOR_REST: Final = ("mask", "accept")
_OTHERWISE: Final = "what cannot be masked can only be accepted or left out"


class MaskingDialogue:
    """One method per command: takes its arguments, returns the text to print."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._entered: tuple[Entered, ...] = ()
        self._groups: list[tuple[int, Group]] = []
        """Groups with the index of their keep."""

    def mask(self, words: list[str]) -> str:
        """Mask every occurrence of a value, which is asked for without echo."""
        if words:
            return "type only `mask`: the value is asked for, and not shown while you type it"
        value = ask_hidden("value to mask (not shown):")
        return self._desk.mask_value(value) if value else "nothing is masked"

    def check(self, words: list[str]) -> str:
        """List the groups of all kept tasks, show one, or apply one action to it."""
        if not words:
            return self._list_groups()
        if not self._groups:
            self._list_groups()
        if words[0] == REST:
            return self._decide_rest(only(words[1:]))
        named, _, inside = words[0].partition(".")
        place = number(named, "a group")
        if place >= len(self._groups):
            raise UsageError(f"there is no group {place}", hint="`check` lists them.")
        keep, group = self._groups[place]
        self._desk.place = keep
        chosen: Group | ItemRow = group
        if inside:
            chosen = self._item(group, number(inside, "an item"))
        match words[1:]:
            case [] if not inside:
                return self._show(place, group, 0)
            case ["from", first]:
                return self._show(place, group, number(first, "an item"))
            case ["find", *rest] if rest:
                return self._show(place, group, 0, " ".join(rest))
            case [action] if action in _possible(chosen):
                self._desk.decide(chosen.id, action)
                return f"{action}: done\n{self._list_groups()}"
            case _:
                raise UsageError(
                    f"{' '.join(words[1:]) or 'nothing'} cannot be done here",
                    hint=f"These can: {', '.join(_possible(chosen))}",
                )

    def _decide_rest(self, action: str) -> str:
        if action not in _FOR_REST:
            raise UsageError(
                f"{action} cannot be done with all that is left",
                hint=f"These can: {', '.join(_FOR_REST)}",
            )
        before, changed = self._waiting(), 0
        for place in range(len(self._desk.plan.keeps)):
            self._desk.place = place
            changed += self._desk.decide(REST, action)
        left = self._waiting()
        said = f"{action}: {counted(before - left, 'item is', 'items are')} decided"
        if left:
            said += f", {counted(left, 'item still waits', 'items still wait')}: {_OTHERWISE}"
        if changed:
            said += "; `undo` takes it back" + (", task by task" if changed > 1 else "")
        return f"{said}\n{self._list_groups()}"

    def _waiting(self) -> int:
        """Return how many items wait for a decision, in all tasks."""
        self._list_groups()
        return sum(group.left for _, group in self._groups)

    def _item(self, group: Group, place: int) -> ItemRow:
        asked = AskedItems(group=group.id, first=place, count=1, find="")
        found = self._desk.items(asked).items
        if not found:
            raise UsageError(f"there is no item {place}", hint="`check N` lists them.")
        return found[0]

    def _show(self, place: int, group: Group, first: int, find: str = "") -> str:
        """Return a group with a page of its items, or with those that a search finds."""
        count = group.count if find else _AT_ONCE
        rows = self._desk.items(AskedItems(group=group.id, first=first, count=count, find=""))
        lines = [
            f"{place}.{number} {line}"
            for number, line in enumerate(map(item_line, rows.items), start=first)
            if find.lower() in line.lower()
        ][:_AT_ONCE]
        end = first + len(rows.items)
        more = f"`check {place} from {end}` shows more" if end < rows.total else ""
        return "\n".join([group_head(group), "", *lines, *([more] if more else [])])

    def _list_groups(self) -> str:
        desk = self._desk
        self._groups = []
        for place in range(len(desk.plan.keeps)):
            desk.place = place
            self._groups += [(place, group) for group in desk.checks().groups]
        if not self._groups:
            return "there is nothing to check" if desk.plan.keeps else "nothing is included yet"
        return "\n".join(f"{n:>3} {group_line(group)}" for n, (_, group) in enumerate(self._groups))

    def list_entered(self) -> str:
        """List the texts that enter from omitted steps."""
        self._entered = self._desk.incoming.entered()
        if not self._entered:
            return "there is no text from steps that are not included"
        lines = [
            f"  {place} {linearise_path(one.path)} as it was at step {one.seq}"
            for place, one in enumerate(self._entered)
        ]
        return "\n".join([*lines, "hide N masks the whole text"])

    def hide(self, words: list[str]) -> str:
        """Mask a text that enters completely."""
        if not self._entered:
            self.list_entered()
        place = number(only(words), "a text")
        if place >= len(self._entered):
            raise UsageError(f"there is no text {place}", hint="`entered` lists them.")
        one = self._entered[place]
        self._desk.incoming.hide([one])
        return f"{linearise_path(one.path)} as it was at step {one.seq} is masked"

    def whole(self, words: list[str]) -> str:
        """Share the whole of a file that was only viewed."""
        file = file_number(only(words), self._desk.paths)
        self._desk.change(tick(self._desk.plan, "whole_files", file, is_on=True))
        return f"file {file} is shared in full if it is included"

    def overlay(self, words: list[str]) -> str:
        """List the base overlay files that nobody opened, or share one of them (threat 5)."""
        unseen = self._desk.incoming.overlay()
        if words:
            file = file_number(only(words), self._desk.paths)
            if file not in unseen:
                raise UsageError(f"file {file} is none of them", hint="`overlay` lists them.")
            self._desk.change(tick(self._desk.plan, "overlay_files", file, is_on=True))
            return f"file {file} is shared as it was at the start, if something is included"
        if not unseen:
            return "every file that differed from the commit was opened or changed"
        lines = [f"  {file} {linearise_path(path)}" for file, path in unseen.items()]
        said = "these differed from the commit and were never opened or changed; not shared:"
        return "\n".join([said, *lines, "overlay FILE shares one"])

    def paused(self, words: list[str]) -> str:
        """Share text that was typed while recording was paused."""
        seq = number(only(words), "a step")
        self._desk.change(tick(self._desk.plan, "paused_texts", seq, is_on=True))
        return f"text of step {seq} is shared although recording was paused"


def _possible(chosen: Group | ItemRow) -> list[str]:
    """Return the actions that are said in a word."""
    return [one for one in chosen.actions if one not in {"show", "unmask"}]
