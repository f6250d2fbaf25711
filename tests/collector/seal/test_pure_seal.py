"""Same journals and gathered facts, same bytes, wherever and by whomever it is sealed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import LIMIT_S, make_session, signoff

from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.episode.file.strict import strict_check

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]
SEED = 20_260_922
KILLS = 6


def _recorded(root: Path, *, edits: int = 60) -> Session:
    session = make_session(root)
    editor = Journal(
        root=session.root, boot_id=session.boot_id, t_boot_ns=session.started_boot_ns,
        wall_ns=session.started_wall_ns,
    )  # fmt: skip
    terminal = Journal(
        "run", 200, root=session.root, boot_id=session.boot_id,
        t_boot_ns=session.started_boot_ns, wall_ns=session.started_wall_ns,
    )  # fmt: skip
    editor.open("ä.py", "one 😀🦊\n")
    for number in range(edits):
        editor.evidence("ä.py", "key", number + 1)
        editor.change("ä.py", (0, number), (0, number), "x", number + 1)
    editor.save("ä.py", "x" * edits + "one 😀🦊\n")
    editor.step("git", operation="commit", head_after="12" * 20, branch="refs/heads/feature",
                message="commit: wörk")  # fmt: skip
    editor.wait(400)
    editor.close("ä.py")
    terminal.step("command", argv=["make", "ä"], exit_code=0, cwd=str(session.root))
    terminal.step("tests", run_id="1", framework="pytest", cases=[{"id": "t", "outcome": "passed"}])
    editor.write(session.folder)
    terminal.write(session.folder)
    return session


def _sealed(session: Session, env: dict[str, str] | None = None, cwd: Path | None = None) -> bytes:
    result = signoff("seal", session.id, "--json", cwd=cwd or session.root, env=env)
    assert result.returncode == 0, result.stderr
    path = next(Path(os.environ["SIGNOFF_HOME"], "data", "episodes").glob("*.episode"))
    return path.read_bytes()


def _unseal(session: Session) -> None:
    """Take the result away and leave what was gathered."""
    (session.folder / "sealed.json").unlink()
    for path in Path(os.environ["SIGNOFF_HOME"], "data", "episodes").iterdir():
        path.unlink()


@pytest.mark.parametrize(
    "env",
    [
        {"TZ": "Pacific/Kiritimati", "LANG": "tr_TR.UTF-8", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "1", "USER": "somebody", "LOGNAME": "else", "HOSTNAME": "elsewhere"},
        {"PYTHONHASHSEED": "2", "LANG": "de_DE.ISO-8859-1", "COLUMNS": "20", "TERM": "dumb"},
    ],
)
def test_another_environment_gives_the_same_bytes(
    home: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    session = _recorded(tmp_path / "project")
    first = _sealed(session)
    strict_check(first)
    _unseal(session)
    other = tmp_path / "other home"
    other.mkdir(mode=0o700)
    again = _sealed(session, {**env, "HOME": str(other), "SIGNOFF_HOME": str(home)}, cwd=other)
    assert again == first


_AS_ANOTHER = """
import ctypes, os, sys
user, group = os.geteuid(), os.getegid()
if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) != 0:
    sys.exit(77)
for name, text in (("setgroups", "deny"), ("uid_map", f"4321 {user} 1"),
                   ("gid_map", f"4321 {group} 1")):
    with open(f"/proc/self/{name}", "w") as file:
        file.write(text)
assert os.geteuid() == 4321
from signoff_collector.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_another_user_id_gives_the_same_bytes(home: Path, tmp_path: Path) -> None:
    session = _recorded(tmp_path / "project")
    first = _sealed(session)
    _unseal(session)
    result = subprocess.run(
        [sys.executable, "-c", _AS_ANOTHER, "seal", session.id, "--json"],
        cwd=session.root, capture_output=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    if result.returncode == 77:
        pytest.skip("this system allows no user namespaces")
    assert result.returncode == 0, result.stderr
    assert next((home / "data" / "episodes").glob("*.episode")).read_bytes() == first


def test_a_sealer_killed_at_any_point_is_made_up_for_by_the_next(
    home: Path, tmp_path: Path
) -> None:
    """Kills stand at seeded random counts of system calls, not at times."""
    session = _recorded(tmp_path / "project")
    whole = _sealed(session)
    chance = random.Random(SEED)  # noqa: S311
    for _ in range(KILLS):
        _unseal(session)
        _seal_and_kill(session, after=chance.randint(1, 40))
        assert _sealed(session) == whole
        left = [
            path for path in (home / "data" / "episodes").iterdir() if path.suffix == ".episode"
        ]
        assert len(left) == 1


def test_a_sealer_killed_while_it_gathers_leaves_no_half_facts(home: Path, tmp_path: Path) -> None:
    session = _recorded(tmp_path / "project")
    for after in (1, 3, 6):
        _seal_and_kill(session, after=after, at="gather")
    strict_check(_sealed(session))


_KILLED = """
import os, signal, sys
left = int(sys.argv[1])
wanted = sys.argv[2]
def hook(event, args):
    global left
    if event in ("open", "os.rename", "os.remove") and left >= 0:
        if wanted == "gather" and "gathered" not in str(args[0]) and left > 3:
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
from signoff_collector.capture.sessions.sessions import find_session
from signoff_collector.system.clock import SystemClock
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
import signoff_collector.seal.assemble, signoff_collector.seal.gathering.gather
import signoff_collector.redaction.redactor, signoff_collector.episode.file.writer
from signoff_collector.system.offline import leave_network
leave_network()
home = resolve_home()
session = find_session(home, sys.argv[3])
sys.addaudithook(hook)
seal_session(session, home, SystemClock())
"""


def _seal_and_kill(session: Session, *, after: int, at: str = "anywhere") -> None:
    """Run a sealer that SIGKILLs itself at its n-th opening, renaming or removing of a file."""
    result = subprocess.run(
        [sys.executable, "-c", _KILLED, str(after), at, session.id],
        capture_output=True, timeout=LIMIT_S, check=False, cwd=session.root,
    )  # fmt: skip
    assert result.returncode in (0, -signal.SIGKILL), result.stderr


def test_two_sealers_at_once_make_one_episode(home: Path, tmp_path: Path) -> None:
    session = _recorded(tmp_path / "project")
    command = [sys.executable, "-I", "-m", "signoff_collector", "seal", session.id, "--json"]
    both = [subprocess.Popen(command, cwd=session.root, stdout=subprocess.PIPE) for _ in range(2)]
    outputs = set()
    for process in both:
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 0
        outputs.add(output)
    assert len(outputs) == 1
    assert len(list((home / "data" / "episodes").glob("*.episode"))) == 1
