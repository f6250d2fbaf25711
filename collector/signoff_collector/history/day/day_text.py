"""Format a day for the terminal or as Markdown; every line ends with a reference.

In the terminal long lists are cut to the newest items, and the most important part of a line comes
first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.screen.line_wrapping import cut_at_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signoff_collector.history.day.day import Day, WorkspaceDay
    from signoff_collector.history.moment_of_session import Moment

_MOST: Final = 12
"""Items shown per list; the rest is only counted."""
_WIDTH: Final = 90
_SHOWN_NAMES: Final = 3
_EACH: Final = "[SESSION step:S]: signoff replay SESSION"
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
    "unknown": "of unknown origin",
}


def style_of(line: str) -> str:
    """Return the terminal style of a plain line, by its indentation."""
    if not line.startswith(" "):
        return "bold"
    if line.startswith(("    still red", "    failed when last run")):
        return "red"
    return "" if line.startswith("    ") else "cyan"


class _Line(NamedTuple):
    """A line and the moment it refers to; recorded text in it is masked already."""

    text: str
    at: Moment | None = None


class _Section(NamedTuple):
    """A list with its title."""

    title: str
    lines: list[_Line]
    is_by_time: bool = False
    """Whether a long list shows its last items instead of its first."""


def day_lines(
    day: Day, mask: Callable[[str], str], *, is_markdown: bool, is_cut: bool = True
) -> Iterator[str]:
    """Yield the lines.

    Args:
        day: what was gathered.
        mask: applied to every recorded text separately: after a prefix of ours a detector would
            not see a name at the beginning of a line.
        is_markdown: with headings and list marks instead of indentation.
        is_cut: lines are made to fit a screen, which a pipe is not.
    """
    writer = _Markdown() if is_markdown else _Plain(width=_WIDTH if is_cut else None)
    if not day.workspaces:
        yield f"Nothing was recorded since {clock_words(day.since_ns, with_day=True)}."
    for workspace in day.workspaces:
        sections = list(_sections(workspace, mask, pytest_told_ns=day.pytest_told_ns))
        lines = (line for section in sections for line in section.lines)
        named = frozenset(line.at.session for line in lines if line.at is not None)
        yield from writer.heading(_heading(workspace, mask), named)
        for section in sections:
            yield from writer.section(section)
    for problem in day.unreadable:
        yield f"not read: {mask(problem)}"


def clock_words(wall_ns: int, *, with_day: bool = False) -> str:
    """Format a wall-clock time in the local time zone."""
    when = datetime.fromtimestamp(wall_ns / 1e9, UTC).astimezone()
    return when.strftime("%Y-%m-%d %H:%M" if with_day else "%H:%M")


def span_words(duration_ns: int) -> str:
    """Format a duration: `40 s`, `12 min`, `3 h 05 min`."""
    seconds = duration_ns // 10**9
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


class _Plain:
    """Indented lines."""

    def __init__(self, *, width: int | None = None) -> None:
        self._width = width
        self._only = ""

    def heading(self, text: str, sessions: frozenset[str]) -> Iterator[str]:
        """Yield the heading of a workspace; the id of its only session need not be repeated."""
        yield text
        self._only = next(iter(sessions)) if len(sessions) == 1 else ""
        if sessions:
            shown = f"[step:S]: signoff replay {self._only}" if self._only else _EACH
            yield f"  {shown} --from step:S"

    def place(self, at: Moment) -> str:
        return f"step:{at.seq}" if at.session == self._only else f"{at.session} step:{at.seq}"

    def section(self, section: _Section) -> Iterator[str]:
        yield f"  {section.title}"
        hidden = len(section.lines) - _MOST
        if hidden > 0 and section.is_by_time:
            yield f"    {hidden} earlier; --markdown lists them all"
        for text, at in section.lines[-_MOST:] if section.is_by_time else section.lines[:_MOST]:
            link = "" if at is None else f"  [{self.place(at)}]"
            yield f"    {_cut(text, self._width)}{link}"
        if hidden > 0 and not section.is_by_time:
            yield f"    and {hidden} more; --markdown lists them all"


class _Markdown(_Plain):
    """Markdown: a heading per workspace, a list per section; recorded text is escaped."""

    def heading(self, text: str, sessions: frozenset[str]) -> Iterator[str]:
        yield f"## {_escaped(text)}"

    def section(self, section: _Section) -> Iterator[str]:
        yield ""
        yield f"**{section.title}**"
        yield ""
        for text, at in section.lines:
            link = "" if at is None else f" (`signoff replay {at.session} --from step:{at.seq}`)"
            yield f"- {_escaped(text)}{link}"


def _cut(text: str, width: int | None) -> str:
    """Truncate a line for the screen; it was masked before, so that no partial value is left."""
    return text if width is None else cut_at_word(text, width)


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|~!&" else char for char in text)


def _heading(day: WorkspaceDay, mask: Callable[[str], str]) -> str:
    until = clock_words(day.ended_ns, with_day=_is_long(day))
    span = f"{clock_words(day.began_ns, with_day=True)} to {until}"
    return f"{mask(str(day.root))}  {span}, {span_words(day.active_ns)} at work"


def _is_long(day: WorkspaceDay) -> bool:
    """Return whether it spans more than one day, so that every time needs its date."""
    first, last = (
        datetime.fromtimestamp(ns / 1e9, UTC).astimezone().date()
        for ns in (day.began_ns, day.ended_ns)
    )
    return first != last


def _sections(
    day: WorkspaceDay, mask: Callable[[str], str], *, pytest_told_ns: int | None
) -> Iterator[_Section]:
    when = partial(clock_words, with_day=_is_long(day))
    tasks = [
        _Line(
            f"{when(task.begun.wall_ns)}\u2013{clock_words(task.until_ns)}  {mask(task.text)}"
            + (f" ({task.outcome})" if task.outcome else ""),
            task.begun,
        )
        for task in day.tasks
    ]
    turned = [
        _Line(
            f"{when(one.green.wall_ns)}  red\u2192green after"
            f" {span_words(one.green.wall_ns - one.red.wall_ns)}: {_named(one.names, mask)}",
            one.green,
        )
        for one in day.turned
    ]
    files = [
        _Line(
            f"{mask(work.path)}  {_counted(work.edits, 'edit')},"
            f" +{work.added} \u2212{work.removed} characters",
            work.last,
        )
        for work in sorted(day.files.values(), key=lambda one: -one.edits)
    ]
    commits, notes = (
        [_Line(f"{when(one.at.wall_ns)}  {mask(one.text)}", one.at) for one in said]
        for said in (day.commits, day.notes)
    )
    sections = (
        _Section("Tasks", tasks, is_by_time=True),
        _Section("Tests", turned, is_by_time=True),
        _Section("Commits", commits, is_by_time=True),
        _Section("Notes", notes, is_by_time=True),
        _Section("Files", files),
        _Section("Commands", [*_commands(day, mask), *_mute(day, pytest_told_ns)]),
        _Section("Who wrote the text", list(_authors(day, mask))),
        _Section("Open ends", list(_open_ends(day, mask))),
    )
    return (section for section in sections if section.lines)


def _commands(day: WorkspaceDay, mask: Callable[[str], str]) -> Iterator[_Line]:
    words = ", ".join(
        f"{mask(name)} {count}\u00d7" for name, count in day.commands.most_common(_MOST)
    )
    runs = _counted(day.test_runs, "test run")
    parts = [part for part in (words, runs if day.test_runs else "") if part]
    if parts:
        yield _Line("; ".join(parts))


def _mute(day: WorkspaceDay, told_ns: int | None) -> Iterator[_Line]:
    """Explain why some pytest runs report no results, by the settings at their time."""
    late = sum(told_ns is not None and wall_ns >= told_ns for wall_ns in day.mute_runs)
    taken = "PYTHONPATH or plugins were taken away (tox, python -I)"
    before = "not recorded before `signoff setup pytest`"
    early = before if told_ns is None else f"{before}, or {taken}"  # an upgrade renews this time
    reasons = {early: len(day.mute_runs) - late, taken: late}
    for said, count in reasons.items():
        if count:
            yield _Line(f"{_counted(count, 'run')} of pytest without results: {said}")


def _authors(day: WorkspaceDay, mask: Callable[[str], str]) -> Iterator[_Line]:
    total = sum(day.authors.values())
    shares = ", ".join(
        f"{_WORDS.get(name, name)} {_share(count, total)}"
        for name, count in day.authors.most_common()
        if total
    )
    agents = ", ".join(
        f"{mask(name)}: {_counted(count, 'tool call')}" for name, count in day.agents.most_common()
    )
    said = f"{_counted(day.restored, 'character')} put back by `signoff restore`, not counted above"
    back = said if day.restored else ""
    yield from (_Line(part) for part in (shares, back, agents) if part)


def _share(count: int, total: int) -> str:
    """Format a share of characters; a share above zero is never rounded to zero."""
    percent = 100 * count / total
    return "under 1 %" if percent < 0.5 else f"{percent:.0f} %"


def _open_ends(day: WorkspaceDay, mask: Callable[[str], str]) -> Iterator[_Line]:
    """Yield unfinished work, the most easily lost first, then failures, newest first."""
    for one in reversed(day.unsaved):
        left = "was left with" if one.is_over else "has"
        yield _Line(f"{mask(one.path)} {left} unsaved text", one.at)
    if day.red:
        first = min(day.red.values(), key=lambda at: at.wall_ns)
        since = clock_words(first.wall_ns, with_day=_is_long(day))
        yield _Line(f"still red, since {since}: {_named(tuple(sorted(day.red)), mask)}", first)
    for line, at in reversed(day.failing.items()):
        yield _Line(f"failed when last run: {mask(line)}", at)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _named(names: tuple[str, ...], mask: Callable[[str], str]) -> str:
    masked = map(mask, names[:_SHOWN_NAMES])
    shown = ", ".join(name.rpartition("::")[2] or name for name in masked)
    rest = len(names) - _SHOWN_NAMES
    return f"{_counted(len(names), 'test')} ({shown}{f' and {rest} more' if rest > 0 else ''})"
