"""A day as JSON rows: one per workspace, moments as session and step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signoff_collector.history.day.day import Day, WorkspaceDay
    from signoff_collector.history.moment_of_session import Moment


def day_rows(day: Day, mask: Callable[[str], str]) -> Iterator[dict[str, object]]:
    """Yield one row per workspace; recorded texts go through `mask`."""
    for workspace in day.workspaces:
        yield _row(workspace, mask)


def _row(day: WorkspaceDay, mask: Callable[[str], str]) -> dict[str, object]:
    return {
        "root": mask(str(day.root)),
        "began": _time(day.began_ns),
        "ended": _time(day.ended_ns),
        "active_s": day.active_ns // 10**9,
        "tasks": [
            {
                "text": mask(task.text),
                "until": _time(task.until_ns),
                "outcome": task.outcome,
                **_at(task.begun),
            }
            for task in day.tasks
        ],
        "turned": [
            {
                "tests": [mask(name) for name in one.names],
                "took_s": (one.green.wall_ns - one.red.wall_ns) // 10**9,
                **_at(one.green),
            }
            for one in day.turned
        ],
        "commits": [{"text": mask(said.text), **_at(said.at)} for said in day.commits],
        "notes": [{"text": mask(said.text), **_at(said.at)} for said in day.notes],
        "files": [
            {
                "path": mask(work.path),
                "edits": work.edits,
                "added": work.added,
                "removed": work.removed,
                **_at(work.last),
            }
            for work in day.files.values()
        ],
        "commands": {mask(name): count for name, count in day.commands.items()},
        "test_runs": day.test_runs,
        "runs_without_results": len(day.mute_runs),
        "authors": dict(day.authors),
        "restored": day.restored,
        "agents": {mask(name): count for name, count in day.agents.items()},
        "red": [{"test": mask(name), **_at(at)} for name, at in sorted(day.red.items())],
        "failing": [{"line": mask(line), **_at(at)} for line, at in day.failing.items()],
        "unsaved": [
            {"path": mask(one.path), "session_over": one.is_over, **_at(one.at)}
            for one in day.unsaved
        ],
    }


def _at(moment: Moment) -> dict[str, object]:
    return {"session": moment.session, "at": f"step:{moment.seq}", "t": _time(moment.wall_ns)}


def _time(wall_ns: int) -> str:
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat()
