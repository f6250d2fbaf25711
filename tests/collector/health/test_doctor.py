from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
import watchdog.observers  # noqa: F401  decides for Linux before a test says otherwise
from tests.support import native_fsevents
from tests.support.bridge import enable
from tests.support.cli import signoff
from tests.support.clock import FakeClock
from tests.support.repository import WorkTree
from tests.support.sessions import current_home, workspace
from tests.support.setup import call, put

from signoff_collector.capture.files.watch_state import WatchMode, WatchState, write_watch_state
from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.seal_notes import note_seal_failed
from signoff_collector.capture.sessions.sessions import end_session, open_session
from signoff_collector.health import places, program, recording, surroundings
from signoff_collector.health.at_work import AT_WORK
from signoff_collector.health.checks import CHECKS, NAMES, line_of
from signoff_collector.health.interface import Level, Line, Surroundings
from signoff_collector.health.targets import EDITOR_GROUP, target_checks
from signoff_collector.system.clock import UNKNOWN_BOOT, SystemClock
from signoff_schemas.errors import SignoffError

ROOT = Path(__file__).resolve().parents[3]


def around(here: Path, *, proc: Path = Path("/proc"), **environ: str) -> Surroundings:
    return Surroundings(environ={**os.environ, **environ}, here=here, proc=proc)


def test_the_document_has_a_row_for_every_line_and_no_other() -> None:
    text = (ROOT / "docs" / "doctor.md").read_text("utf-8")
    named = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert named == list(NAMES)


def test_doctor_tells_what_status_and_editors_tell() -> None:
    assert set(AT_WORK) <= set(CHECKS)


def test_every_line_is_printed_and_in_json_too(home: Path, tmp_path: Path) -> None:
    plain = signoff("doctor", cwd=tmp_path)
    rows = [json.loads(line) for line in signoff("doctor", "--json", cwd=tmp_path).out.splitlines()]
    assert [row["name"] for row in rows] == list(NAMES)
    assert {row["level"] for row in rows} <= {"ok", "note", "bad"}
    for name in NAMES:
        assert re.search(rf"^(ok|!|✗) +{re.escape(name)}  ", plain.out, re.MULTILINE)
    has_failures = any(row["level"] == "bad" for row in rows)
    assert plain.code == (3 if has_failures else 0), plain


def test_a_home_that_is_refused_is_explained_once_and_every_check_goes_on(
    tmp_path: Path,
) -> None:
    inside = WorkTree.create(tmp_path / "cloned").root / "own"
    said = signoff("doctor", "--json", cwd=tmp_path, SIGNOFF_HOME=str(inside))
    rows = {row["name"]: row for row in map(json.loads, said.out.splitlines())}
    assert (said.code, list(rows)) == (3, list(NAMES))
    bad = [name for name, row in rows.items() if row["level"] == "bad"]
    assert {"home", "disk", "room", "undo", "opt-ins", "here", "seals"} <= set(bad)
    explained = [name for name in bad if "inside the work tree" in rows[name]["fact"]]
    assert explained == ["home"]
    assert len({rows[name]["hint"] for name in ("home", "disk", "seals")}) == 1


def test_doctor_changes_nothing(home: Path, tmp_path: Path) -> None:
    call("doctor")
    assert not home.exists()


def test_the_session_here_is_looked_at_without_a_trace(home: Path, tmp_path: Path) -> None:
    place, clock = current_home(), SystemClock()
    folder = tmp_path / "work"
    folder.mkdir()
    enable(folder)
    assert "nothing is being recorded" in line_of("working", around(folder)).fact
    session = open_session(place, workspace(folder), clock)
    reason = "The limit of watched folders is reached."
    with session.join("run", clock=clock) as writer:
        note = {"t_boot_ns": clock.boot_ns(), "kind": "note"}
        writer.append_value(RecordKind.STEP, note)
        before = sorted(session.folder.iterdir())
        found = line_of("working", around(folder))
        assert "1 steps in this session" in found.fact or "is not stored permanently" in found.fact
        assert line_of("watching", around(folder)).level is Level.OK
        write_watch_state(session, WatchState(mode=WatchMode.SCAN, reason=reason))
        assert line_of("watching", around(folder)).level is Level.NOTE
        assert line_of("watching", around(folder)).fact == reason
        after = {path.name for path in session.folder.iterdir()}
        assert after - {path.name for path in before} == {"watch.json"}


def test_a_home_open_to_others_is_to_be_mended(home: Path, tmp_path: Path) -> None:
    root = current_home().root
    assert places.home(around(tmp_path)).level is Level.OK
    put(root / "config" / "notes", b"x", mode=0o644)
    found = places.home(around(tmp_path))
    assert found.level is Level.BAD
    assert found.hint is not None
    assert "chmod" in found.hint
    root.chmod(0o755)
    assert places.home(around(tmp_path)).level is Level.BAD
    assert signoff("doctor", cwd=tmp_path).code == 3


@pytest.mark.parametrize(
    ("kind", "word", "level"),
    [
        ("tmpfs", "memory", Level.NOTE),
        ("overlay", "container", Level.NOTE),
        ("nfs4", "network", Level.NOTE),
        ("fuse.sshfs", "network", Level.NOTE),
        ("ext4", "on ext4", Level.OK),
    ],
)
def test_a_home_on_something_that_forgets_is_named(
    home: Path, tmp_path: Path, kind: str, word: str, level: Level
) -> None:
    put(
        tmp_path / "proc" / "self" / "mountinfo",
        b"1 0 8:1 / / rw - ext3 /dev/sda rw\n"
        + f"2 1 0:5 / {str(tmp_path).replace(' ', chr(92) + '040')} rw - {kind} x rw\n".encode(),
    )
    found = line_of("disk", around(tmp_path, proc=tmp_path / "proc"))
    assert (found.level, word in found.fact) == (level, True), found


@pytest.mark.parametrize(
    ("watches", "instances", "level"),
    [("8192", "128", Level.NOTE), ("524288", "8", Level.NOTE), ("524288", "512", Level.OK),
     ("nonsense", "1", Level.NOTE)],
)  # fmt: skip
def test_low_watch_limits_are_named(
    tmp_path: Path, watches: str, instances: str, level: Level
) -> None:
    folder = tmp_path / "proc" / "sys" / "fs" / "inotify"
    put(folder / "max_user_watches", watches.encode())
    put(folder / "max_user_instances", instances.encode())
    assert surroundings.watches(around(tmp_path, proc=tmp_path / "proc")).level is level


def test_a_system_without_anything_that_tells_of_changes_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    found = surroundings.watches(around(tmp_path))  # there is no FSEvents here
    assert found.level is Level.NOTE
    assert "compared in turn" in found.fact
    monkeypatch.setitem(sys.modules, "_watchdog_fsevents", native_fsevents)
    assert surroundings.watches(around(tmp_path)).level is Level.OK
    sys.modules.pop("watchdog.observers.fsevents", None)


def test_a_repository_of_somebody_else_is_named(home: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to somebody else")
    tree = WorkTree.create(tmp_path / "cloned")
    tree.commit("first")
    assert surroundings.repository(around(tree.root)).level is Level.OK
    for path in (tree.root, *tree.root.rglob("*")):
        os.chown(path, 12345, 12345)
    found = surroundings.repository(around(tree.root))
    assert found.level is Level.NOTE
    assert "safe.directory" in found.fact
    own = Path(os.environ["HOME"]) / ".gitconfig"
    put(own, f"[safe]\n\tdirectory = {tree.root}\n\tdirectory = /elsewhere\n".encode())
    assert surroundings.repository(around(tree.root)).level is Level.OK
    put(own, f"[safe]\n\tdirectory = {tree.root}\n\tdirectory =\n".encode())
    assert surroundings.repository(around(tree.root)).level is Level.NOTE, "the list was emptied"


def test_a_reftable_is_named(home: Path, tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "new")
    (tree.root / ".git" / "reftable").mkdir()
    found = surroundings.repository(around(tree.root))
    assert (found.level, "reftable" in found.fact) == (Level.NOTE, True)


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: object, **_: object) -> Path:
        raise SignoffError(f"there is no program {name}")

    monkeypatch.setattr(surroundings, "program_and_version", nothing)
    monkeypatch.setattr(surroundings, "find_program", nothing)
    assert surroundings.git(around(tmp_path)).level is Level.BAD
    assert surroundings.ssh_keygen(around(tmp_path)).level is Level.NOTE


def test_a_blocked_seal_is_to_be_mended(home: Path, tmp_path: Path) -> None:
    place, clock = current_home(), SystemClock()
    assert line_of("seals", around(tmp_path)).level is Level.OK
    session = open_session(place, workspace(tmp_path / "project"), clock)
    end_session(place, session)
    note_seal_failed(session, SignoffError("a secret stayed", hint="See where."), clock)
    found = line_of("seals", around(tmp_path))
    assert (found.level, found.hint) == (Level.BAD, "See where.")
    assert "a secret stayed" in found.fact


def test_an_older_bridge_that_still_runs_is_named(home: Path, tmp_path: Path) -> None:
    place, clock = current_home(), SystemClock()
    session = open_session(place, workspace(tmp_path / "project"), clock)
    name = f"bridge-lsp-{os.getpid()}-0a0b.json"
    put(session.folder / name, b'{"version": "0.0.1", "editor": "Neovim", "editor_version": "0.9"}')
    put(session.folder / "bridge-lsp-999999999-0a0b.json", b'{"version": "0.0.0"}')
    found = line_of("bridges", around(tmp_path))
    assert found.level is Level.NOTE
    assert "Neovim 0.9 still runs release 0.0.1" in found.fact


def test_what_is_enabled_is_said(home: Path, tmp_path: Path) -> None:
    assert line_of("opt-ins", around(tmp_path)).level is Level.NOTE
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    assert line_of("opt-ins", around(tmp_path)).level is Level.OK
    assert "is recorded" in recording.here(around(folder)).fact
    put(home / "config" / "workspaces.json", b"{", mode=0o600)
    assert line_of("opt-ins", around(tmp_path)).level is Level.BAD


def test_a_wrong_clock_is_named(tmp_path: Path) -> None:
    early = Surroundings(here=tmp_path, clock=FakeClock(wall_ns=0))
    assert program.clock(early).level is Level.BAD
    blind = Surroundings(here=tmp_path, clock=FakeClock(boot_id=UNKNOWN_BOOT))
    assert program.clock(blind).level is Level.NOTE


def test_each_editor_says_what_is_recorded_in_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    put(programs / "hx", b"#!/bin/sh\n", mode=0o755)
    monkeypatch.setenv("PATH", str(programs))
    (look,) = (check.look for check in target_checks(EDITOR_GROUP) if check.name == "helix")
    before: Line = look(around(tmp_path))
    assert (before.level, before.hint) == (Level.NOTE, "Run `signoff setup helix`.")
    assert call("setup", "--yes", "helix").code == 0
    after = look(around(tmp_path))
    assert after.level is Level.OK
    assert "each key" in after.fact
    assert "in 1 file" in line_of("undo", around(tmp_path)).fact
    put(home / "config" / "setup.json", b"{}", mode=0o600)
    assert line_of("undo", around(tmp_path)).level is Level.BAD


def test_a_launcher_that_path_does_not_find_is_named(tmp_path: Path) -> None:
    found = program.launcher(around(tmp_path, PATH="/nowhere"))
    assert (found.level, "not on PATH" in found.fact) == (Level.NOTE, True)
    put(tmp_path / "signoff", b"#!/bin/sh\n", mode=0o755)
    other = program.launcher(around(tmp_path, PATH=str(tmp_path)))
    assert f"means {tmp_path / 'signoff'}" in other.fact
