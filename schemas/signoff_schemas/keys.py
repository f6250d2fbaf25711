"""The one keyboard of player, page and terminal review: which key does what, and where.

The page's table (`src/schemas/keys.ts`) is generated from this one, and so are the key bindings and
help texts of the terminal screens; `docs/decisions/0027-one-keyboard.md` says why the keys are so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCREENS: Final = (
    "tasks", "overview", "check", "sign", "timeline", "files", "output", "text",
)  # fmt: skip
"""The screens of a review; the number of each, from 1, is the key that opens it."""
TITLES: Final = (
    "Tasks", "Overview", "To check", "Sign", "Timeline", "Files", "Output", "Text",
)  # fmt: skip
PLAYER: Final = "player"
"""The full screen of `signoff replay` in a terminal."""
LABELLER: Final = "labeller"
"""The same screen in `signoff label`, beside the keys of the player and of a label schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """One row of the help."""

    id: str
    does: str
    keys: tuple[tuple[str, ...], ...]
    """Pairs of a key and the one that does the same backwards, or keys alone. Help names the first;
    the others are further keys for the same."""
    places: tuple[str, ...]
    """`player`, or `page:` or `terminal:` before the screen of a review."""

    @property
    def label(self) -> str:
        """The keys as help names them."""
        return " ".join(self.keys[0])

    def each(self) -> Iterator[tuple[str, bool]]:
        """Yield every key of the row, and whether it goes forward."""
        for pair in self.keys:
            for place, key in enumerate(pair):
                yield key, place == 0


def _page(*screens: str) -> tuple[str, ...]:
    return tuple(f"page:{screen}" for screen in screens)


def _terminal(*screens: str) -> tuple[str, ...]:
    return tuple(f"terminal:{screen}" for screen in screens)


def _both(*screens: str) -> tuple[str, ...]:
    return (*_page(*screens), *_terminal(*screens))


_FILM: Final = (PLAYER, *_page("timeline"))
_MOVES: Final = (PLAYER, *_page("timeline", "output"), *_terminal("timeline"))
FILE_VIEW: Final = "terminal:file"
"""One file between two moments, over the terminal review."""
ITEMS: Final = "terminal:items"
"""The list of one group to check, over the terminal review."""
_PLAYERS: Final = ("timeline", "files", "output", "text")
_LOOKS: Final = (PLAYER, *_page(*_PLAYERS))
_TASK: Final = ("overview", "check", "sign")
_ALL: Final = (PLAYER, FILE_VIEW, ITEMS, *_both(*SCREENS))


def _row(id: str, does: str, places: tuple[str, ...], *keys: str) -> KeyRow:  # noqa: A002
    """Return a row; each of `keys` is a key, or two with a blank between them."""
    return KeyRow(
        id=id, does=does, keys=tuple(tuple(key.split(" ")) for key in keys), places=places
    )


ROWS: Final = (
    # The film
    _row("play", "play, stop", _FILM, "space"),
    _row("speed", "faster, slower: 0.5x to 256x", _FILM, "+ -", "= -"),
    _row("silence", "silence squeezed, or in full", _FILM, "i"),
    _row("step", "one step on, back", _MOVES, "right left"),
    _row("ten", "ten steps on, back (also shift+right, shift+left)", _MOVES,
         "L H", "shift+right shift+left"),
    _row("edge", "the end, the start", _MOVES, "end home"),
    _row("tests", "next, previous test run", _MOVES, "t T"),
    _row("command", "next, previous command", _MOVES, "r R"),
    _row("git", "next, previous git operation", _MOVES, "c C"),
    _row("agent", "next, previous agent step", _MOVES, "a A"),
    _row("note", "next, previous note or task", _MOVES, "n N"),
    _row("gap", "next, previous gap", _MOVES, "g G"),
    _row("other_file", "next, previous change of another file", _MOVES, "f F"),
    _row("chapter", "next, previous chapter: a task, red → green, a git operation", _MOVES, "s S"),
    _row("search", "search all text there ever was, outputs, messages",
         (*_LOOKS, *_terminal("text")), "/"),
    _row("search", "list only what has these words", (ITEMS,), "/"),
    _row("hit", "next, previous hit (also . ,)", _LOOKS, "> <", ". ,"),
    _row("output", "output of the last run, command, agent step: all of it", _LOOKS, "o"),
    _row("problems", "problems at this moment", _LOOKS, "d"),
    _row("files", "list of files and chapters", (PLAYER,), "l"),
    _row("files", "list of files", _page(*_PLAYERS), "l"),
    _row("moment", "go to a moment: N, step:S, time:+1h02m3s, start, end", _LOOKS, "m"),
    _row("scroll", "look around in the file (also page keys)", (PLAYER,), "down up", "j k"),
    _row("zoom", "zoom in, out", _page("timeline"), "z Z"),
    _row("whole", "all of the session", _page("timeline"), "0"),
    _row("writers", "colour all text by who wrote it, or only the latest", _page("timeline"), "w"),
    _row("change", "next, previous change; behind the last, the next file",
         (*_page("files"), FILE_VIEW), "] ["),
    _row("step", "the later moment: on, back", (FILE_VIEW,), "right left"),
    _row("moment", "choose the later, the earlier moment", (FILE_VIEW,), "m M"),
    _row("text", "what changed, or the whole text at the later moment", (FILE_VIEW,), "w"),
    _row("select", "select text from here; again: from the cursor", (FILE_VIEW,), "v"),
    _row("mask", "put a mask on the selected text, everywhere", (FILE_VIEW,), "x", "enter"),
    _row("row", "next, previous row of the list",
         _both("tasks", "check", "files", "output"), "down up"),
    # What a review decides
    _row("include", "include this task, or not", _both("tasks"), "enter", "k"),
    _row("split", "split this task in two", _both("tasks"), "p"),
    _row("join", "join it with the one below", _both("tasks"), "j"),
    _row("name", "give it a name", _both("tasks"), "n"),
    _row("ended", "say how it ended", _both("tasks"), "e"),
    _row("open", "open it: what it holds", _both("tasks"), "o"),
    _row("take_out", "what is taken out, and what is added", _both("overview"), "t"),
    _row("notes", "say what you were thinking, at three moments at most", _both("overview"), "n"),
    _row("shared", "look at it as it would be shared", _both("overview"), "enter", "v"),
    _row("show", "show where it is", _page("check"), "s", "enter"),
    _row("show", "list all of it; each is decided by itself", _terminal("check"), "enter", "s"),
    _row("accept", "share it as it is", (*_both("check"), ITEMS), "a"),
    _row("mask_rest", "mask all that still waits, where it can be", _both("check"), "X"),
    _row("accept_rest", "share all that still waits as it is", _both("check"), "A"),
    _row("unmask", "unmask the group", _both("check"), "w"),
    _row("waiting", "the next that waits for you", _both("check"), "n"),
    _row("mark", "mark steps from here; again: up to here", _both("timeline"), "v"),
    _row("cut", "take out the marked steps", _both("timeline"), "delete", "backspace"),
    _row("cut", "take out the file", (*_both("check", "files"), ITEMS), "delete", "backspace"),
    _row("mask", "put a mask on it, everywhere",
         (*_page("timeline", "output", "text"), *_both("check"), ITEMS), "x"),
    _row("mask", "mask a value that you type", _terminal(*(set(SCREENS) - {"check"})), "x"),
    _row("mask_here", "put a mask on it, only here", _page("timeline"), "X"),
    _row("whole_file", "share a file that was only seen in full", _terminal("files"), "w"),
    _row("recorded", "as recorded, or as it would be shared",
         _terminal("timeline", "files", "output"), "b"),
    _row("deleted", "deleted text, or search", _page("text"), "e"),
    _row("do", "do what the row says", _terminal("sign", "timeline", "files", "output", "text"),
         "enter"),
    _row("timeline", "show it on the timeline", _page("files", "output"), "enter"),
    _row("task", "the next, the previous task that is included", _both(*_TASK), "} {"),
    _row("undo", "take the last change back", (*_both("tasks", *_TASK), ITEMS), "u"),
    # Labels
    _row("from_here", "say it of all steps from here; again: of one place", (LABELLER,), "v"),
    _row("accept", "accept what is proposed here", (LABELLER,), "y"),
    _row("reject", "turn it down", (LABELLER,), "x"),
    _row("waiting", "next, previous place to look at, the least certain first", (LABELLER,),
         "p P"),
    _row("unit", "next, previous burst of edits or step that says something", (LABELLER,), "b B"),
    _row("ends", "the first step of this place; from there its last", (LABELLER,), "z"),
    _row("remove", "remove the labels of this place", (LABELLER,), "delete", "backspace"),
    _row("labels", "list of labels", (LABELLER,), "h"),
    _row("undo", "take the last change back", (LABELLER,), "u"),
    # Everywhere
    _row("screens", ", ".join(f"{n} {title}" for n, title in enumerate(TITLES, 1)),
         _both(*SCREENS), *"12345678"),
    _row("help", "these keys", _ALL, "?"),
    _row("close", "close what lies on top", _ALL, "escape"),
    _row("leave", "quit", (PLAYER, *_terminal(*SCREENS)), "q", "ctrl+c", "ctrl+q"),
)  # fmt: skip
"""Every key, in the order in which help lists it."""
_OF_REVIEW: Final = frozenset({"mask", "mask_here", "mark", "cut"})
"""What a page that only replays cannot do."""


def rows_of(place: str) -> tuple[KeyRow, ...]:
    """Return the rows of one place."""
    return tuple(row for row in ROWS if place in row.places)


def help_lines(place: str) -> list[str]:
    """Return the help of one place, one line for each row."""
    rows = [(_named(row), row.does) for row in rows_of(place)]
    width = max(len(keys) for keys, _ in rows)
    return [f"{keys:<{width}}  {does}" for keys, does in rows]


def _named(row: KeyRow) -> str:
    return "1 … 8" if row.id == "screens" else row.label


def as_data() -> list[Mapping[str, object]]:
    """Return the table for the page: what `schemas/json/keys.json` holds."""
    return [
        {
            "id": row.id,
            "label": _named(row),
            "does": row.does,
            "review": row.id in _OF_REVIEW,
            "keys": row.keys,
            "places": [place.removeprefix("page:") for place in row.places if place[:4] == "page"],
        }
        for row in ROWS
        if any(place.startswith("page:") for place in row.places)
    ]
