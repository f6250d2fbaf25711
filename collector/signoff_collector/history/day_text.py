"""A day in words, for the terminal or as Markdown; every line ends with where to look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signoff_collector.history.day import Day, Moment, WorkspaceDay

_MOST: Final = 12
"""Lines of one list; the rest is counted."""
_WIDTH: Final = 90
_SHOWN_NAMES: Final = 3
_WORDS: Final = {
    "typed": "typed",
    "pasted": "pasted",
    "completion": "taken from completion",
    "assistant": "by assistants",
    "command": "by editor commands",
    "formatter": "by formatters",
    "undo": "by undo",
    "redo": "by redo",
    "git": "by git",
    "external": "from outside",
    "unknown": "by nobody known",
}


def day_lines(day: Day, mask: Callable[[str], str], *, is_markdown: bool) -> Iterator[str]:
    """Yield the lines.

    Args:
        day: what was gathered.
        mask: what every recorded text goes through.
        is_markdown: with headings and list marks instead of indentation.
    """
    writer = _Markdown(mask) if is_markdown else _Plain(mask)
    if not day.workspaces:
        yield f"Nothing was recorded since {clock_words(day.since_ns, with_day=True)}."
    for workspace in day.workspaces:
        sections = list(_sections(workspace))
        named = (at.session for _, lines in sections for _, at in lines if at is not None)
        yield from writer.heading(_heading(workspace), frozenset(named))
        for title, lines in sections:
            yield from writer.section(title, lines)
    for problem in day.unreadable:
        yield f"not read: {problem}"


def clock_words(wall_ns: int, *, with_day: bool = False) -> str:
    """Return a wall-clock time as people say it, here and now."""
    when = datetime.fromtimestamp(wall_ns / 1e9, UTC).astimezone()
    return when.strftime("%Y-%m-%d %H:%M" if with_day else "%H:%M")


def span_words(duration_ns: int) -> str:
    """Return a duration in words: `40 s`, `12 min`, `3 h 05 min`."""
    seconds = duration_ns // 10**9
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


class _Plain:
    """Indented lines."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        self._mask = mask

        self._only = ""

    def heading(self, text: str, sessions: frozenset[str]) -> Iterator[str]:
        """Begin a workspace; what names its only session need not be repeated."""
        yield self._mask(text)
        self._only = next(iter(sessions)) if len(sessions) == 1 else ""
        if self._only:
            yield f"  [step:S]: signoff replay {self._only} --from step:S"

    def place(self, at: Moment) -> str:
        return f"step:{at.seq}" if at.session == self._only else f"{at.session} step:{at.seq}"

    def section(self, title: str, lines: list[tuple[str, Moment | None]]) -> Iterator[str]:
        yield f"  {title}"
        for text, at in lines[:_MOST]:
            link = "" if at is None else f"  [{self.place(at)}]"
            yield f"    {_cut(self._mask(text))}{link}"
        if len(lines) > _MOST:
            yield f"    and {len(lines) - _MOST} more"


class _Markdown(_Plain):
    """A heading per workspace, a list per section; recorded text cannot become mark-up."""

    def heading(self, text: str, sessions: frozenset[str]) -> Iterator[str]:
        yield f"## {_escaped(self._mask(text))}"

    def section(self, title: str, lines: list[tuple[str, Moment | None]]) -> Iterator[str]:
        yield ""
        yield f"**{title}**"
        yield ""
        for text, at in lines:
            link = "" if at is None else f" (`signoff replay {at.session} --from step:{at.seq}`)"
            yield f"- {_escaped(self._mask(text))}{link}"


def _cut(text: str) -> str:
    """Return a line as it fits on a screen; masked before, so that no half value is left."""
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|~!&" else char for char in text)


def _heading(day: WorkspaceDay) -> str:
    span = f"{clock_words(day.began_ns, with_day=True)} to {clock_words(day.ended_ns)}"
    return f"{day.root}  {span}, {span_words(day.active_ns)} at work"


def _sections(day: WorkspaceDay) -> Iterator[tuple[str, list[tuple[str, Moment | None]]]]:
    tasks: list[tuple[str, Moment | None]] = [
        (
            f"{clock_words(task.begun.wall_ns)}\u2013{clock_words(task.until_ns)}  {task.text}"
            + (f" ({task.outcome})" if task.outcome else ""),
            task.begun,
        )
        for task in day.tasks
    ]
    turned: list[tuple[str, Moment | None]] = [
        (
            f"{clock_words(one.green.wall_ns)}  {_named(one.names)} red\u2192green after"
            f" {span_words(one.green.wall_ns - one.red.wall_ns)}",
            one.green,
        )
        for one in day.turned
    ]
    files: list[tuple[str, Moment | None]] = [
        (f"{work.path}  {work.edits} edits, +{work.added} \u2212{work.removed}", work.last)
        for work in sorted(day.files.values(), key=lambda one: -one.edits)
    ]
    lists = (
        ("Tasks", tasks),
        ("Tests", turned),
        ("Commits", [(f"{clock_words(c.at.wall_ns)}  {c.text}", c.at) for c in day.commits]),
        ("Notes", [(f"{clock_words(n.at.wall_ns)}  {n.text}", n.at) for n in day.notes]),
        ("Files", files),
        ("Commands", _commands(day)),
        ("Who put text in", _authors(day)),
        ("Open ends", _open_ends(day)),
    )
    yield from ((title, list(lines)) for title, lines in lists if lines)


def _commands(day: WorkspaceDay) -> list[tuple[str, Moment | None]]:
    words = ", ".join(f"{name} {count}\u00d7" for name, count in day.commands.most_common(_MOST))
    runs = f"{day.test_runs} test run{'' if day.test_runs == 1 else 's'}"
    parts = [part for part in (words, runs if day.test_runs else "") if part]
    return [("; ".join(parts), None)] if parts else []


def _authors(day: WorkspaceDay) -> list[tuple[str, Moment | None]]:
    total = sum(day.authors.values())
    shares = ", ".join(
        f"{_WORDS.get(name, name)} {100 * count / total:.0f} %"
        for name, count in day.authors.most_common()
        if total
    )
    agents = ", ".join(f"{name}: {count} tool calls" for name, count in day.agents.most_common())
    return [(part, None) for part in (shares, agents) if part]


def _open_ends(day: WorkspaceDay) -> list[tuple[str, Moment | None]]:
    found: list[tuple[str, Moment | None]] = []
    if day.red:
        first = min(day.red.values(), key=lambda at: at.wall_ns)
        names = _named(tuple(sorted(day.red)))
        found.append((f"{names} still red, since {clock_words(first.wall_ns)}", first))
    found.extend((f"`{line}` failed when last run", at) for line, at in day.failing.items())
    found.extend((f"{said.text} has unsaved text", said.at) for said in day.unsaved)
    last = day.tasks[-1] if day.tasks else None
    if last is not None and last.outcome is None:
        found.append((f"no outcome said of: {last.text}", last.begun))
    return found


def _named(names: tuple[str, ...]) -> str:
    shown = ", ".join(name.rpartition("::")[2] or name for name in names[:_SHOWN_NAMES])
    rest = len(names) - _SHOWN_NAMES
    count = "1 test" if len(names) == 1 else f"{len(names)} tests"
    return f"{count} ({shown}{f' and {rest} more' if rest > 0 else ''})"
