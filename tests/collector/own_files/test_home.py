"""The home is refused where the environment must not move it (threat 1)."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline

from signoff_collector.own_files.home import resolve_home
from signoff_schemas.errors import RefusedError, SignoffError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")


def chosen(path: Path) -> dict[str, str]:
    return {"SIGNOFF_HOME": str(path), "HOME": str(path.parent)}


def test_every_folder_is_made_for_the_owner_only_whatever_the_umask(home: Path) -> None:
    before = os.umask(0o000)
    try:
        made = resolve_home(chosen(home)).ensure()
    finally:
        os.umask(before)
    folders = [path for path in (home, *home.rglob("*")) if path.is_dir()]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert made.sessions.is_dir()
    assert made.episodes.is_dir()
    assert (made.state / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f597d28d172")
    assert stat.S_IMODE((made.state / "CACHEDIR.TAG").stat().st_mode) == 0o600


def test_asking_for_the_home_writes_nothing(home: Path) -> None:
    assert not resolve_home(chosen(home)).exists
    assert not home.exists()


def test_without_a_setting_the_home_is_the_systems_place_for_data(tmp_path: Path) -> None:
    root = resolve_home({}).root
    assert root.is_relative_to(tmp_path.resolve())
    assert root.name == "signoff"


@pytest.mark.parametrize("sign", [".git", ".hg", ".jj", ".svn"])
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_home_inside_a_work_tree_is_refused(tmp_path: Path, sign: str, depth: int) -> None:
    tree = tmp_path / "project"
    (tree / sign).mkdir(parents=True)
    inside = tree.joinpath(*["deep"] * depth)
    with pytest.raises(RefusedError) as caught:
        resolve_home(chosen(inside))
    assert caught.value.exit_code == 13
    assert str(tree) in str(caught.value)
    assert sorted(path.name for path in tree.iterdir()) == [sign]


def test_a_home_in_a_linked_work_tree_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ".git").write_text("gitdir: /elsewhere\n")
    with pytest.raises(RefusedError):
        resolve_home(chosen(tmp_path / "linked" / "home"))


def test_a_link_into_a_work_tree_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "project" / ".git").mkdir(parents=True)
    (tmp_path / "innocent").symlink_to(tmp_path / "project", target_is_directory=True)
    with pytest.raises(RefusedError):
        resolve_home(chosen(tmp_path / "innocent" / "home"))


def test_xdg_cannot_move_the_home_into_a_work_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "project"))
    (tmp_path / "project" / ".git").mkdir(parents=True)
    if sys.platform == "darwin":
        pytest.skip("macOS has no XDG folders")
    with pytest.raises(RefusedError):
        resolve_home({})


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o777])
def test_a_home_open_to_others_is_refused(home: Path, mode: int) -> None:
    home.mkdir()
    home.chmod(mode)
    with pytest.raises(RefusedError, match=f"{mode:04o}"):
        resolve_home(chosen(home))


def test_a_folder_of_the_home_open_to_others_is_refused(home: Path) -> None:
    found = resolve_home(chosen(home)).ensure()
    found.keys.chmod(0o755)
    with pytest.raises(RefusedError):
        found.ensure()


def test_a_folder_of_the_home_that_is_a_link_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    home.mkdir(mode=0o700)
    (home / "state").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(RefusedError):
        resolve_home(chosen(home)).ensure()
    assert not list((tmp_path / "elsewhere").iterdir())


@needs_root
def test_a_home_of_another_user_is_refused(home: Path) -> None:
    home.mkdir(mode=0o700)
    os.chown(home, 12_345, 12_345)
    with pytest.raises(RefusedError, match="12345"):
        resolve_home(chosen(home))


def test_a_relative_home_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        resolve_home({"SIGNOFF_HOME": "here", "HOME": str(tmp_path)})


def test_a_home_that_is_a_file_is_refused(home: Path) -> None:
    home.write_text("not a folder")
    with pytest.raises(RefusedError):
        resolve_home(chosen(home))


def test_a_circle_of_links_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(SignoffError):
        resolve_home(chosen(tmp_path / "a"))


_MAKE_HOME = """
import json, os, pathlib, encodings.idna
import platformdirs.unix
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.errors import SignoffError
if os.geteuid() == 0:
    os.setgid(12345); os.setuid(12345)
try:
    resolve_home(os.environ).ensure()
except SignoffError as error:
    print(json.dumps([error.exit_code, str(error), error.hint]))
"""


def test_an_unwritable_place_is_a_clear_error(tmp_path: Path) -> None:
    place = tmp_path / "closed"
    place.mkdir(mode=0o500)
    done = subprocess.run(
        [sys.executable, "-c", _MAKE_HOME],
        env={"PYTHONPATH": ":".join(sys.path), "SIGNOFF_HOME": str(place / "signoff-home")},
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    exit_code, message, hint = json.loads(done.stdout)
    assert exit_code == 1
    assert "signoff-home" in message
    assert hint
    assert not done.stderr


def test_the_home_knows_whether_it_lies_in_a_folder_by_whole_names(tmp_path: Path) -> None:
    found = resolve_home(chosen(tmp_path / "work-home"))
    assert found.lies_inside(tmp_path)
    assert not found.lies_inside(tmp_path / "work")
