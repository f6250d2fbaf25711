"""The whole way where Python says `darwin`, Linux's own calls are gone and there is no /proc."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, at, bridge, sessions
from tests.support.deadline import wait_until
from tests.support.fake_mac import FakeMac
from tests.support.forks import put_fork
from tests.support.quits import is_watched, script_writes
from tests.support.repository import WorkTree
from tests.support.shells import (
    HOOKS,
    SHELLS,
    Shell,
    begin_session,
    lines_of,
    shell_words,
    wait_for_ends,
)

from signoff_collector.capture.files.watch_state import WatchMode, read_watch_state
from signoff_collector.own_files.home import Home

pytestmark = pytest.mark.platforms

EVERY_MODULE = """
import importlib, os, pkgutil, sys
assert sys.platform == "darwin" and not hasattr(os, "fdatasync") and not os.listdir("/proc")
count = 0
for name in ("signoff_schemas", "signoff_collector", "signoff_bridge"):
    for found in pkgutil.walk_packages(importlib.import_module(name).__path__, name + "."):
        if not found.name.endswith(("__main__", ".system.windows")):
            importlib.import_module(found.name)
            count += 1
print(count)
"""


@pytest.fixture
def tree(tmp_path: Path, home: Path) -> Path:
    del home
    root = tmp_path / "work 🎉𝄞"
    WorkTree.create(root).commit("first", "app.py", "x = 1\n")
    return root


def _kinds(mac: FakeMac, root: Path) -> dict[str, int]:
    """Return how many steps of each kind the newest episode has."""
    done = mac.signoff("show", "last", "--steps", "--json", cwd=root)
    assert done.returncode == 0, done
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    return {kind: kinds.count(kind) for kind in kinds}


def _end(mac: FakeMac, root: Path) -> None:
    """Stop and seal the session, and check the episode."""
    for words in (["stop"], ["seal"], ["check", "last"]):
        done = mac.signoff(*words, cwd=root)
        assert done.returncode == 0, (words, done)


def test_every_module_can_be_imported(mac: FakeMac, tmp_path: Path) -> None:
    done = mac.run(["-c", EVERY_MODULE], cwd=tmp_path)
    assert done.returncode == 0, done
    assert int(done.stdout) > 400


def test_the_whole_way_by_the_command_line(mac: FakeMac, tree: Path) -> None:
    done = mac.signoff("enable", "--owner", "mine", "--yes", cwd=tree)
    assert done.returncode == 0, done
    done = mac.signoff("run", "--", "sh", "-c", "echo said 🎉; exit 3", cwd=tree)
    assert (done.returncode, done.stdout) == (3, "said 🎉\n"), done
    wait_until(lambda: sessions() and is_watched(), "the watcher to look")
    script_writes(tree / "app.py", "x = 2  # 𝄞🎉\n")
    script_writes(tree / "new.py", "y = 1\n")
    WorkTree(tree).git("add", ".")
    WorkTree(tree).git("commit", "-q", "-m", "second")
    done = mac.signoff("note", "committed", cwd=tree)
    assert done.returncode == 0, done
    done = mac.signoff("status", cwd=tree)
    assert done.returncode == 0, done
    assert "is recorded" in done.stdout
    assert "macOS (FSEvents) reports changes in 1 folder; some are compared" in done.stdout
    state = read_watch_state(sessions()[0])
    assert state is not None
    assert (state.mode, state.unwatched, state.reason) == (WatchMode.FSEVENTS, 0, None)
    done = mac.signoff("doctor", "--json", cwd=tree)
    assert "macOS (FSEvents) reports changes in 1 folder" in done.stdout, done
    _end(mac, tree)
    kinds = _kinds(mac, tree)
    assert kinds["command"] == 1
    assert kinds["git"] >= 1
    assert kinds["note"] == 1
    assert sum(kinds.get(kind, 0) for kind in ("files", "create", "edit")) >= 2
    done = mac.signoff(
        "restore", "app.py", "--at", "end", "--to", tree.parent / "back.py", cwd=tree
    )
    assert done.returncode == 0, done
    assert (tree.parent / "back.py").read_text() == "x = 2  # 𝄞🎉\n"


def test_an_editor_is_recorded(mac: FakeMac, tree: Path) -> None:
    done = mac.signoff("enable", "--owner", "mine", "--yes", cwd=tree)
    assert done.returncode == 0, done
    argv = [*mac.prefix, str(mac.python), "-I", "-m", "signoff_bridge"]
    with bridge(argv) as client:
        client.initialize()
        opened = client.open(tree / "app.py")
        client.change(opened, 2, at(0, 0, 0, 0, f"typed = '{EMOJI}'\n"))
        client.close(opened)
        assert client.quit() == 0
    _end(mac, tree)
    assert _kinds(mac, tree)["edit"] == 1


@pytest.mark.parametrize("name", SHELLS)
def test_command_lines_are_recorded(
    mac: FakeMac, tree: Path, home: Path, tmp_path: Path, name: str
) -> None:
    """Fish has no clock but the files of /proc, and asks `date` here."""
    done = mac.signoff("enable", "--owner", "mine", "--yes", cwd=tree)
    assert done.returncode == 0, done
    own = Home(root=home.resolve())
    launcher = mac.python.with_name("signoff")
    program = [*mac.prefix, *shell_words(name, tmp_path / name)]
    hook = HOOKS[name].format(signoff=launcher)
    with Shell(name, tree, tmp_path / name, after=hook, is_hooked=False, argv=program) as shell:
        begin_session(shell, own)
        shell.line(f"echo {EMOJI} 'a  b'")
        wait_for_ends(shell, own, 2)
        shell.line("sh -c 'exit 7'")
        wait_for_ends(shell, own, 3)
        shell.leave()
    assert lines_of(own)[:3] == ["true", f"echo {EMOJI} 'a  b'", "sh -c 'exit 7'"]
    _end(mac, tree)
    done = mac.signoff("show", "last", "--steps", "--json", cwd=tree)
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    told = [(one["line"], one.get("exit_code")) for one in steps if one["kind"] == "command"]
    assert told[:3] == [("true", 0), (f"echo {EMOJI} 'a  b'", 0), ("sh -c 'exit 7'", 7)]


def test_setup_gives_the_extension_to_an_application(
    mac: FakeMac, tree: Path, home: Path, tmp_path: Path
) -> None:
    del home
    user = tmp_path / "ada"
    user.mkdir(mode=0o700)
    bundle = user / "Applications/Visual Studio Code.app/Contents/Resources/app/bin"
    extensions = user / ".vscode" / "extensions"
    program = put_fork(bundle, "code", extensions)
    around = {"HOME": str(user), "PATH": "/usr/bin:/bin"}
    done = mac.signoff("setup", "vscode", "--yes", cwd=tree, **around)
    assert done.returncode == 0, done
    assert str(program) in done.stdout
    rows = json.loads((extensions / "extensions.json").read_text())
    assert [row["identifier"]["id"] for row in rows] == ["signoff.signoff-vscode"]
    done = mac.signoff("uninstall", "--yes", cwd=tree, **around)
    assert done.returncode == 0, done
    assert json.loads((extensions / "extensions.json").read_text()) == []


def test_doctor_answers(mac: FakeMac, tree: Path) -> None:
    done = mac.signoff("doctor", cwd=tree)
    assert done.returncode in {0, 3}, done
    assert "Traceback" not in done.stdout + done.stderr
    assert " checks, " in done.stdout
