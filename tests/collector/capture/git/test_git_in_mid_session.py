"""Settings and attributes that change while a session goes on make git run nothing (threat 7).

Each way is shown to be alive: plain git, asked next, runs the program.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.files import CLOCK, enabled
from tests.support.git_programs import (
    KINDS,
    Kind,
    begin_conflict,
    begin_rebase,
    git_version,
    make_signed_merge,
    plain_git,
)
from tests.support.hostile_repository import git

from signoff_collector.capture.files.file_rules import FileRules
from signoff_collector.capture.files.tree_listing import TreeReader
from signoff_collector.capture.git.git import Git
from signoff_collector.capture.git.git_configuration import private_common_dir
from signoff_collector.capture.git.git_contents import file_versions, missing_objects
from signoff_collector.capture.git.git_facts import read_status, work_tree_facts
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.runs.run_views import look
from signoff_schemas.errors import SignoffError

pytestmark = pytest.mark.slow

BEFORE = "before 😀𝄞\n"


@dataclass(slots=True)
class Scene:
    """A repository of which a session reads, and a program that leaves a mark when it is run."""

    root: Path
    mark: Path
    program: Path
    environment: pytest.MonkeyPatch

    @property
    def has_fired(self) -> bool:
        return self.mark.exists()

    @property
    def clean_filter(self) -> str:
        return f'[filter "late"]\n\tclean = {self.program}\n'

    def put(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(text)

    def export(self, name: str, value: str) -> None:
        """Change the environment that all of this process sees from now on."""
        self.environment.setenv(name, value)

    def dirty(self, text: str) -> None:
        """Change the file in place, so that git has to compare what it holds."""
        (self.root / "a.txt").write_text(text)


@pytest.fixture
def scene(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    del home
    root, program, mark = tmp_path / "w", tmp_path / "canary", tmp_path / "mark"
    root.mkdir()
    program.write_text(f'#!/bin/sh\necho "$0 $*" >>{mark}\n')
    program.chmod(0o755)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "include.path", "../.gitconfig")
    (root / "a.txt").write_text(BEFORE)
    git(root, "add", "a.txt")
    git(root, "commit", "-q", "-m", "first 😀𝄞")
    return Scene(root=root, mark=mark, program=program, environment=monkeypatch)


class Session:
    """Everything of a session that asks git, kept as long as the watcher keeps it."""

    def __init__(self, root: Path) -> None:
        _, workspace = enabled(root)
        self._policy = Policy.for_workspace(workspace)
        self._root = root
        self._reader = TreeReader(root, FileRules(root, lambda: self._policy))
        self._git = Git(root)

    def read_all(self) -> list[str]:
        """Ask git all there is to ask; return the files that differ, as the watcher sees them."""
        tree = self._reader.read((), CLOCK.wall_ns())
        head = git(self._root, "rev-parse", "HEAD")
        calls: tuple[Callable[[], object], ...] = (
            lambda: read_status(self._git),
            lambda: work_tree_facts(self._git, head),
            lambda: look(self._git, self._root, self._policy, limit_s=deadline()),
            lambda: file_versions(self._git, ["a.txt"]),
            lambda: missing_objects(self._git, "HEAD"),
            lambda: self._git.run("ls-files", "-m", "-o", "--exclude-standard"),
            lambda: self._git.run("diff-files", "-p"),
            lambda: self._git.run("diff-index", "-p", "HEAD"),
            lambda: self._git.run("log", "-p", "-m"),
            lambda: self._git.run("cat-file", "-p", "0" * 39 + "1"),
        )
        for call in calls:
            try:
                call()
            except SignoffError:
                continue
        return [item.path for item in tree.items]


def included(scene: Scene) -> None:
    scene.put(scene.root / ".gitconfig", scene.clean_filter)


def included_deeper(scene: Scene) -> None:
    scene.put(scene.root / ".gitconfig", "[include]\n\tpath = deeper\n")
    scene.put(scene.root / "deeper", scene.clean_filter)


def included_if_gitdir(scene: Scene) -> None:
    scene.put(scene.root / ".gitconfig", '[includeIf "gitdir:**"]\n\tpath = other\n')
    scene.put(scene.root / "other", scene.clean_filter)


def included_if_on_branch(scene: Scene) -> None:
    scene.put(scene.root / ".gitconfig", '[includeIf "onbranch:late"]\n\tpath = other\n')
    scene.put(scene.root / "other", scene.clean_filter)
    git(scene.root, "checkout", "-q", "-b", "late")


def in_the_repository(scene: Scene) -> None:
    scene.put(scene.root / ".git" / "config", scene.clean_filter)


def of_the_worktree(scene: Scene) -> None:
    git(scene.root, "config", "extensions.worktreeConfig", "true")
    scene.put(scene.root / ".git" / "config.worktree", scene.clean_filter)


def of_the_person(scene: Scene) -> None:
    scene.put(Path.home() / ".gitconfig", scene.clean_filter)


def included_by_the_persons(scene: Scene) -> None:
    scene.put(Path.home() / ".gitconfig", "[include]\n\tpath = other\n")
    scene.put(Path.home() / "other", scene.clean_filter)


def in_the_xdg_folder(scene: Scene) -> None:
    scene.put(Path.home() / ".config" / "git" / "config", scene.clean_filter)


def in_another_xdg_folder(scene: Scene) -> None:
    folder = scene.mark.parent / "xdg"
    scene.put(folder / "git" / "config", scene.clean_filter)
    scene.export("XDG_CONFIG_HOME", str(folder))


def by_the_variable_global(scene: Scene) -> None:
    scene.put(scene.mark.parent / "global", scene.clean_filter)
    scene.export("GIT_CONFIG_GLOBAL", str(scene.mark.parent / "global"))


def by_the_variable_system(scene: Scene) -> None:
    scene.put(scene.mark.parent / "system", scene.clean_filter)
    scene.environment.delenv("GIT_CONFIG_NOSYSTEM", raising=False)
    scene.export("GIT_CONFIG_SYSTEM", str(scene.mark.parent / "system"))


def by_variables_with_a_count(scene: Scene) -> None:
    scene.export("GIT_CONFIG_COUNT", "1")
    scene.export("GIT_CONFIG_KEY_0", "filter.late.clean")
    scene.export("GIT_CONFIG_VALUE_0", str(scene.program))


def by_the_variable_parameters(scene: Scene) -> None:
    scene.export("GIT_CONFIG_PARAMETERS", f"'filter.late.clean={scene.program}'")


WAYS = (
    included, included_deeper, included_if_gitdir, included_if_on_branch, in_the_repository,
    of_the_worktree, of_the_person, included_by_the_persons, in_the_xdg_folder,
    in_another_xdg_folder, by_the_variable_global, by_the_variable_system,
    by_variables_with_a_count, by_the_variable_parameters,
)  # fmt: skip
SINCE: dict[Callable[[Scene], None], tuple[int, int]] = {
    by_the_variable_global: (2, 32),
    by_the_variable_system: (2, 32),
    by_variables_with_a_count: (2, 31),
}
"""The first git that knows a way; older ones need no protection from it."""


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_filter_that_comes_in_mid_session_is_not_run(
    scene: Scene, way: Callable[[Scene], None]
) -> None:
    (scene.root / ".gitattributes").write_text("*.txt filter=late\n")
    session = Session(scene.root)
    scene.dirty("BEFORE 😀𝄞\n")
    assert "a.txt" in session.read_all()
    way(scene)
    scene.dirty("Before 😀𝄞\n")
    assert "a.txt" in session.read_all()
    assert not scene.has_fired
    if git_version() < SINCE.get(way, (2, 30)):
        return
    plain_git(scene.root, "status")
    assert scene.has_fired, "the way is not alive: this test would prove nothing"


def in_the_folder(scene: Scene) -> None:
    (scene.root / ".gitattributes").write_text("*.txt filter=late\n")


def in_info(scene: Scene) -> None:
    scene.put(scene.root / ".git" / "info" / "attributes", "*.txt filter=late\n")


def in_a_file_that_is_set(scene: Scene) -> None:
    scene.put(scene.mark.parent / "attributes", "*.txt filter=late\n")
    git(scene.root, "config", "core.attributesFile", str(scene.mark.parent / "attributes"))


def in_the_persons_own(scene: Scene) -> None:
    scene.put(Path.home() / ".config" / "git" / "attributes", "*.txt filter=late\n")


@pytest.mark.parametrize(
    "way",
    [in_the_folder, in_info, in_a_file_that_is_set, in_the_persons_own],
    ids=lambda way: way.__name__,
)
def test_attributes_that_change_in_mid_session_run_nothing(
    scene: Scene, way: Callable[[Scene], None]
) -> None:
    included(scene)
    session = Session(scene.root)
    scene.dirty("BEFORE 😀𝄞\n")
    assert "a.txt" in session.read_all()
    way(scene)
    scene.dirty("Before 😀𝄞\n")
    assert "a.txt" in session.read_all()
    assert not scene.has_fired
    plain_git(scene.root, "status")
    assert scene.has_fired


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_program_that_is_set_in_mid_session_is_run(scene: Scene, kind: Kind) -> None:
    attributes = "*.txt filter=late diff=late merge=late\n"
    (scene.root / ".gitattributes").write_text(attributes)
    make_signed_merge(scene.root)
    make_alternate(scene)
    session = Session(scene.root)
    session.read_all()
    hooks = scene.mark.parent / "hooks"
    hooks.mkdir()
    shutil.copy2(scene.program, hooks / "reference-transaction")
    text = kind.lines(program=scene.program, hooks=hooks, driver="late")
    scene.put(scene.root / (".git/config" if kind.own_file_only else ".gitconfig"), text)
    scene.dirty("Before 😀𝄞\n")
    assert "a.txt" in session.read_all()
    assert not scene.has_fired, scene.mark.read_text()
    if kind.needs_terminal or git_version() < kind.since:
        return  # plain git starts it on a terminal only, or in newer releases only
    if kind.needs_rebase:
        begin_rebase(scene.root)
    if kind.needs_conflict:
        begin_conflict(scene.root)
    if kind.needs_submodule:
        add_submodule(scene)
    plain_git(scene.root, *kind.call(file="a.txt", driver="late"))
    assert scene.has_fired


def add_submodule(scene: Scene) -> None:
    other = scene.mark.parent / "other"
    git(other, "commit", "-q", "--allow-empty", "-m", "x")
    own = ("-c", "protocol.file.allow=always")
    git(scene.root, *own, "submodule", "add", "-q", str(other), "sub")


def make_alternate(scene: Scene) -> None:
    """Borrow objects from a second repository."""
    other = scene.mark.parent / "other"
    other.mkdir()
    git(other, "init", "-q")
    alternates = scene.root / ".git" / "objects" / "info" / "alternates"
    alternates.write_text(f"{other / '.git' / 'objects'}\n")


def test_a_setting_that_comes_between_the_reading_and_the_call_runs_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scene.root / ".gitattributes").write_text("*.txt filter=late\n")
    asked = Git(scene.root)
    assert asked.environment

    def with_a_late_setting(common_dir: Path, config: bytes) -> object:
        included(scene)
        return private_common_dir(common_dir, config)

    monkeypatch.setattr("signoff_collector.capture.git.git.private_common_dir", with_a_late_setting)
    scene.dirty("Before 😀𝄞\n")
    assert " M a.txt" in asked.run("status", "--porcelain").decode().splitlines()
    assert not scene.has_fired


def test_values_that_change_what_differs_still_count(scene: Scene) -> None:
    asked = Git(scene.root)
    (scene.root / "a.txt").chmod(0o755)
    assert b" M a.txt" in asked.run("status", "--porcelain").splitlines()
    scene.put(scene.root / ".gitconfig", "[core]\n\tfileMode = false\n")
    assert b" M a.txt" not in asked.run("status", "--porcelain").splitlines()
    scene.put(scene.root / ".gitconfig", "[core]\n\tfileMode\n")
    assert b" M a.txt" in asked.run("status", "--porcelain").splitlines()


def test_an_upstream_is_found_whatever_its_branch_is_called(scene: Scene, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "-q", str(scene.root), str(copy))
    git(copy, "checkout", "-q", "-b", 'odd"😀.#;', "--track", "origin/main")
    assert Git(copy).run("rev-parse", "@{upstream}") == Git(copy).run("rev-parse", "HEAD")


def test_a_linked_work_tree_is_read_as_git_reads_it(scene: Scene, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(scene.root, "worktree", "add", "-q", "-b", "second", str(linked))
    git(scene.root, "pack-refs", "--all")
    (linked / "a.txt").write_text("changed\n")
    git(linked, "stash", "-q")
    (linked / "a.txt").write_text("again\n")
    asked = Git(linked)
    assert asked.run("status", "--porcelain").decode() == " M a.txt\n"
    for call in (
        ("for-each-ref",),
        ("rev-list", "--all", "--reflog"),
        ("log", "-g", "--format=%H %gs", "refs/stash"),
        ("symbolic-ref", "HEAD"),
    ):
        assert asked.run(*call).decode().strip() == git(linked, *call)


def test_a_repository_of_another_object_format_is_read_from_each_work_tree(tmp_path: Path) -> None:
    root, linked = tmp_path / "w", tmp_path / "linked"
    root.mkdir()
    git(root, "init", "-q", "--object-format=sha256")
    git(root, "commit", "-q", "--allow-empty", "-m", "first 😀𝄞")
    git(root, "worktree", "add", "-q", "-b", "second", str(linked))
    for folder in (root, linked):
        assert Git(folder).run("rev-parse", "HEAD").decode().strip() == git(
            root, "rev-parse", "HEAD"
        )


def test_nothing_of_a_call_stays_behind(scene: Scene) -> None:
    before = set(Path("/tmp").glob("signoff-git-*"))  # noqa: S108
    asked = Git(scene.root)
    asked.run("status")
    with pytest.raises(SignoffError):
        asked.run("rev-parse", "--verify", "missing")
    new = set(Path("/tmp").glob("signoff-git-*")) - before  # noqa: S108
    assert not any((path / "refs").resolve().is_relative_to(scene.root) for path in new)
