"""Spools of shells become steps: in order, in time, within bounds, and forgotten when asked."""

from __future__ import annotations

import json
import os
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import FakeClock

from signoff_collector.capture.agents.spool import READER as AGENTS
from signoff_collector.capture.journal.control import append_control
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.journal.spools import SpoolClocks, read_spool, scrub
from signoff_collector.capture.journal.writers import read_writers
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import Session, open_session
from signoff_collector.capture.shell.spool import READER, records_in
from signoff_collector.capture.tallies.step_counts import count_steps
from signoff_collector.capture.tallies.touched_files import TouchedFiles
from signoff_collector.episode.content import Episode
from signoff_collector.forgetting.forgetting import forget, make_request
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.own_files.private_files import read_regular
from signoff_collector.seal.assemble import assemble
from signoff_collector.seal.gathering.gather import gather
from signoff_schemas.steps import CommandStep, GapStep, StepBase
from signoff_schemas.words import Owner

S = 10**9
NAME = "shell-4711-0a1b2c3d.spool"
EMOJI = "😀𝄞"


def packed(*words: object) -> bytes:
    return b"\0" + b"".join(f"{word}\0".encode("utf-8", "surrogateescape") for word in words)


def shell_record() -> bytes:
    return packed("shell", 4, 1, "bash", "5.2.15", 2)


class Writer:
    """Writes a spool as a hook does, on the session's clock."""

    def __init__(self, session: Session, clock: FakeClock, name: str = NAME) -> None:
        self.path = session.folder / name
        self.clock = clock
        self.root = session.root
        self.add(shell_record())

    def add(self, data: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(data)

    def times(self) -> tuple[str, str]:
        uptime, wall = self.clock.boot_ns(), self.clock.wall_ns()
        return f"{uptime // S}.{uptime % S // 10**7:02d}", f"{wall // S}.{wall % S // 1000:06d}"

    def begin(self, number: int, line: str, markers: str = "") -> None:
        self.add(packed("begin", 6, number, *self.times(), self.root, markers, line))

    def end(self, number: int, status: int = 0) -> None:
        self.add(packed("end", 4, number, *self.times(), status))


@pytest.fixture
def own(home: Path) -> Home:
    return resolve_home().ensure()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def session(own: Home, clock: FakeClock, tmp_path: Path) -> Session:
    root = tmp_path / "work"
    root.mkdir()
    workspace = Workspaces(own, clock).enable(root, owner=Owner.MINE, is_confirmed=True)
    return open_session(own, workspace, clock)


def episode_of(session: Session) -> Episode:
    writers, _ = read_writers(session.folder)
    return assemble(writers, gather(session, writers, None, environ={}))


def kind_of(step: StepBase) -> str:
    return str(getattr(step, "kind", ""))


def commands(session: Session) -> list[CommandStep]:
    return [step for step in episode_of(session).steps if isinstance(step, CommandStep)]


def test_lines_stand_between_the_records_of_journals(session: Session, clock: FakeClock) -> None:
    clock.advance(-2)
    writer = Writer(session, clock)
    writer.begin(1, f"make {EMOJI}", "AI_AGENT CLAUDECODE")
    clock.advance(3)
    with session.join("words", clock=clock) as journal:
        journal.append_value(RecordKind.STEP, {"t_boot_ns": clock.boot_ns(), "kind": "note",
                                               "text": "meanwhile"})  # fmt: skip
    clock.advance(1)
    writer.end(1, 137)
    writer.add(packed("private", 3, 2, *writer.times()))
    clock.advance(5)
    writer.end(2)
    writer.begin(3, "vim never-ended")
    episode = episode_of(session)
    note, command, private, torn = [s for s in episode.steps if kind_of(s) != "environment"]
    assert (kind_of(note), note.source) == ("note", "words")
    assert isinstance(command, CommandStep)
    assert isinstance(private, GapStep)
    assert command.line == f"make {EMOJI}"
    assert (command.exit_code, command.signal, command.shell) == (137, 9, "bash")
    assert (command.shell_level, command.tty) == (2, True)
    assert (command.agent_marker, command.cwd) == ("claude-code", ".")
    assert (command.source, command.output_state) == ("shell", "none")
    assert command.duration_ns is not None
    assert abs(command.duration_ns - 4 * S) < 10**6
    assert command.t_ns == 4 * S
    assert (private.reason, private.duration_ns) == ("private", 5 * S)
    assert isinstance(torn, CommandStep)
    assert (torn.exit_code, torn.duration_ns) == (None, None)
    counted = count_steps(session)
    assert counted.by_kind == {"command": 2, "gap": 1, "note": 1}
    assert counted.last_ns["shell"] == clock.boot_ns()


def test_a_session_of_a_shell_alone_is_an_episode(session: Session, clock: FakeClock) -> None:
    writer = Writer(session, clock)
    writer.begin(1, "ls")
    writer.end(1)
    episode = episode_of(session)
    assert [kind_of(step) for step in episode.steps] == ["command"]
    assert [one.source for one in episode.header.observability] == ["shell"]


def test_who_asks_a_spool_for_some_kinds_gets_its_steps(session: Session, clock: FakeClock) -> None:
    writer = Writer(session, clock)
    writer.begin(2, "git restore a.txt")
    clock.advance(1)
    writer.end(2)
    (stream,) = read_writers(session.folder)[0]
    assert [body["line"] for _, _, body in stream if isinstance(body, dict)] == [
        "git restore a.txt"
    ]
    assert list(stream.only({RecordKind.STEP, RecordKind.FILES})) == list(stream)
    assert not list(stream.only({RecordKind.FILES}))


def test_a_wall_clock_that_was_set_is_not_believed() -> None:
    clocks = SpoolClocks(started_boot_ns=100 * S, pairs=[(1_000 * S, 100 * S)])
    assert clocks.boot_ns(uptime_ns=130 * S, wall_ns=1_030 * S + 5) == 130 * S + 5
    assert clocks.boot_ns(uptime_ns=130 * S, wall_ns=5_030 * S) == 130 * S
    assert clocks.boot_ns(wall_ns=1_030 * S) == 130 * S
    assert clocks.boot_ns(uptime_ns=130 * S) == 130 * S
    assert clocks.boot_ns() is None
    assert clocks.boot_ns(uptime_ns=1) == 40 * S
    assert clocks.boot_ns(uptime_ns=10**9 * S) == 100 * S + 13 * 3600 * S


def test_what_began_in_a_pause_is_left_out(session: Session, clock: FakeClock) -> None:
    writer = Writer(session, clock)
    writer.begin(1, "signoff pause")
    clock.advance(1)
    append_control(session.control, "pause", clock=clock)
    writer.end(1)
    clock.advance(1)
    writer.begin(2, "in the pause")
    clock.advance(1)
    append_control(session.control, "resume", clock=clock)
    writer.end(2)
    writer.begin(3, "after")
    writer.end(3)
    assert [step.line for step in commands(session)] == ["signoff pause", "after"]


def test_forgotten_lines_are_gone_from_the_bytes(
    own: Home, session: Session, clock: FakeClock
) -> None:
    writer = Writer(session, clock)
    writer.begin(1, f"keep {EMOJI}")
    writer.end(1)
    clock.advance(60)
    writer.begin(2, "export TOKEN=planted-one")
    clock.advance(120)
    writer.end(2)
    writer.begin(3, "cat sub/planted-name.txt | wc")
    writer.end(3)
    size = writer.path.stat().st_size
    done = forget(own, clock, make_request(clock, pattern="planted-name.txt"), wait_s=0)
    assert done.records == 1
    assert b"planted-name" not in read_regular(writer.path, max_bytes=1 << 20)
    assert [step.line for step in commands(session)] == [
        f"keep {EMOJI}", "export TOKEN=planted-one"]  # fmt: skip
    # begun before the last minute and ended in it: it goes
    forget(own, clock, make_request(clock, from_wall_ns=clock.wall_ns() - 60 * S), wait_s=0)
    data = read_regular(writer.path, max_bytes=1 << 20)
    assert b"planted" not in data
    assert len(data) == size
    clock.advance(10)
    writer.begin(4, "goes on")
    writer.end(4)
    assert [step.line for step in commands(session)] == [f"keep {EMOJI}", "goes on"]
    assert count_steps(session).left_bytes == 0


def test_what_belongs_to_no_record_is_forgotten_too(
    own: Home, session: Session, clock: FakeClock
) -> None:
    """Bytes of a killed shell, of a program that wrote what it liked, of a doubled record."""
    writer = Writer(session, clock)
    clock.advance(600)
    writer.begin(1, f"keep {EMOJI}")
    writer.end(1)
    doubled = packed("begin", 6, 1, "5.00", "", "/w", "", "planted twice")
    alone = packed("output", 7, 9, "full", 7, "planted alone", "", 0, 0)
    with writer.path.open("ab") as file:
        file.write(doubled + alone + b"\0planted garbage\0" + packed("begin", 6, 2, "planted")[:-1])
    agent = session.folder / "agent-0-0a1b2c3d.spool"
    agent.write_bytes(b'\n{"kind": "edit", "text": "planted"}\nplanted\n{"kind": "agent", "planted')
    for path in (writer.path, agent):
        os.utime(path, ns=(clock.wall_ns(), clock.wall_ns()))
    sizes = [path.stat().st_size for path in (writer.path, agent)]
    clock.advance(60)
    request = make_request(clock, from_wall_ns=clock.wall_ns() - 5 * S)
    assert forget(own, clock, request, wait_s=0).sessions == 0, "it was written before the span"
    assert b"planted" in writer.path.read_bytes()
    clock.advance(1)
    first, last = clock.wall_ns() - 90 * S, clock.wall_ns() - 50 * S
    other = make_request(clock, from_wall_ns=first, to_wall_ns=last, pattern="no-such-file")
    forget(own, clock, other, wait_s=0)
    assert b"planted" in writer.path.read_bytes(), "names another file"
    forget(own, clock, make_request(clock, from_wall_ns=first, to_wall_ns=last), wait_s=0)
    assert [path.stat().st_size for path in (writer.path, agent)] == sizes
    assert b"planted" not in writer.path.read_bytes() + agent.read_bytes()


def test_a_flood_of_nonsense_is_one_piece_and_harms_no_record() -> None:
    clocks = SpoolClocks(started_boot_ns=0, pairs=[(0, 0)])
    whole = packed("begin", 6, 1, "5.00", "", "/w", "", f"line {EMOJI}")
    flood = packed("begin", 6, 1, "5.00", "", "/w", "", "again") * 20_000
    reading = READER.read(whole + flood + packed("end", 4, 1, "7", "", 3), clocks)
    assert [entry.body["exit_code"] for entry in reading.entries] == [3]
    assert (reading.refused, len(reading.unclaimed)) == (20_000, 1)
    line = b'{"kind": "agent", "tool": "codex", "event": "prompt", "t_boot_ns": 1%0100d}\n' % 0
    told = AGENTS.read(line + b"no\n\n" * 500_000 + b"torn", clocks)
    assert [entry.t_boot_ns for entry in told.entries] == [clocks.within(1 << 62)], "absurd time"
    assert (told.refused, len(told.unclaimed), told.left_bytes) == (500_000, 2, 4)


def test_files_that_an_agent_names_are_touched(session: Session, clock: FakeClock) -> None:
    touched = TouchedFiles(session)
    inside = session.root / f"named {EMOJI}.py"
    said = {
        "kind": "agent", "event": "tool_call", "tool": "claude-code",
        "t_boot_ns": clock.boot_ns(), "paths": [str(inside), "/etc/hosts", "relative"],
    }  # fmt: skip
    assert touched.refresh() == ()
    spool = session.folder / "agent-12-0a1b2c3d.spool"
    spool.write_text(json.dumps(said) + "\n")
    Writer(session, clock).begin(1, "cat elsewhere.py")
    assert touched.refresh() == (inside,)
    assert count_steps(session).by_kind == {"agent": 1, "command": 1}


def test_foreign_spools_give_only_their_own_kinds(session: Session, clock: FakeClock) -> None:
    writer = Writer(session, clock)
    writer.begin(1, "ls")
    writer.add(packed("git", 1, "commit"))
    writer.add(packed("begin", 6, 1, "1", "1", "/", "", "twice"))
    writer.add(packed("end", 4, "-1", "x", "", "1"))
    writer.add(packed("begin", 6, 2, "not a time", "", "/", "", "no time"))
    writer.add(packed("begin", 6, 3, *writer.times(), "relative/cwd", "planted value", "third"))
    writer.add(packed("end", 4, 3, *writer.times(), "99999"))
    (session.folder / "shell-1-aaaa.spool").symlink_to(writer.path)
    os.mkfifo(session.folder / "shell-2-bbbb.spool")
    (session.folder / "shell-3-cccc.spool").write_bytes(b"\xff\0" * 4_000)
    (session.folder / "other-3-cccc.spool").write_bytes(shell_record())
    first, third = commands(session)
    assert first.line == "ls"
    assert (third.line, third.cwd, third.agent_marker, third.exit_code) == (
        "third", None, None, None)  # fmt: skip
    kinds = {kind_of(step) for step in episode_of(session).steps}
    assert kinds == {"command", "gap"}


def test_a_record_torn_by_a_full_disk_costs_only_itself() -> None:
    clocks = SpoolClocks(started_boot_ns=0, pairs=[(0, 0)])
    whole = packed("begin", 6, 1, "5.00", "", "/w", "", f"first {EMOJI}")
    after = packed("begin", 6, 2, "6.00", "", "/w", "", "second") + packed("end", 4, 2, "7", "", 3)
    for size in range(len(whole)):
        reading = READER.read(shell_record() + whole[:size] + after, clocks)
        lines = [entry.body["line"] for entry in reading.entries if "line" in entry.body]
        assert lines[-1] == "second", size
        assert reading.refused <= 1
        assert reading.left_bytes == 0


@given(
    data=st.lists(
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [
                    b"begin",
                    b"end",
                    b"private",
                    b"output",
                    b"shell",
                    b"6",
                    b"4",
                    b"3",
                    b"7",
                    b"1",
                    b"12.5",
                    b"/w",
                    b"full",
                    b"head_tail",
                    b"",
                ]
            ),
        ),
        max_size=60,
    )
)
def test_any_bytes_are_read_within_bounds(data: list[bytes]) -> None:
    clocks = SpoolClocks(started_boot_ns=100 * S, pairs=[(1_000 * S, 100 * S)])
    content = b"\0".join(data)
    reading = READER.read(content, clocks)
    for entry in reading.entries:
        assert entry.body["kind"] in READER.kinds
        assert 40 * S <= entry.since_ns <= entry.t_boot_ns
        for start, end in entry.pieces:
            assert content[start:end].endswith(b"\0")
    spans = [(one.start, one.end) for one in records_in(content)]
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert reading.left_bytes + reading.refused <= len(content)


def test_scrubbing_any_entries_leaves_the_others(session: Session, clock: FakeClock) -> None:
    chance = random.Random(20261122)  # noqa: S311  not for secrets
    writer = Writer(session, clock)
    for number in range(1, 40):
        writer.begin(number, f"line {number} " + "x" * chance.randrange(90))
        if chance.random() < 0.8:
            writer.end(number, chance.randrange(256))
        clock.advance(1)
    clocks = SpoolClocks(
        started_boot_ns=session.started_boot_ns,
        pairs=[(session.started_wall_ns, session.started_boot_ns)],
    )
    before = {str(e.body["line"]): e.body for e in read_spool(writer.path, clocks).entries}
    going = {line for line in before if chance.random() < 0.5}
    taken = scrub(writer.path, lambda entry: entry.body["line"] in going, clocks)
    after = read_spool(writer.path, clocks)
    assert taken == len(going)
    assert {str(e.body["line"]): e.body for e in after.entries} == {
        line: body for line, body in before.items() if line not in going
    }
    assert (after.refused, after.left_bytes) == (0, 0)
