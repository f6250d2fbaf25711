"""A whole session in a repository that changes all its settings while we work: nobody's program
runs but Python, git and what is named here (threat 7).

Two proofs: a canary for every kind of program that git can start, in settings, attributes,
includes, work trees, submodules and hooks that are others at every turn; and every exec of every
process of ours, as the kernel is asked to do it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.bridge import BRIDGE, EMOJI, at, bridge, sessions
from tests.support.deadline import wait_until
from tests.support.exec_trace import Exec, ExecTrace
from tests.support.moving_repository import MovingRepository
from tests.support.pseudo_terminal import Terminal
from tests.test_nothing_leaves import Ended, go_the_whole_way, run_in

from signoff_collector.capture.git.git import READING_VERBS
from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.programs.children import SYSTEM_FOLDERS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]
SIGNOFF = (sys.executable, "-I", "-m", "signoff_collector")


def reason(call: Exec) -> str:
    """Return why a program may be started; empty if it may not."""
    name, words = Path(call.program).name, call.argv[1:]
    if call.program == sys.executable and words[0] == "-I":
        return "Signoff itself, isolated from the folder"
    if name == "bash" and not words:
        return "the shell that the person starts by `signoff shell`, from the person's PATH"
    if Path(call.program).parent not in map(Path, SYSTEM_FOLDERS):
        return ""
    verb = next((word for word in words if word != "--no-literal-pathspecs"), "")
    if name == "git" and verb in READING_VERBS:
        return "git, to read"
    if name == "sh" and words[1].startswith('nice -n 10 "$@" </dev/null'):
        return "starts the watcher and the sealer, so that nobody waits for them"
    if name == "nice" and words[2] == sys.executable:
        return "starts them at a low priority"
    if name in {"ssh-keygen", "ssh-add"}:
        return "signs and verifies"
    if name == "true" and not words:
        return "the command that the person runs by `signoff run`"
    if list(words) in (["--version"], ["-V"]):
        return "`doctor` asks what is installed"
    return ""


def test_a_session_starts_nothing_of_a_repository_that_changes_meanwhile(
    tmp_path: Path, home: Path
) -> None:
    trace = ExecTrace(tmp_path / "trace")
    place = MovingRepository(tmp_path / "all")
    place.make()
    place.next_turn()

    def run(words: Sequence[str], stdin: bytes | None) -> Ended:
        if words[0] == "review":
            look(place, trace)
        place.next_turn()
        return run_in(place.folder, [*trace.prefix(), *SIGNOFF, *words], stdin, {})

    with place.moving():
        assert run(["enable", str(place.root), "--yes", "--owner", "mine"], b"").code == 0
        edit_and_commit(place, trace)
        go_the_whole_way(run, place.folder)
        trace.wait()
    assert place.fired() == set()
    assert place.prove() == place.names, "what no plain call can start proves nothing"
    if trace.fault:
        pytest.skip(f"the canaries were silent; every exec was not seen: {trace.fault}")
    calls = trace.execs()
    assert [call for call in calls if not reason(call)] == []
    assert {"git", "ssh-keygen", "nice"} <= {Path(call.program).name for call in calls}
    assert {"watch", "seal"} <= {word for call in calls for word in call.argv[4:5]}


def edit_and_commit(place: MovingRepository, trace: ExecTrace) -> None:
    """Type, save and commit under a bridge and a watcher, twice with other settings."""
    path = place.root / "a.py"
    with bridge([*trace.prefix(), *BRIDGE], cwd=place.root) as editor:
        editor.initialize(rootUri=place.root.as_uri())
        uri = editor.open(path)
        wait_until(is_watched, "the watcher looks")
        for count in (1, 2):
            editor.change(uri, count + 1, at(0, 0, 0, 0, f"# {EMOJI}\n"))
            path.write_text(f"# {EMOJI}\n" * count + "a = 1\n")
            editor.save(uri)
            place.next_turn()
            place.commit(f"change {count} {EMOJI}")
            wait_until(lambda: git_steps() >= count, "the watcher saw the commit")  # noqa: B023
        editor.status()
        assert editor.quit() == 0


def is_watched() -> bool:
    return any(any(session.folder.glob("git-*.journal")) for session in sessions())


def git_steps() -> int:
    """Return how many commits the watcher told of."""
    return sum(
        record.kind == RecordKind.STEP and record.fields.get("operation") == "commit"
        for session in sessions()
        for path in session.journals
        if path.name.startswith("git-")
        for record in read_journal(path).records
    )


def look(place: MovingRepository, trace: ExecTrace) -> None:
    """Open the screens of the player and of the review, and leave them."""
    ways: tuple[tuple[list[str], tuple[tuple[bytes, bytes], ...]], ...] = (
        (["replay"], ((b"step ", b"q"),)),
        (["review", "--terminal"], ((b"Tasks", b"q"), (b"Leave; go on", b"\x1b[B\r"))),
    )
    for words, keys in ways:
        place.next_turn()
        argv = [*trace.prefix(), *SIGNOFF, *words]
        with Terminal(argv, cwd=place.root, env=os.environ) as terminal:
            for shown, key in keys:
                terminal.wait_for(shown)
                terminal.press(key)
            assert terminal.end() == 0, terminal.shown


def test_the_trace_sees_a_program_that_a_program_starts(tmp_path: Path) -> None:
    """The proof above would notice: a shell of a shell, in the background, and a missing one."""
    trace = ExecTrace(tmp_path / "trace")
    if trace.fault:
        pytest.skip(trace.fault)
    code = "import os, subprocess; subprocess.run(['/bin/sh', '-c', '(exec /bin/true x) &'])\n"
    code += "try: os.execv('/nowhere/😀', ['a'])\nexcept OSError: pass\n"
    argv = [*trace.prefix(), sys.executable, "-I", "-c", code]
    assert subprocess.run(argv, check=False).returncode == 0
    trace.wait()
    programs = [call.program for call in trace.execs()]
    assert programs.count("/bin/true") == 1
    assert any(program.startswith("/nowhere/") for program in programs)
    assert {call.program for call in trace.execs() if not reason(call)} == {
        program for program in programs if program != sys.executable
    }
