"""What the work tree is before and after a test run, and what makes two moments differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.repository import WorkTree, listing
from tests.support.sessions import current_home

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.opt_in.workspaces import Place, Workspaces
from signoff_collector.capture.runs.run_views import RunView, look
from signoff_schemas.words import Owner

Looking = Callable[..., RunView]


def looking(root: Path) -> Looking:
    """Opt in, and return what looks at the work tree."""
    spaces = Workspaces(current_home())
    spaces.enable(root, owner=Owner.MINE, is_confirmed=True)
    finding = spaces.look_up(root)
    assert finding.workspace is not None
    assert finding.place is Place.ENABLED
    policy = Policy.for_workspace(finding.workspace)
    real = finding.workspace.root
    return lambda **more: look(Git(real), real, policy, **{"limit_s": 60.0, **more})


@pytest.fixture
def tree(tmp_path: Path, home: Path) -> WorkTree:
    del home
    made = WorkTree.create(tmp_path / "work")
    made.commit("first", ".gitignore", "ignored/\n")
    made.commit("code", "shop 🎉.py", "𝄞 = 1\n")
    return made


def test_nothing_that_changed_is_exact_and_leaves_no_trace(tree: WorkTree) -> None:
    view = looking(tree.root)
    tree.write("shop 🎉.py", "𝄞 = 2\n")
    tree.write("new.py", "y\n")
    before = listing(tree.root)
    first, second = view(), view()
    assert first.exactness(second) == "exact"
    assert [item.path for item in first.contents] == ["new.py", "shop 🎉.py"]
    assert listing(tree.root) == before


def test_each_kind_of_change_makes_a_run_raced(tree: WorkTree) -> None:
    view = looking(tree.root)
    tree.write("new.py", "y\n")
    (tree.root / "link").symlink_to("new.py")
    last = view()
    changes: list[Callable[[], object]] = [
        lambda: tree.write("shop 🎉.py", "𝄞 = 2\n"),
        lambda: tree.write("new.py", "z\n"),
        lambda: (tree.root / "new.py").chmod(0o755),
        lambda: tree.git("add", "new.py"),
        lambda: [(tree.root / "link").unlink(), (tree.root / "link").symlink_to("other")],
        lambda: (tree.root / "image").write_bytes(b"\0one"),
        lambda: (tree.root / "image").write_bytes(b"\0longer"),
        (tree.root / "new.py").unlink,
        lambda: tree.commit("next", "shop 🎉.py", "𝄞 = 2\n"),
    ]
    for change in changes:
        change()
        now = view()
        assert last.exactness(now) == "raced"
        assert now.exactness(view()) == "exact"
        last = now


def test_caches_ignored_files_and_the_report_do_not_count(tree: WorkTree) -> None:
    view = looking(tree.root)
    report = tree.root.resolve() / "report.xml"
    first = view(left_out=[report])
    for name in ("__pycache__/a.pyc", ".pytest_cache/x", ".coverage", "ignored/x", "report.xml"):
        tree.write(name, "🎉")
    assert first.exactness(view(left_out=[report])) == "exact"
    assert first.exactness(view()) == "raced"


def test_what_cannot_be_seen_in_time_or_without_git_is_unknown(
    tree: WorkTree, tmp_path: Path
) -> None:
    view = looking(tree.root)
    late = view(limit_s=0.0)
    assert (late.is_complete, late.contents) == (False, ())
    assert late.exactness(view()) == view().exactness(late) == "unknown"
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "a.py").write_text("x\n")
    plain = looking(bare)(touched=[bare.resolve() / "a.py", Path("/etc/hostname")])
    assert [item.path for item in plain.contents] == ["a.py"]
    assert plain.exactness(plain) == "unknown"
