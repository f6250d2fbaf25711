"""Opt-in: what `enable` binds, what inherits, what suspends it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.opt_in.workspaces import DAY_NS, Place, Workspaces, find_workspace
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.workspaces.enabled_list import FOREVER_NS, parse_entries
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError
from signoff_schemas.words import Owner


@dataclass
class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False
    now_ns: int = field(default=1_800_000_000 * 1_000_000_000)

    def boot_ns(self) -> int:
        return self.now_ns

    def wall_ns(self) -> int:
        return self.now_ns

    def asleep_ns(self) -> int:
        return 0

    def boot_id(self) -> str:
        return "one-boot"


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def opt_ins(home: Path, clock: TestClock) -> Workspaces:
    assert not home.exists()
    return Workspaces(resolve_home(os.environ), clock)


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "protocol.file.allow=always", *arguments]
    subprocess.run(command, check=True, timeout=60, capture_output=True)


def make_repository(folder: Path, remote: str | None = None) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    if remote is not None:
        git(folder, "remote", "add", "origin", remote)
    (folder / "a.py").write_text("print('🎈🎉')\n")
    git(folder, "add", "a.py")
    git(folder, "commit", "-qm", "first")
    return folder


def enable(opt_ins: Workspaces, path: Path) -> None:
    opt_ins.enable(path, owner=Owner.MINE, is_confirmed=True)


def root_for(opt_ins: Workspaces, path: Path) -> Path | None:
    found = opt_ins.find(path)
    return None if found is None else found.root


def test_nothing_is_enabled_and_nothing_is_written_before_somebody_asks(
    opt_ins: Workspaces, home: Path, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work")
    assert opt_ins.find(repository / "a.py") is None
    assert opt_ins.look_up(repository).place is Place.OFF
    assert not home.exists()


def test_a_path_belongs_to_its_nearest_enabled_ancestor(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    inner = tmp_path / "work" / "inner"
    inner.mkdir(parents=True)
    enable(opt_ins, tmp_path / "work")
    enable(opt_ins, inner)
    assert root_for(opt_ins, inner / "deep" / "new.py") == inner
    assert root_for(opt_ins, tmp_path / "work" / "x.py") == tmp_path / "work"
    assert root_for(opt_ins, tmp_path / "work-other" / "x.py") is None


def test_a_link_is_followed_before_the_ancestor_is_looked_for(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.py").write_text("x")
    (tmp_path / "work" / "in.py").symlink_to(tmp_path / "elsewhere" / "x.py")
    (tmp_path / "alias").symlink_to(tmp_path / "work")
    enable(opt_ins, tmp_path / "alias")
    assert opt_ins.find(tmp_path / "work" / "in.py") is None
    assert root_for(opt_ins, tmp_path / "alias" / "y.py") == tmp_path / "work"


def test_a_subfolder_of_a_repository_can_be_enabled_alone(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "mono")
    (repository / "service").mkdir()
    enable(opt_ins, repository / "service")
    assert root_for(opt_ins, repository / "service" / "x.py") == repository / "service"
    assert opt_ins.find(repository / "a.py") is None


def test_a_single_file_can_be_enabled_alone(opt_ins: Workspaces, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("1")
    (tmp_path / "two.py").write_text("2")
    enable(opt_ins, tmp_path / "one.py")
    found = opt_ins.find(tmp_path / "one.py")
    assert found is not None
    assert found.is_file
    assert opt_ins.find(tmp_path / "two.py") is None


def test_a_linked_work_tree_inherits_and_keeps_its_own_root(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work")
    (repository / "sub").mkdir()
    git(repository, "worktree", "add", "-q", str(tmp_path / "second"))
    enable(opt_ins, repository)
    found = opt_ins.find(tmp_path / "second" / "a.py")
    assert found is not None
    assert (found.root, found.enabled_root) == (tmp_path / "second", repository)
    enable(opt_ins, repository / "sub")
    assert root_for(opt_ins, tmp_path / "second" / "sub" / "x") == tmp_path / "second" / "sub"


def test_the_main_work_tree_inherits_from_a_linked_one(opt_ins: Workspaces, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "work")
    git(repository, "worktree", "add", "-q", str(tmp_path / "second"))
    enable(opt_ins, tmp_path / "second")
    assert root_for(opt_ins, repository / "a.py") == repository


def test_a_folder_that_only_claims_to_be_a_work_tree_does_not_inherit(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work")
    git(repository, "worktree", "add", "-q", str(tmp_path / "second"))
    enable(opt_ins, repository)
    claims = {
        "copied": (tmp_path / "second" / ".git").read_text(),
        "plain": f"gitdir: {repository / '.git'}\n",
        "odd": "gitdir: \0\n",
    }
    for name, content in claims.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / ".git").write_text(content)
        assert opt_ins.find(tmp_path / name / "a.py") is None, name
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ".git").symlink_to(repository / ".git")
    assert opt_ins.find(tmp_path / "linked" / "a.py") is None
    (tmp_path / "piped").mkdir()
    os.mkfifo(tmp_path / "piped" / ".git")
    assert opt_ins.find(tmp_path / "piped" / "a.py") is None


def test_a_nested_repository_stays_off_until_enabled_itself(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    outer = make_repository(tmp_path / "outer")
    inner = make_repository(outer / "vendor" / "inner")
    enable(opt_ins, outer)
    finding = opt_ins.look_up(inner / "a.py")
    assert (finding.place, finding.workspace) == (Place.NESTED, None)
    enable(opt_ins, inner)
    assert root_for(opt_ins, inner / "a.py") == inner


def test_a_submodule_stays_off_until_enabled_itself(opt_ins: Workspaces, tmp_path: Path) -> None:
    library = make_repository(tmp_path / "library")
    outer = make_repository(tmp_path / "outer")
    git(outer, "submodule", "add", "-q", str(library), "lib")
    enable(opt_ins, outer)
    assert opt_ins.look_up(outer / "lib" / "a.py").place is Place.NESTED
    enable(opt_ins, outer / "lib")
    assert root_for(opt_ins, outer / "lib" / "a.py") == outer / "lib"


def test_another_remote_at_the_same_path_suspends_recording(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work", "https://example.org/ada/engine.git")
    enable(opt_ins, repository)
    git(repository, "remote", "set-url", "origin", "git@example.org:ada/engine.git")
    assert opt_ins.find(repository) is not None
    shutil.rmtree(repository)
    make_repository(repository, "https://example.org/eve/engine.git")
    assert opt_ins.find(repository) is None
    finding = opt_ins.look_up(repository)
    assert finding.place is Place.OTHER_REMOTE
    assert "example.org/ada/engine" in finding.fact
    assert "example.org/eve/engine" in finding.fact


def test_the_first_remote_of_the_same_repository_changes_nothing(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work")
    enable(opt_ins, repository)
    git(repository, "worktree", "add", "-q", str(tmp_path / "second"))
    git(repository, "remote", "add", "origin", "https://example.org/ada/engine.git")
    assert root_for(opt_ins, repository / "a.py") == repository
    assert root_for(opt_ins, tmp_path / "second" / "a.py") == tmp_path / "second"
    fresh = Workspaces(resolve_home(os.environ), opt_ins._clock)
    assert root_for(fresh, repository / "a.py") == repository, "it is stored"
    shutil.rmtree(repository)
    make_repository(repository, "https://example.org/eve/engine.git")
    assert opt_ins.look_up(repository).place is Place.OTHER_REMOTE


def test_a_folder_without_git_is_not_the_repository_that_comes_there_with_a_remote(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    enable(opt_ins, tmp_path / "work")
    assert root_for(opt_ins, tmp_path / "work" / "a.py") == tmp_path / "work"
    repository = tmp_path / "work"
    git(repository, "init", "-q", "-b", "main")
    assert root_for(opt_ins, repository / "a.py") == repository, "without a remote it is yours"
    git(repository, "remote", "add", "origin", "https://example.org/eve/engine.git")
    assert opt_ins.look_up(repository).place is Place.OTHER_REMOTE


def test_an_opt_in_ends_after_30_days_and_says_so_three_days_ahead(
    opt_ins: Workspaces, clock: TestClock, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    workspace = opt_ins.enable(tmp_path / "work", owner=Owner.MINE, is_confirmed=True)
    assert workspace.announcements(clock.now_ns + 26 * DAY_NS) == ()
    said = workspace.announcements(clock.now_ns + 27 * DAY_NS)
    assert len(said) == 1
    assert "in 3 days" in said[0]
    clock.now_ns += 30 * DAY_NS - 1
    assert opt_ins.find(tmp_path / "work") is not None
    clock.now_ns += 1
    assert opt_ins.find(tmp_path / "work") is None
    assert opt_ins.look_up(tmp_path / "work").place is Place.EXPIRED
    enable(opt_ins, tmp_path / "work")
    assert opt_ins.find(tmp_path / "work") is not None


def test_an_opt_in_by_a_program_is_announced_until_a_person_confirms_it(
    opt_ins: Workspaces, clock: TestClock, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    first = opt_ins.enable(tmp_path / "work", owner=Owner.MINE, is_confirmed=False)
    assert "not confirmed by a person" in " ".join(first.announcements(clock.now_ns))
    second = opt_ins.enable(tmp_path / "work", owner=Owner.MINE, is_confirmed=True)
    assert second.announcements(clock.now_ns) == ()
    assert second.identifier == first.identifier


def test_a_pause_holds_until_its_time_or_until_resumed(
    opt_ins: Workspaces, clock: TestClock, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    workspace = opt_ins.enable(tmp_path / "work", owner=Owner.MINE, is_confirmed=True)
    opt_ins.set_pause({workspace.identifier}, clock.now_ns + 10)
    assert opt_ins.find(tmp_path / "work") is None
    assert opt_ins.look_up(tmp_path / "work").place is Place.PAUSED
    clock.now_ns += 10
    assert opt_ins.find(tmp_path / "work") is not None
    opt_ins.set_pause({workspace.identifier}, FOREVER_NS)
    clock.now_ns += DAY_NS
    assert opt_ins.find(tmp_path / "work") is None
    opt_ins.set_pause({workspace.identifier}, None)
    assert opt_ins.find(tmp_path / "work") is not None


def test_disable_ends_it_for_every_reader_at_once(
    opt_ins: Workspaces, home: Path, clock: TestClock, tmp_path: Path
) -> None:
    (tmp_path / "work" / "sub").mkdir(parents=True)
    enable(opt_ins, tmp_path / "work")
    reader = Workspaces(Home(root=home), clock)
    assert reader.find(tmp_path / "work") is not None
    opt_ins.disable(tmp_path / "work" / "sub")
    assert reader.find(tmp_path / "work") is None
    assert (home / "config" / "enabled.tsv").read_bytes() == b""
    with pytest.raises(NotFoundError):
        opt_ins.disable(tmp_path / "work")


@pytest.mark.parametrize("name", ["tab\there", "line\nbreak", "escape\x1b[0m", "bidi\u202e"])
def test_a_path_that_would_break_a_line_file_is_refused(
    opt_ins: Workspaces, home: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(RefusedError):
        enable(opt_ins, tmp_path / name)
    assert not (home / "config" / "enabled.tsv").exists()


def test_enabled_tsv_holds_one_line_per_opt_in(
    opt_ins: Workspaces, home: Path, clock: TestClock, tmp_path: Path
) -> None:
    folder = tmp_path / "wörk 🎈🎉"
    folder.mkdir()
    workspace = opt_ins.enable(folder, owner=Owner.MINE, is_confirmed=True)
    line = f"{folder}\t{workspace.expires_ns // 10**9}\t{workspace.identifier}\tdirectory\t0\n"
    assert (home / "config" / "enabled.tsv").read_text() == line
    assert (home / "config" / "enabled.tsv").stat().st_mode & 0o777 == 0o600


def test_places_that_hold_everything_or_secrets_are_refused(
    opt_ins: Workspaces, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "work")
    (tmp_path / ".ssh").mkdir()
    for path in (Path("/"), Path.home(), tmp_path, repository / ".git", tmp_path / ".ssh"):
        with pytest.raises(RefusedError):
            enable(opt_ins, path)
    with pytest.raises(NotFoundError):
        enable(opt_ins, tmp_path / "nowhere")


def test_a_damaged_list_records_nothing_and_is_named(
    opt_ins: Workspaces, home: Path, clock: TestClock, tmp_path: Path
) -> None:
    (tmp_path / "work").mkdir()
    enable(opt_ins, tmp_path / "work")
    stored = home / "config" / "workspaces.json"
    stored.write_bytes(stored.read_bytes()[:-20])
    reader = Home(root=home)
    assert find_workspace(reader, tmp_path / "work", clock=clock) is None
    with pytest.raises(DamagedError, match=r"workspaces\.json"):
        Workspaces(reader, clock).look_up(tmp_path / "work")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["id", "root", "is_file", "remote", "common_dir", "inside", "owner", "is_confirmed"]
)


@given(
    st.binary()
    | _JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(st.dictionaries(_FIELDS, _JSON)).map(
        lambda rows: json.dumps({"version": 1, "workspaces": rows}).encode()
    )
)
def test_any_bytes_are_read_or_named_damaged(content: bytes) -> None:
    with contextlib.suppress(DamagedError):
        parse_entries(content)
