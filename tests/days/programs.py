"""Deeds done by programs: scripts, rm, mv, `signoff restore`, agents, test runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tests.days.choosing import before, path_of
from tests.days.deeds import Deed
from tests.days.project import BEASTS, PATHS

from signoff_collector.capture.agents.hook import append
from signoff_collector.capture.agents.hook_fields import fields_of
from signoff_collector.capture.agents.hook_json import line_of
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.session_life import join_workspace
from signoff_collector.capture.sessions.sessions import Session

if TYPE_CHECKING:
    from tests.days.day import Day


def _write(day: Day, deed: Deed) -> str | None:
    path, held = PATHS[deed.what % len(PATHS)], before(day)
    word = day.word()
    place = day.root / path
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"{word} {BEASTS}\n" * (1 + deed.how % 2))
    day.changed_disk("a script", held, deed.how)
    return f"a script writes {word} to {path}"


def _append(day: Day, deed: Deed) -> str | None:
    path, held = path_of(day, deed), before(day)
    if path is None:
        return None
    word = day.word()
    with (day.root / path).open("a") as file:
        file.write(f"{word} {BEASTS}\n")
    day.changed_disk("a script", held, deed.how)
    return f"a script appends {word} to {path}"


def _delete(day: Day, deed: Deed) -> str | None:
    path, held = path_of(day, deed), before(day)
    if path is None:
        return None
    (day.root / path).unlink()
    day.changed_disk("rm", held, deed.how)
    return f"rm {path}"


def _rename(day: Day, deed: Deed) -> str | None:
    path, held = path_of(day, deed), before(day)
    target = PATHS[deed.how % len(PATHS)]
    if path is None or path == target:
        return None
    (day.root / target).parent.mkdir(exist_ok=True)
    (day.root / path).rename(day.root / target)
    day.changed_disk("mv", held, deed.how)
    return f"mv {path} {target}"


def _restore(day: Day, deed: Deed) -> str | None:
    """Get back one of the points that `restore` lists, with its own verb."""
    from tests.days.verbs import points_of, restore

    path = PATHS[deed.what % len(PATHS)]
    points = points_of(day, path)
    if not points:
        return None
    seq = points[deed.how % len(points)].seq
    held = before(day)
    day.world.pid = day.world.new_pid()
    if not restore(day, path, seq):
        return None
    day.changed_disk("signoff restore", held, 0)
    return f"signoff restore {path} --at step:{seq}"


def _agent(day: Day, deed: Deed) -> str | None:
    session = day.active()
    if session is None or day.truth.is_silent:
        return None
    path = PATHS[deed.what % len(PATHS)]
    word = day.word()
    content = f"{word} {BEASTS}\n"
    day.calls += 1
    tool: dict[str, object] = {
        "tool_name": "Write", "tool_use_id": f"w{day.calls}", "cwd": str(day.root),
        "session_id": "5f2e", "tool_input": {"file_path": str(day.root / path)},
    }  # fmt: skip
    _tell_agent(day, session, {**tool, "hook_event_name": "PreToolUse"})
    day.pass_time(20)
    held = before(day)
    (day.root / path).parent.mkdir(exist_ok=True)
    (day.root / path).write_text(content)
    day.changed_disk("an agent", held, deed.how)
    day.pass_time(20)
    _tell_agent(day, session, {**tool, "hook_event_name": "PostToolUse"})
    return f"an agent writes {word} to {path}"


def _tell_agent(day: Day, session: Session, payload: dict[str, object]) -> None:
    fields = fields_of("claude-code", payload, {}, keeps_text=False)
    assert fields is not None
    line = line_of({"kind": "agent", "t_boot_ns": day.world.boot_ns(), **fields})
    append(f"{session.folder}/agent-0-5f2e5f2e.spool", line)


def _tests(day: Day, deed: Deed) -> str | None:
    """Run three tests, of which some fail; the results are told as `signoff run` tells them."""
    if day.truth.is_silent:
        return None
    failed = {number for number in range(3) if deed.how >> number & 1}
    cases = [
        {"id": f"test_{number}", "outcome": "failed" if number in failed else "passed"}
        for number in range(3)
    ]
    day.world.pid = day.world.new_pid()
    _, writer = join_workspace(day.home, day.workspace, "run", day.clock)
    now = day.world.boot_ns()
    day.calls += 1
    body: dict[str, object] = {
        "t_boot_ns": now, "t_kind": "event", "kind": "tests", "run_id": f"{day.calls:016x}",
        "framework": "pytest", "argv": ["pytest"], "exit_code": int(bool(failed)),
        "cases": cases, "duration_ns": 1_000_000, "exactness": "exact", "unsaved_paths": [],
    }  # fmt: skip
    with writer:
        writer.append_value(RecordKind.STEP, body)
    day.changed_work()
    for case in cases:
        if case["outcome"] == "failed":
            day.truth.red[case["id"]] = None
        else:
            day.truth.red.pop(case["id"], None)
    return f"pytest: {len(failed)} of 3 fail"


PROGRAMS: Final[dict[str, Callable[[Day, Deed], str | None]]] = {
    "write": _write,
    "append": _append,
    "delete": _delete,
    "rename": _rename,
    "restore": _restore,
    "agent": _agent,
    "tests": _tests,
}
