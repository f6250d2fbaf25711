"""Answers to whose code it is: how long a lock holds, and what a changed file still says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.deadline import deadline

from signoff_collector.capture.opt_in.owners import Owners, code_place
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.programs.children import find_program
from signoff_schemas.words import Owner


@pytest.fixture
def owners(home: Path) -> Owners:
    del home
    return Owners(resolve_home().ensure())


def say(owners: Owners, folder: Path, owner: Owner, *, is_person: bool, wall_ns: int = 1) -> None:
    owners.say(code_place(folder), owner, is_person=is_person, wall_ns=wall_ns)


def git(folder: Path, *words: str) -> None:
    subprocess.run([find_program("git"), *words], cwd=folder, check=True, timeout=deadline())


def test_a_lock_that_was_lifted_in_a_session_held_in_that_session(
    owners: Owners, tmp_path: Path
) -> None:
    place = code_place(tmp_path)
    say(owners, tmp_path, Owner.EMPLOYER, is_person=False, wall_ns=10)
    say(owners, tmp_path, Owner.MINE, is_person=True, wall_ns=20)
    assert not owners.is_locked(place)
    assert owners.is_locked(place, since_ns=19), "the session began before it was lifted"
    assert not owners.is_locked(place, since_ns=20)


def test_a_file_below_a_lock_locks_what_was_recorded_above(owners: Owners, tmp_path: Path) -> None:
    say(owners, tmp_path / "vendor", Owner.EMPLOYER, is_person=True)
    place = code_place(tmp_path)
    assert not owners.is_locked(place, ["src/a.py", "vendor.py", "vendors/a.py"])
    assert owners.is_locked(place, ["src/a.py", "vendor/a.py"])
    say(owners, tmp_path, Owner.MINE, is_person=True)
    assert owners.is_locked(place, ["vendor/a.py"]), "the answer above is not about that folder"


def test_a_moved_repository_a_linked_tree_and_a_clone_are_the_same_code(
    owners: Owners, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "-q")
    git(work, "commit", "-q", "--allow-empty", "-m", "first")
    git(work, "worktree", "add", "-q", str(tmp_path / "linked"))
    git(tmp_path, "clone", "-q", "work", "clone")
    say(owners, work, Owner.EMPLOYER, is_person=True)
    for name in ("linked", "clone"):
        assert owners.is_locked(code_place(tmp_path / name)), name
    work.rename(tmp_path / "moved")
    assert owners.is_locked(code_place(tmp_path / "moved"))
    (tmp_path / "other").mkdir()
    assert not owners.is_locked(code_place(tmp_path / "other"))


def test_a_lock_of_an_opt_in_from_before_is_kept_when_it_ends(home: Path, tmp_path: Path) -> None:
    del home
    work = tmp_path / "work"
    (work / "src").mkdir(parents=True)
    place = resolve_home().ensure()
    Workspaces(place).enable(work, owner=Owner.EMPLOYER, is_confirmed=True)
    (place.config / "owners.jsonl").unlink()
    Workspaces(place).disable(work)
    inside = Workspaces(place).enable(work / "src", owner=Owner.MINE, is_confirmed=False)
    assert inside.owner is Owner.EMPLOYER


def test_a_torn_last_line_costs_what_it_said_and_what_freed_before(
    owners: Owners, tmp_path: Path
) -> None:
    locked, free = tmp_path / "locked", tmp_path / "free"
    say(owners, locked, Owner.EMPLOYER, is_person=True)
    say(owners, free, Owner.MINE, is_person=True)
    path = resolve_home().config / "owners.jsonl"
    content = path.read_bytes()
    os.truncate(path, len(content) - 9)
    assert owners.was_changed
    assert owners.is_locked(code_place(locked))
    assert owners.persons_word(free) is None
    say(owners, free, Owner.OPEN_SOURCE, is_person=True)
    assert owners.persons_word(free) is Owner.OPEN_SOURCE
    assert not owners.was_changed
    assert owners.is_locked(code_place(locked))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_change_of_the_file_frees_what_nobody_freed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    top = tmp_path_factory.mktemp("owners")
    top.chmod(0o700)
    owners = Owners(Home(root=top / "home"))
    names, freed = ("a", "b", "c"), set[str]()
    for _ in range(data.draw(st.integers(1, 6))):
        name, owner = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(tuple(Owner)))
        is_person = data.draw(st.booleans())
        say(owners, top / name, owner, is_person=is_person)
        freed |= {name} if is_person and owner is Owner.MINE else set()
    path = top / "home" / "config" / "owners.jsonl"
    content = bytearray(path.read_bytes() if path.exists() else b"")
    at = data.draw(st.integers(0, len(content)))
    content[at : at + data.draw(st.integers(0, 80))] = data.draw(st.binary(max_size=40))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    after = {name for name in names if owners.persons_word(top / name) is Owner.MINE}
    assert after <= freed
