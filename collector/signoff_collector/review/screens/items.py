"""The items of one group of the check list: each can be decided on by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.screen import Screen
from textual.widgets import OptionList

from signoff_collector.replay.screens.bars import Bar
from signoff_collector.replay.screens.keys import bindings_of
from signoff_collector.review.checking.check_lines import group_head, item_line
from signoff_collector.review.checking.groups import AskedItems
from signoff_collector.review.screens.asking import Words
from signoff_collector.review.screens.plain import Lines, one_line
from signoff_schemas.errors import SignoffError
from signoff_schemas.keys import ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from signoff_collector.review.checking.groups import Group, ItemRow
    from signoff_collector.review.screens.app import ReviewApp

_AT_ONCE: Final = 200
"""Items loaded before the cursor is at the last one."""
_KEYS: Final = " x mask  a accept  Del cut file  / search  u undo  arrows, page keys move  Esc back"
_DONE: Final = {"mask": "masked", "accept": "accepted", "cut_file": "its file is cut"}


class Items(Screen[None]):
    """A list that loads more as one goes down, and can be searched."""

    DEFAULT_CSS = "Items { background: ansi_default; layout: vertical; }"
    BINDINGS: ClassVar = bindings_of(
        ITEMS,
        {
            "mask": "decide('mask')", "accept": "decide('accept')", "cut": "decide('cut_file')",
            "search": "search", "undo": "undo", "help": "help", "close": "leave",
        },
    )  # fmt: skip

    def __init__(self, group: Group) -> None:
        super().__init__()
        self._group = group
        self._find = ""
        self._items: list[ItemRow] = []
        self._total = 0

    @property
    def _review(self) -> ReviewApp:
        return cast("ReviewApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the group above its items, the message and the keys below."""
        yield Bar(id="group", look="bar")
        yield Lines()
        yield Bar(id="said", look="strong")
        yield Bar(_KEYS, look="dim")

    def on_mount(self) -> None:
        """Show the first items."""
        self._load(_AT_ONCE)
        self.query_one(Lines).focus()

    def _load(self, count: int) -> None:
        """Load so many items from the beginning; on an error nothing is left to decide on."""
        asked = AskedItems(group=self._group.id, first=0, count=count, find=self._find)
        said = ""
        try:
            found = self._review.desk.items(asked)
            self._items, self._total = list(found.items), found.total
        except SignoffError as error:
            self._items, self._total, said = [], 0, str(error)
        lines = self.query_one(Lines)
        lines.put([item_line(item) for item in self._items])
        title = one_line(group_head(self._group).split("\n")[0])
        found_by = f", {self._total} with “{one_line(self._find)}”" if self._find else ""
        self.query_one("#group", Bar).say((f" {title}{found_by}", "bar"))
        self._say(said)

    def _say(self, words: str) -> None:
        self.query_one("#said", Bar).say((f" {words}", "strong"))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Load more before the end is reached."""
        have = len(self._items)
        if event.option_index < have - 1 or have >= self._total:
            return
        asked = AskedItems(group=self._group.id, first=have, count=_AT_ONCE, find=self._find)
        more = self._review.desk.items(asked).items
        self._items += more
        lines = self.query_one(Lines)
        lines.add_options([lines.line(item_line(item)) for item in more])

    def action_decide(self, action: str) -> None:
        """Apply one action to the item, and go on to the next one."""
        place = self.query_one(Lines).highlighted
        if place is None or place >= len(self._items):
            return
        item = self._items[place]
        if action not in item.actions:
            self._say(f"this is not possible here; possible: {', '.join(item.actions)}")
            return
        self._attempt(lambda: self._review.desk.decide(item.id, action), _DONE[action])
        if place + 1 < len(self._items):
            self.query_one(Lines).highlighted = place + 1

    def action_undo(self) -> None:
        """Undo the last change."""
        self._attempt(self._review.desk.undo, "undone")

    def _attempt(self, do: Callable[[], object], done: str) -> None:
        try:
            do()
        except SignoffError as error:
            done = str(error)
        self._load(max(_AT_ONCE, len(self._items)))
        self._say(done)

    def action_search(self) -> None:
        """Ask for words; only items that have them are listed."""

        def found(words: str | None) -> None:
            if words is not None:
                self._find = words
                self._load(_AT_ONCE)

        self.app.push_screen(Words("Items with these words (empty: all)", value=self._find), found)

    def action_help(self) -> None:
        """Show the help for all keys."""
        from signoff_collector.review.screens.help import Help

        self.app.push_screen(Help(ITEMS))

    def action_leave(self) -> None:
        """Go back to the groups."""
        self.dismiss(None)
