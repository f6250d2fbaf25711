"""Format the overview of a kept task as text, for the full screens and the line dialogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from signoff_collector.episode.verdicts import Run
from signoff_collector.quality.telling import useful_lines
from signoff_collector.replay.describing import clock_text
from signoff_collector.review.tasks.task_states import Standing, TaskState
from signoff_collector.text.linear import linearise, linearise_path
from signoff_schemas.shown_words import mask_words, observed_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signoff_collector.review.tasks.task_rows import TaskRow

Row = dict[str, object]
_MOST: Final = 40
"""Listed rows per kind; the timeline of the page has all."""
_WIDE: Final = 100
_BADGE: Final = 12
"""Columns of what became of a task."""


def day_words(day: str | None) -> str:
    """Return what is told of the day on which a task began."""
    return "not told" if day is None else f"{day}, in UTC; not the time of day"


def task_lines(rows: Sequence[TaskRow], became: Sequence[Standing]) -> list[str]:
    """Return the list of tasks: each in two lines, with what became of it as a badge."""
    return [_task_line(row, one) for row, one in zip(rows, became, strict=True)]


def badge(state: TaskState) -> str:
    """Return the badge of a task."""
    return "[ ]" if state == TaskState.NOTHING else f"[{state.word}]"


def state_words(became: Standing) -> list[str]:
    """Return what has to be said beside a badge: for which store, and what holds a part of it."""
    said = [f"{became.state.word} {_TO[became.state]} {linearise(one)}" for one in became.audiences]
    if became.partly != TaskState.NOTHING:
        said.append(f"a file that holds a part of it is {became.partly.word}")
    return said


def _task_line(row: TaskRow, became: Standing) -> str:
    ends = f"  {row.outcome}" if row.outcome else ""
    counts = [
        f"steps {row.first}-{row.last}",
        clock_text(row.duration_ns),
        f"{_several(row.edits, 'edit')} in {_several(row.files, 'file')}" if row.edits else "",
        _several(row.test_runs, "test run"),
        _several(row.commits, "commit"),
        "by " + ", ".join(_WHYS[why] for why in row.why) if row.why else "",
        *state_words(became),
    ]
    said = " · ".join(one for one in counts if one)
    return f"{badge(became.state):<{_BADGE}}{_short(row.title)}{ends}\n{'':<{_BADGE}}{said}"


def summary_lines(overview: Mapping[str, object]) -> list[str]:
    """Return the overview as lines, one or more per entry; recorded text is linearised."""
    sizes = cast("Mapping[str, int]", overview["sizes"])
    check = cast("Mapping[str, int]", overview["check"])
    kinds = cast("Mapping[str, int]", overview["kinds"])
    title, outcome = overview["title"], overview["outcome"]
    lines = [f"title     {_short(str(title))}"] if title else []
    lines += [f"outcome   {outcome}"] if outcome else []
    lines += [
        f"size      {sizes['shared_bytes']} bytes, {overview['steps']} steps of the"
        f" session's {sizes['base_steps']}, {clock_text(_int(overview, 'duration_ns'))}",
        f"steps     {_counts(kinds)}",
        f"replay    {check['matched']} of {check['checkpoints']} checkpoints match,"
        f" {check['blind_spans']} times nothing could be seen",
        f"day       {day_words(cast('str | None', overview['day']))}",
        f"masked    {_masks(_rows(overview, 'masks'))}",
        f"not seen  {_unseen(_rows(overview, 'observability'))}",
    ]
    lines += useful_lines(_rows(overview, "quality"), "useful    ")
    lines += _tree(cast("Mapping[str, int] | None", overview["base_tree"]))
    lines += _listed("files", _rows(overview, "files"), _file)
    lines += _listed("who wrote", _rows(overview, "authors"), _author)
    lines += _listed("tests", _rows(overview, "tests"), _tests)
    lines += _listed("commands", _rows(overview, "commands"), _command)
    lines += _listed("git", _rows(overview, "git"), _git)
    lines += _listed("gaps", _rows(overview, "gaps"), _gap)
    lines += _listed("from steps that are not included", _rows(overview, "entered"), _entered)
    lines += _listed("typed in a pause", _rows(overview, "paused"), _paused)
    lines += _listed("only looked at", _rows(overview, "looked_at"), _looked_at)
    lines += _listed("never opened, differed from the commit", _rows(overview, "overlay"), _overlay)
    lines += _listed("of another licence", _rows(overview, "licences"), _licence)
    return lines


_TO: Final = {
    TaskState.WITHDRAWN: "from",
    TaskState.EXPIRED: "for",
    TaskState.SIGNED: "for",
    TaskState.SENT: "to",
}
_WHYS: Final = {
    "commit": "a commit",
    "branch": "a branch",
    "red_green": "tests turned green",
    "idle": "a pause",
    "stated": "your words",
    "session": "the session",
}


def _listed(title: str, rows: Sequence[Row], line_of: Callable[[Row], str]) -> list[str]:
    if not rows:
        return []
    lines = ["", f"{title} ({len(rows)})", *(f"  {line_of(row)}" for row in rows[:_MOST])]
    return [*lines, f"  … and {len(rows) - _MOST} more"] if len(rows) > _MOST else lines


def _file(row: Row) -> str:
    return f"{row['file']:>3} {_path(row)}  {row['edits']} edits, {row['chars']} chars"


def _author(row: Row) -> str:
    sure = {"observed": "seen", "inferred": "inferred", "none": "not known"}
    basis = sure.get(str(row["basis"]), str(row["basis"]))
    return f"{row['class']} ({basis}): {row['written']} chars written, {row['surviving']} left"


def _tests(row: Row) -> str:
    named = ("passed", "failed", "errors", "skipped")
    found = ", ".join(f"{row[name]} {name}" for name in named if row[name])
    code = row["exit_code"]
    ended = Run(framework=str(row["framework"]), exit_code=code if isinstance(code, int) else None)
    is_green = not (row["failed"] or row["errors"]) and (code is None or ended.says_by_its_end)
    colour = {True: "green", False: "red", None: "no result"}[is_green]
    runnable = "" if row["runnable"] is not False else "; cannot be run again"
    beside = ", ".join(cast("list[str]", row["services"]))
    running = f"; beside it ran {_short(beside)}" if beside else ""
    return f"{_when(row)} {colour}: {_short(str(row['framework']))} {found}{runnable}{running}"


def _command(row: Row) -> str:
    code = "end not seen" if row["exit_code"] is None else f"exit {row['exit_code']}"
    return f"{_when(row)} $ {_short(str(row['line']))} -> {code}"


def _git(row: Row) -> str:
    return f"{_when(row)} {row['operation']} {_short(str(row['message'] or ''))}".rstrip()


def _gap(row: Row) -> str:
    return f"{_when(row)} {row['reason']} for {clock_text(_int(row, 'duration_ns'))}"


def _entered(row: Row) -> str:
    masked = "masked" if row["is_masked"] else "shared"
    return f"step {row['seq']} {_path(row)}  {row['chars']} chars, {masked}"


def _paused(row: Row) -> str:
    shared = "shared" if row["is_shared"] else "masked"
    return f"step {row['seq']} {_path(row)}  {row['chars']} chars, {shared}"


def _looked_at(row: Row) -> str:
    return f"{row['file']:>3} {_path(row)}  {'whole' if row['is_whole'] else 'lines seen'}"


def _overlay(row: Row) -> str:
    return f"{row['file']:>3} {_path(row)}  {'shared' if row['is_shared'] else 'not shared'}"


def _licence(row: Row) -> str:
    return f"{row['file']:>3} {_path(row)}  {_short(str(row['why']))}"


def _tree(row: Mapping[str, int] | None) -> list[str]:
    if row is None:
        return []
    left = f"; {row['withheld']} do not, or differed unseen" if row["withheld"] else ""
    files = _several(row["files"], "file") or "no file"
    return [f"base      {files} of the base commit, {row['size_bytes']} bytes{left}"]


def _masks(rows: Sequence[Row]) -> str:
    said = "; ".join(
        f"{row['count']} {mask_words(str(row['kind']), str(row['way']))}" for row in rows
    )
    return linearise(said) or "nothing"


def _unseen(rows: Sequence[Row]) -> str:
    none, partly = (
        ", ".join(observed_words(str(row["what"])) for row in rows if row["level"] == level)
        for level in ("none", "partial")
    )
    said = [none] * (none != "") + [f"in part {partly}"] * (partly != "")
    return linearise("; ".join(said)) or "everything was seen"


def _counts(kinds: Mapping[str, int]) -> str:
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {kind}" for kind, count in ordered)


def _rows(overview: Mapping[str, object], name: str) -> list[Row]:
    return cast("list[Row]", overview[name])


def _int(row: Mapping[str, object], name: str) -> int:
    return cast("int", row[name] or 0)


def _when(row: Row) -> str:
    return clock_text(_int(row, "t_ns"))


def _path(row: Row) -> str:
    return linearise_path(str(row["path"]))


def _short(text: str) -> str:
    line = linearise(text.strip()).replace("\n", "⏎ ")
    return line if len(line) <= _WIDE else f"{line[: _WIDE - 1]}…"


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}" if count else ""
