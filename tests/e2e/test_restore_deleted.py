"""Files that no editor ever opened, removed together: each comes back by its name alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.bridge import BRIDGE, bridge, enable, sessions
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.torture import Torture, project

from signoff_collector.capture.sessions.sessions import end_session
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

BEASTS = "\U0001f98a\U0001d11e"


NAMES = ("one", "two", "three")


def text_of(name: str) -> str:
    return f"text of {name} {BEASTS}\n"


@pytest.fixture
def torture(tmp_path: Path, home: Path) -> Iterator[Torture]:
    del home
    tree = project(tmp_path)
    for name in NAMES:
        path = tree.root / "docs" / f"{name}.sh"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text_of(name))
        path.chmod(0o755)
    tree.git("add", ".")
    tree.git("commit", "-qm", "docs")
    enable(tree.root)
    with bridge(BRIDGE) as client:
        client.initialize()
        client.notify("signoff/hello", {"name": "keyboard", "version": "1", "protocol": 1})
        client.open(tree.root / "a.py")
        made = Torture(tree)
        made.told()
        made.told_all()
        yield made


@pytest.mark.parametrize("is_over", [False, True])
def test_a_file_that_was_never_opened_comes_back_by_its_name(
    torture: Torture, *, is_over: bool
) -> None:
    root = torture.root
    for name in NAMES:
        (root / "docs" / f"{name}.sh").unlink()
    torture.told_all()
    if is_over:
        assert signoff("stop", cwd=root).code == 0
        (session,) = sessions()
        end_session(resolve_home(), session)
        wait_until(lambda: session.is_over(SystemClock()), "the session to be over")
    listed = signoff("restore", "docs/one.sh", cwd=root)
    assert listed.code == 0, listed
    assert "docs/one.sh, not there now" in listed.out
    by_number = signoff("restore", "docs/one.sh", "--n", "1", "--yes", cwd=root)
    assert by_number.code == 0, by_number
    by_moment = signoff("restore", "docs/two.sh", "--at", "start", "--yes", cwd=root)
    assert by_moment.code == 0, by_moment
    for name in ("one", "two"):
        path = root / "docs" / f"{name}.sh"
        assert (path.read_text(), path.stat().st_mode & 0o777) == (text_of(name), 0o755)
    assert signoff("restore", "docs/three.sh", "--at", "end", cwd=root).code == 10


def test_what_a_script_wrote_over_is_what_was_committed(torture: Torture) -> None:
    path = torture.root / "docs" / "one.sh"
    path.write_text(f"by a script {BEASTS}\n")
    torture.told_all()
    path.write_text(f"by a script again {BEASTS}\n")
    torture.told_all()
    said = signoff("restore", "docs/one.sh", "--at", "start", "--yes", cwd=torture.root)
    assert said.code == 0, said
    assert path.read_text() == text_of("one")


def test_a_file_of_which_nothing_was_told_stays_unknown(torture: Torture) -> None:
    said = signoff("restore", "docs/one.sh", cwd=torture.root)
    assert said.code == 10
    assert "git restore -s HEAD" in said.err
