"""The list of a session holds what all writers told, each thing once, noise together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.support.bridge import EMOJI, at, bridge, sessions
from tests.support.clock import FakeClock
from tests.support.deadline import wait_until

from signoff_bridge.answers.captured_entries import Entries, fold
from signoff_bridge.answers.captured_list import CapturedList, answer
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.journal.journal_frames import pack_body
from signoff_collector.capture.sessions.record_journal import RecordJournal
from signoff_collector.capture.sessions.session_folder import Session, create_session
from signoff_collector.own_files.home import resolve_home

S = 10**9


def items(listed: CapturedList, session: Session) -> list[dict[str, Any]]:
    """Return everything that the list tells of a session."""
    found = answer(listed.newest([session]), {"limit": 200}, mask=lambda: str)["items"]
    assert isinstance(found, list)
    return found


def labels(listed: CapturedList, session: Session) -> list[str]:
    return [item["label"] for item in items(listed, session)]


def message(t_ns: int, method: str, path: Path, **params: object) -> tuple[int, bytes]:
    """Return a frame of a message about a document."""
    is_lsp = method.startswith("textDocument/")
    kind = RecordKind.LSP if is_lsp else RecordKind.COMPANION
    body = {"textDocument": {"uri": path.as_uri()}} if is_lsp else {"uri": path.as_uri()}
    return int(kind), pack_body([t_ns, method, json.dumps({**body, **params}).encode()])


def changed(t_ns: int, path: Path) -> tuple[int, bytes]:
    return message(t_ns, "textDocument/didChange", path, contentChanges=[{"text": EMOJI}])


def write(journal: RecordJournal, kind: RecordKind, **fields: object) -> None:
    journal.append(kind, fields)


def test_after_a_reload_the_earlier_steps_are_there_and_counted(workspace: Path) -> None:
    file = workspace / f"a {EMOJI}.py"
    file.write_text("a\n")
    with bridge() as first:
        first.initialize()
        uri = first.open(file)
        first.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        note = {"command": "signoff.note", "arguments": ["before the reload"]}
        first.ask("workspace/executeCommand", note)
        wait_until(lambda: first.status()["steps"].get("note") == 1, "the note")
        before = first.status()["steps"]
        first.quit()
    with bridge() as second:
        second.initialize()
        second.open(file)
        wait_until(lambda: second.status()["steps"].get("open") == 2, "the second bridge")
        steps = second.status()["steps"]
        told = second.ask("signoff/captured", {})["result"]["items"]
        second.quit()
    assert len(sessions()) == 1
    assert {**steps, "environment": 0} == {**before, "open": 2, "close": 1, "environment": 0}
    assert "note: before the reload" in [item["label"] for item in told]
    edit = next(item for item in told if item["kind"] == "edit")
    assert edit["before"] <= edit["at"] < edit["after"]


def test_other_writers_are_listed_and_a_save_stands_once(home: Path, tmp_path: Path) -> None:
    assert not home.exists()
    clock = FakeClock()
    root = tmp_path / "project"
    root.mkdir()
    session = create_session(resolve_home().ensure(), root, clock=clock)
    saved, made = root / "a.py", root / "made.txt"
    t_ns = clock.boot_ns()
    with RecordJournal(session, clock, "lsp") as editor:
        write(editor, RecordKind.SAVE, t_boot_ns=t_ns + S, uri=saved.as_uri())
        step = {"t_boot_ns": t_ns + 3 * S, "kind": "command", "line": "pytest -q", "exit_code": 1}
        editor.append(RecordKind.STEP, step)
    with RecordJournal(session, clock, "files") as files:
        for second, path in ((2, saved), (9, made)):
            one = [{"path": path.name, "sha256": "0" * 64}]
            write(files, RecordKind.FILES, t_boot_ns=t_ns + second * S, changed=one, count=1)
    with RecordJournal(session, clock, "git") as git:
        git.append(
            RecordKind.STEP,
            {
                "t_boot_ns": t_ns + 5 * S,
                "kind": "git",
                "operation": "commit",
                "message": f"count what is there {EMOJI}\n\nand why",
            },
        )
    assert labels(CapturedList(), session) == [
        "made.txt changed on disk",
        f"commit: count what is there {EMOJI}",
        "command: pytest -q (exit 1)",
        "saved a.py",
    ]


def test_noise_is_one_entry_and_has_no_difference_to_show(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    entries = Entries()
    for turn in range(3):
        t_ns = turn * 5 * S
        fold(entries, [
            changed(t_ns, file),
            message(t_ns + 1, "signoff/view", file, ranges=[]),
            message(t_ns + 2, "signoff/select", file, selections=[]),
            message(t_ns + 3, "signoff/focus", file, gained=True),
        ])  # fmt: skip
    assert [(one.kind, one.count) for one in entries.list] == [("edit", 3), ("looking", 9)]
    assert [one.is_of_file for one in entries.list] == [True, False]


FRAMES = st.lists(
    st.tuples(
        st.sampled_from(["textDocument/didChange", "signoff/view", "signoff/select"]),
        st.sampled_from(["a.py", f"{EMOJI}.py"]),
        st.integers(0, 90),
    ),
    max_size=40,
)


@given(steps=FRAMES, cuts=st.lists(st.integers(0, 40), max_size=4))
def test_entries_do_not_depend_on_how_often_the_journal_was_read(
    steps: Sequence[tuple[str, str, int]], cuts: Sequence[int]
) -> None:
    """Whatever the cuts: no step is lost, and the entries are those of one look."""
    frames: list[tuple[int, bytes]] = []
    t_ns = 0
    for method, name, seconds in steps:
        t_ns += seconds * S
        path = Path("/p", name)
        frames.append(
            changed(t_ns, path) if method.startswith("text") else message(t_ns, method, path)
        )
    whole = fold(Entries(), frames)
    parts, begin = Entries(), 0
    for end in [*sorted(min(cut, len(frames)) for cut in cuts), len(frames)]:
        parts = fold(parts, frames[begin:end])
        begin = end
    assert parts.list == whole.list
    assert sum(one.count for one in whole.list) == len(frames)
    assert all(one.from_ns <= one.to_ns for one in whole.list)


def test_the_task_that_was_stated_is_told_to_whoever_asks_masked(workspace: Path) -> None:
    value = "hunter2" * 3
    hello = {"name": "test", "version": "1", "protocol": 1, "anchors": False}
    for stated in (True, False):
        with bridge(DEPLOY_TOKEN=value) as client:
            client.initialize()
            client.notify("signoff/hello", hello)
            client.open(workspace / "a.py", EMOJI)
            if stated:
                task = {"command": "signoff.task", "arguments": [f"mend {EMOJI} {value}"]}
                client.ask("workspace/executeCommand", task)
            (told,) = wait_until(
                lambda client=client: [
                    row["task"] for row in client.status()["workspaces"] if "task" in row
                ],
                "the task",
            )
            assert told == f"mend {EMOJI} REDACTED_VALUE_1" or "hunter2" not in told
            assert told.startswith(f"mend {EMOJI}")
            client.quit()
