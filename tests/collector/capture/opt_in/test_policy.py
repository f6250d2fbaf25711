"""What may be written down: each reason to say no, and that none can be talked out of it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.opt_in import git_ignoring
from signoff_collector.capture.opt_in.never_record import is_never_recorded
from signoff_collector.capture.opt_in.policy import (
    MAX_OPEN_BYTES,
    MAX_UNOPENED_BYTES,
    Policy,
    Reason,
)
from signoff_collector.capture.opt_in.workspaces import Workspace, Workspaces
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.words import Owner


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, timeout=60)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "work 🎈🎉"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def enabled(path: Path) -> Workspace:
    return Workspaces(resolve_home(os.environ)).enable(path, owner=Owner.MINE, is_confirmed=True)


@pytest.fixture
def policy(home: Path, repository: Path) -> Policy:
    assert not home.exists()
    return Policy.for_workspace(enabled(repository))


def reason(policy: Policy, path: Path) -> Reason:
    verdict = policy.verdict(path)
    assert verdict.recorded == (verdict.reason is Reason.RECORDED)
    return verdict.reason


NEVER = [
    ".env", ".env.local", ".ENV", "prod.env", ".envrc", "server.pem", "tls.KEY", "id_rsa",
    "id_ed25519", "id_ed25519.pub", "id_work", ".netrc", "_netrc", "credentials",
    "credentials.json", "gcp-credentials.json", "vault.kdbx", ".aws/config", ".ssh/config",
    ".gnupg/x", ".npmrc", ".pypirc", ".git-credentials", "secrets.yaml", "app-secret.yml",
    "terraform.tfstate", "prod.tfvars", ".kube/config", ".docker/config.json",
    "service-account-7.json", "COMMIT_EDITMSG", "git-rebase-todo", "MERGE_MSG", "TAG_EDITMSG",
    ".a.py.swp", "a.py~", "4913", "#a.py#", ".#a.py", "dump.sql.gz", "db.sqlite3", "master.key",
]  # fmt: skip
KEPT = [
    "a.py", ".env.example", ".env.sample", "environment.py", "id_generator.py", "keys.py",
    "core", "tests/core/test_a.py", "tokens.md", ".github/workflows/ci.yml", "Makefile", "a.envoy",
]  # fmt: skip


@pytest.mark.parametrize("name", NEVER)
def test_a_name_on_the_never_record_list_is_never_recorded(
    policy: Policy, repository: Path, name: str
) -> None:
    assert reason(policy, repository / "deep" / name) is Reason.NEVER


@pytest.mark.parametrize("name", KEPT)
def test_an_ordinary_name_is_recorded(policy: Policy, repository: Path, name: str) -> None:
    assert reason(policy, repository / name) is Reason.RECORDED


def test_a_link_does_not_hide_the_name_behind_it(policy: Policy, repository: Path) -> None:
    (repository / ".env").write_text("TOKEN=1\n")
    (repository / "plain.txt").symlink_to(".env")
    (repository / "settings.txt").write_text("x\n")
    (repository / ".netrc").symlink_to("settings.txt")
    assert reason(policy, repository / "plain.txt") is Reason.NEVER
    assert reason(policy, repository / ".netrc") is Reason.NEVER


def test_what_lies_outside_is_not_recorded(policy: Policy, repository: Path) -> None:
    (repository / "out").symlink_to(repository.parent)
    assert reason(policy, repository.parent / "a.py") is Reason.OUTSIDE
    assert reason(policy, repository / "out" / "a.py") is Reason.OUTSIDE
    assert reason(policy, repository / ".." / "a.py") is Reason.OUTSIDE
    assert reason(policy, Path(f"{repository}-other") / "a.py") is Reason.OUTSIDE


def test_git_internals_and_nested_repositories_are_not_recorded(
    policy: Policy, repository: Path
) -> None:
    (repository / "vendor" / "lib").mkdir(parents=True)
    git(repository / "vendor" / "lib", "init", "-q")
    assert reason(policy, repository / ".git" / "config") is Reason.GIT_INTERNAL
    assert reason(policy, repository / ".GIT" / "config") is Reason.GIT_INTERNAL
    assert reason(policy, repository / "vendor" / "lib" / "a.py") is Reason.NESTED
    assert reason(policy, repository / "vendor" / "a.py") is Reason.RECORDED


def test_what_git_ignores_is_not_recorded_even_when_it_is_tracked(
    policy: Policy, repository: Path
) -> None:
    tracked = repository / "config.local"
    tracked.write_text("password\n")
    git(repository, "add", "config.local")
    git(repository, "commit", "-qm", "first")
    (repository / ".gitignore").write_text("*.local\n/build/\n")
    assert reason(policy, tracked) is Reason.GIT_IGNORED
    assert reason(policy, repository / "build" / "new.js") is Reason.GIT_IGNORED
    assert reason(policy, repository / "a.py") is Reason.RECORDED


def test_the_lists_of_the_clone_and_of_the_person_count_too(
    policy: Policy, repository: Path
) -> None:
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "exclude").write_text("mine/\n")
    own = Path.home() / ".config" / "git" / "ignore"
    own.parent.mkdir(parents=True)
    own.write_text("*.private\n")
    assert reason(policy, repository / "mine" / "a.py") is Reason.GIT_IGNORED
    assert reason(policy, repository / "a.private") is Reason.GIT_IGNORED


def test_a_changed_ignore_file_changes_the_verdict(policy: Policy, repository: Path) -> None:
    path = repository / "sub" / "a.py"
    path.parent.mkdir()
    assert reason(policy, path) is Reason.RECORDED
    (path.parent / ".gitignore").write_text("a.py\n")
    assert reason(policy, path) is Reason.GIT_IGNORED
    (path.parent / ".gitignore").unlink()
    assert reason(policy, path) is Reason.RECORDED
    (repository / ".signoffignore").write_text("sub/\n")
    assert reason(policy, path) is Reason.SIGNOFFIGNORE
    (repository / ".signoffignore").write_text("other/\n")
    assert reason(policy, path) is Reason.RECORDED


def test_no_file_of_the_repository_can_widen_what_is_recorded(
    policy: Policy, repository: Path
) -> None:
    (repository / ".gitignore").write_text("!.env\n!*\n")
    (repository / ".signoffignore").write_text("private/\n!private/\n!.env\n")
    (repository / "private").mkdir()
    (repository / "private" / ".signoffignore").write_text("!*\n")
    (repository / ".signoff").mkdir()
    (repository / ".signoff" / "settings.toml").write_text("record = true\n")
    assert reason(policy, repository / ".env") is Reason.NEVER
    assert reason(policy, repository / "private" / "a.py") is Reason.SIGNOFFIGNORE
    assert reason(policy, repository / ".signoff" / "settings.toml") is Reason.NEVER
    assert policy.refused_lines() == ("!private/", "!.env")


def test_a_subfolder_obeys_the_ignore_files_above_it(home: Path, repository: Path) -> None:
    assert not home.exists()
    service = repository / "service"
    service.mkdir()
    (repository / ".signoffignore").write_text("*.plan\n")
    (repository / ".gitignore").write_text("*.out\n")
    policy = Policy.for_workspace(enabled(service))
    assert reason(policy, service / "a.plan") is Reason.SIGNOFFIGNORE
    assert reason(policy, service / "a.out") is Reason.GIT_IGNORED
    assert reason(policy, service / "a.py") is Reason.RECORDED
    assert reason(policy, repository / "a.py") is Reason.OUTSIDE


def test_without_git_the_own_list_still_counts(home: Path, tmp_path: Path) -> None:
    assert not home.exists()
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / ".signoffignore").write_text("*.plan\n")
    policy = Policy.for_workspace(enabled(folder))
    assert reason(policy, folder / "a.plan") is Reason.SIGNOFFIGNORE
    assert reason(policy, folder / "a.py") is Reason.RECORDED


def test_a_single_file_records_nothing_beside_it(home: Path, tmp_path: Path) -> None:
    assert not home.exists()
    (tmp_path / "one.py").write_text("1\n")
    policy = Policy.for_workspace(enabled(tmp_path / "one.py"))
    assert reason(policy, tmp_path / "one.py") is Reason.RECORDED
    assert reason(policy, tmp_path / "two.py") is Reason.OUTSIDE


def test_no_answer_in_time_means_not_recorded(
    policy: Policy, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_ignoring, "TIMEOUT_S", 0.0)
    assert reason(policy, repository / "a.py") is Reason.UNDECIDED
    monkeypatch.undo()
    assert reason(policy, repository / "a.py") is Reason.RECORDED


def test_a_thousand_paths_are_decided_by_one_child(
    policy: Policy, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / ".gitignore").write_text("*7.py\n")
    policy.verdict(repository / "first.py")
    started: list[tuple[object, ...]] = []
    run = Git.run

    def counted(self: Git, *arguments: str, **options: object) -> bytes:
        started.append(arguments)
        return run(self, *arguments, **options)  # type: ignore[arg-type]  # passed through as given

    monkeypatch.setattr(Git, "run", counted)
    paths = [repository / f"d{number % 10}" / f":({number}.py" for number in range(1000)]
    found = policy.verdicts(paths)
    assert sum(verdict.reason is Reason.GIT_IGNORED for verdict in found.values()) == 100
    assert len(started) == 1
    assert policy.verdicts(paths) == found
    assert len(started) == 1


def test_open_text_is_limited_to_8_mib_and_to_text(policy: Policy, repository: Path) -> None:
    path = repository / "a.py"
    assert policy.text_verdict(path, "🎈🎉").recorded
    assert policy.text_verdict(path, "a\0b").reason is Reason.BINARY
    assert policy.text_verdict(path, "x" * MAX_OPEN_BYTES).recorded
    assert policy.text_verdict(path, "x" * (MAX_OPEN_BYTES + 1)).reason is Reason.TOO_LARGE
    assert policy.text_verdict(path, "🎈" * (MAX_OPEN_BYTES // 4 + 1)).reason is Reason.TOO_LARGE
    assert policy.text_verdict(repository / ".env", "x").reason is Reason.NEVER


def test_an_unopened_file_is_limited_to_1_mib_of_text(policy: Policy, repository: Path) -> None:
    path = repository / "a.txt"
    path.write_bytes(b"x" * MAX_UNOPENED_BYTES)
    assert policy.disk_verdict(path).recorded
    path.write_bytes(b"x" * (MAX_UNOPENED_BYTES + 1))
    assert policy.disk_verdict(path).reason is Reason.TOO_LARGE
    path.write_bytes(b"x\0")
    assert policy.disk_verdict(path).reason is Reason.BINARY
    path.unlink()
    assert policy.disk_verdict(path).reason is Reason.UNREADABLE
    os.mkfifo(path)
    assert policy.disk_verdict(path).reason is Reason.UNREADABLE


def test_a_path_that_no_system_knows_is_refused(policy: Policy, repository: Path) -> None:
    assert reason(policy, Path(f"{repository}/a\0b")) is Reason.UNREADABLE


def test_files_of_one_folder_are_each_decided(policy: Policy, repository: Path) -> None:
    (repository / "lib").mkdir()
    (repository / "lib/.signoffignore").write_text("*.plan\n")
    (repository / "outside.py").symlink_to("/etc/hostname")
    (repository / "inner/.git").mkdir(parents=True)
    expected = {
        "lib/a.py": Reason.RECORDED,
        "lib/gone.plan": Reason.SIGNOFFIGNORE,
        "lib/.Git": Reason.GIT_INTERNAL,
        "lib/.ENV": Reason.NEVER,
        "lib/x.pyc": Reason.BUILD_PRODUCT,
        "lib/__pycache__": Reason.BUILD_PRODUCT,
        "inner/a.py": Reason.NESTED,
        "outside.py": Reason.OUTSIDE,
        ".docker/config.json": Reason.NEVER,
        "lib/../../a.py": Reason.OUTSIDE,
        "lib/a\0b": Reason.UNREADABLE,
    }
    found = policy.verdicts_of(f"{repository}/{path}" for path in expected)
    assert {path: found[f"{repository}/{path}"].reason for path in expected} == expected


@given(st.text())
def test_any_name_gets_an_answer(text: str) -> None:
    assert is_never_recorded(Path(text)) in (True, False)


def test_the_page_for_users_names_what_the_list_holds() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "never_recorded.md").read_text("utf-8")
    table = page.partition("## The list")[2].partition("The exact patterns")[0]
    named = re.findall(r"`([^`]+)`", table)
    assert len(named) > 50
    left_out = {".example", ".sample", ".template", ".dist", ".yaml", ".json", ".toml", ".pub"}
    left_out |= {"status", ".env.example"}  # recorded: what the list does not mean
    for name in {name for name in named if not name.endswith(".py")} - left_out:
        assert is_never_recorded(Path("folder") / name.replace("*", "x")), name
    assert not is_never_recorded(Path("folder/.env.example"))


@pytest.mark.parametrize(
    ("name", "is_product"),
    [
        ("pkg/__pycache__/a.cpython-311.pyc", True),
        ("a.pyc", True),
        (".pytest_cache/v/lastfailed", True),
        (".DS_Store", True),
        ("build/out.js", False),
        ("node_modules/x/index.js", False),
        ("pycache.py", False),
    ],
)
def test_what_tools_make_again_is_not_recorded(
    policy: Policy, repository: Path, name: str, is_product: bool
) -> None:
    assert (reason(policy, repository / name) is Reason.BUILD_PRODUCT) is is_product
