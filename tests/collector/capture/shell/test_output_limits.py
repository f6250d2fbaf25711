"""What was asked while a command ran decides over its output, nothing earlier or later."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.files import enabled

from signoff_collector.capture.runs.output_keeping import OutputKeeper
from signoff_collector.capture.sessions.sessions import Session, open_session
from signoff_collector.capture.shell.marks import Command
from signoff_collector.capture.shell.outputs import OutputWriter
from signoff_collector.capture.shell.spool import records_in
from signoff_collector.own_files.home import Home

SECOND_NS = 10**9


class Ran:
    """One command line of a recorded shell, on a clock of the test's own."""

    def __init__(self, home: Home, session: Session, clock: FakeClock, number: int) -> None:
        self._writer = OutputWriter(home, clock)
        self._path = session.folder / "shell-12-0a1b2c3d.spool"
        self._command = Command(number=number, session=session.id, spool=self._path.name)
        uptime = f"{clock.boot_ns() // SECOND_NS}.{clock.boot_ns() % SECOND_NS // 10**7:02d}"
        words = ["", "begin", "6", str(number), uptime, "", str(session.root), "", "make 😀𝄞", ""]
        with self._path.open("ab") as file:
            file.write("\0".join(words).encode())
        self._path.chmod(0o600)

    def has_output(self) -> bool:
        """Hand its output over; say whether it was kept."""
        keeper = OutputKeeper()
        keeper.add("said 😀𝄞\r\n".encode())
        self._writer.give(self._command, keeper)
        self._writer.close()
        records = records_in(self._path.read_bytes())
        number = str(self._command.number)
        return any(one.kind == "output" and one.fields[0] == number for one in records)


@pytest.mark.parametrize("verb", ["pause", "forget"])
def test_an_output_is_dropped_when_the_request_came_while_it_ran_whatever_came_next(
    verb: str, home: Path, tmp_path: Path
) -> None:
    del home
    (tmp_path / "w").mkdir()
    own, workspace = enabled(tmp_path / "w")
    clock = FakeClock()
    session = open_session(own, workspace, clock)
    clock.advance(5)
    before = Ran(own, session, clock, 1)
    clock.advance(1)
    assert before.has_output()
    clock.advance(1)
    during = Ran(own, session, clock, 2)
    clock.advance(1)
    fields = {"from": "0", "to": str(clock.boot_ns())} if verb == "forget" else {}
    session.ask(verb, clock=clock, fields=fields)
    clock.advance(1)
    session.ask("resume", clock=clock)
    clock.advance(1)
    assert not during.has_output()
    after = Ran(own, session, clock, 3)
    clock.advance(1)
    assert after.has_output(), "an earlier request voids nothing that began later"
