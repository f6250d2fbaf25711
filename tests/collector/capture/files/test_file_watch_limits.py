"""Where the kernel cannot tell everything: limits, lost events, odd places; each is said once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.files import NOTES, TELLERS, Watched
from tests.support.powers import ordinary_powers
from tests.support.repository import WorkTree

from signoff_collector.capture.files.file_folders import Limits
from signoff_collector.capture.files.file_mounts import is_remote, mounted_kind, remote_kind
from signoff_collector.capture.files.watch_state import WatchMode
from signoff_collector.capture.files.watch_troubles import Troubles
from signoff_collector.system.files import inotify

FILE = "100644"
MANY_FOLDERS = 20_000
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")


@pytest.fixture
def tree(tmp_path: Path, home: Path) -> WorkTree:
    del home
    made = WorkTree.create(tmp_path / "work 🎈𝄞")
    for name in ("a/1.py", "b/2.py", "c/d/3.py", "top.py"):
        made.write(name)
    made.git("add", ".")
    made.git("commit", "-q", "-m", "first")
    return made


def reason(watched: Watched) -> str:
    return watched.watcher.state.reason or ""


def test_beyond_the_limit_of_watches_folders_are_compared_in_turn_and_it_is_said(
    tree: WorkTree,
) -> None:
    watched = Watched(tree.root, Limits(watches=2))
    state = watched.watcher.state
    assert (state.mode, state.directories, state.unwatched) == (WatchMode.INOTIFY, 5, 3)
    assert "3 of 5 folders" in reason(watched)
    assert "fs.inotify.max_user_watches" in reason(watched)
    tree.write("c/d/3.py", "seen late 🎉𝄞")
    burst = watched.scanned("c/d/3.py")
    assert burst.is_rescan
    tree.write("top.py", "seen at once")
    burst = watched.told()
    assert burst is not None
    assert not burst.is_rescan


CHILD = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from tests.support.files import Watched
root = Path(sys.argv[1])
watched = Watched(root)
state = watched.watcher.state
print(state.mode, state.directories, state.unwatched)
print(state.reason)
changed = []
for number in range(40):
    (root / f"many/{number}/here.py").write_text("seen")
while len(set(changed)) < 40:
    changed += watched.changed()
print(len(set(changed)))
"""


def test_a_system_without_watches_left_gets_some_back_and_nothing_is_missed(
    tree: WorkTree,
) -> None:
    unshare = shutil.which("unshare")
    limit = ["sh", "-c", 'echo 24 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh"]
    inside = [str(unshare), "--user", "--map-root-user", *limit]
    if unshare is None or subprocess.run([*inside, "true"], check=False).returncode != 0:
        pytest.skip("no user namespace with a limit of its own here")
    for number in range(40):
        (tree.root / f"many/{number}").mkdir(parents=True)
    done = subprocess.run(
        [*inside, sys.executable, "-c", CHILD, str(tree.root), *filter(None, sys.path)],
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=True,
    )
    first, said, changed = done.stdout.splitlines()
    assert first == f"inotify 46 {46 - (24 - 24 // 8)}", "an eighth is left to editors"
    assert "limit of watched folders is reached" in said
    assert changed == "40"


def test_without_inotify_everything_is_compared_in_turn(tree: WorkTree) -> None:
    watched = Watched(tree.root, Limits(has_teller=False))
    assert watched.watcher.state.mode is WatchMode.SCAN
    assert "reports no changes" in reason(watched)
    assert watched.watcher.descriptor is None
    tree.write("new 🎉/deep/4.py", "𝄞")
    assert watched.scanned("new 🎉/deep/4.py").is_rescan
    (tree.root / "a").rename(tree.root / "moved 𝄞")
    burst = watched.scanned("moved 𝄞/1.py")
    assert burst.renamed in ([("a/1.py", "moved 𝄞/1.py")], [])
    shutil.rmtree(tree.root / "c")
    assert [item.sha256 for item in watched.scanned("c/d/3.py").changed] == [None]


@pytest.mark.skipif(not QUEUE.exists(), reason="there is no inotify here")
def test_lost_events_lead_to_one_comparison_that_finds_all(tree: WorkTree) -> None:
    watched = Watched(tree.root)
    pair = [tree.write("a/x 🎉.py"), tree.write("a/y 𝄞.py")]
    for _ in range(int(QUEUE.read_text()) // 2 + 1_000):
        for path in pair:
            os.close(os.open(path, os.O_WRONLY))
    tree.write("b/lost/5.py", "its folder was never told 🎉")
    (tree.root / "c/d/3.py").unlink()
    burst = watched.told()
    assert burst is not None
    assert burst.is_rescan
    told = {item.path: item.mode for item in burst.changed}
    assert told == {"a/x 🎉.py": FILE, "a/y 𝄞.py": FILE, "b/lost/5.py": FILE, "c/d/3.py": None}
    tree.write("b/lost/5.py", "watched from now on")
    burst = watched.told()
    assert burst is not None
    assert not burst.is_rescan


@pytest.mark.parametrize("name", TELLERS)
def test_a_folder_that_cannot_be_read_is_said_and_seen_once_it_can(
    tree: WorkTree, name: str
) -> None:
    (tree.root / "c").chmod(0)
    try:
        with ordinary_powers():
            watched = Watched(tree.root, make_teller=TELLERS[name])
            assert "1 folders cannot be read, such as c" in reason(watched)
            tree.write("a/1.py", "the rest goes on 🎉𝄞")
            assert watched.changed() == {"a/1.py": FILE}
            (tree.root / "c").chmod(0o755)
            assert watched.changed() == {"c/d/3.py": FILE}
            assert reason(watched) == ""
            tree.write("c/d/3.py", "watched now")
            assert watched.changed() == {"c/d/3.py": FILE}
    finally:
        (tree.root / "c").chmod(0o755)


@pytest.mark.parametrize("name", TELLERS)
def test_a_workspace_that_is_deleted_and_made_again_is_watched_again(
    tmp_path: Path, home: Path, name: str
) -> None:
    del home
    root = tmp_path / "plain 🎉"
    root.mkdir()
    (root / "one.py").write_text(NOTES)
    watched = Watched(root, make_teller=TELLERS[name])
    shutil.rmtree(root)
    assert watched.changed() == {"one.py": None}
    assert watched.watcher.state.mode is WatchMode.NONE
    assert "not there" in reason(watched)
    (root / "deep").mkdir(parents=True)
    (root / "deep/two.py").write_text("again 𝄞")
    assert watched.changed() == {"deep/two.py": FILE}
    assert watched.watcher.state.mode is WatchMode.INOTIFY
    (root / "deep/two.py").write_text("and again")
    assert watched.changed() == {"deep/two.py": FILE}


def test_more_files_and_folders_than_are_remembered_are_still_told_of_and_it_is_said(
    tree: WorkTree,
) -> None:
    watched = Watched(tree.root, Limits(files=2, folders=4))
    assert "more files than are tracked" in reason(watched)
    assert len(list(watched.watcher.paths())) == 2
    tree.write("top.py", "told as it happens 🎉𝄞")
    assert watched.changed() == {"top.py": FILE}
    watched.watcher.skip()
    assert watched.told() is None, "what is not remembered is not news at each comparison"


def test_files_that_came_and_went_do_not_use_up_what_may_be_remembered(tree: WorkTree) -> None:
    watched = Watched(tree.root, Limits(files=50))
    for cycle in range(4):
        for number in range(20):
            tree.write(f"cycle {cycle}/{number} 🎉.tmp")
        watched.watcher.look()
        shutil.rmtree(tree.root / f"cycle {cycle}")
        assert watched.told() is None
    tree.write("late/new 𝄞.py", "still room")
    assert watched.changed() == {"late/new 𝄞.py": FILE}


def test_a_git_file_that_points_nowhere_leaves_nothing_recorded(tmp_path: Path, home: Path) -> None:
    del home
    root = tmp_path / "work"
    root.mkdir()
    watched = Watched(root)
    (root / ".git").write_text("gitdir: /nowhere/at/all\n")
    (root / "one.py").write_text("🎉𝄞")
    burst = watched.told()
    assert burst is None or {item.path for item in burst.changed} == {"one.py"}


def test_twenty_thousand_folders_cost_one_read_per_look_and_events_arrive(
    tmp_path: Path, home: Path
) -> None:
    del home
    root = tmp_path / "large"
    count = min(MANY_FOLDERS, inotify.system_limit() // 2 - 500)
    for number in range(150):
        (root / str(number)).mkdir(parents=True)
    for number in range(count):
        os.mkdir(f"{root}/{number % 150}/{number} 🎉")  # noqa: PTH102  20,000 times
    watched = Watched(root)
    try:
        kernel = watched.watcher._folders.teller
        assert isinstance(kernel, inotify.Inotify)
        state = watched.watcher.state
        assert (state.mode, state.unwatched, state.reason) == (WatchMode.INOTIFY, 0, None)
        assert state.directories == kernel.count == count + 150 + 1
        before = kernel.reads
        for _ in range(100):
            assert watched.told() is None
        assert kernel.reads == before + 100
        for number in (0, count // 2, count - 1):
            (root / f"{number % 150}/{number} 🎉/𝄞.py").write_text("here")
        assert len(watched.changed()) == 3
        assert kernel.reads <= before + 103
    finally:
        watched.watcher.close()
        shutil.rmtree(root)


def test_network_file_systems_are_known_by_the_table_of_mounts(tmp_path: Path) -> None:
    table = (
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
        "40 22 0:51 / /mnt/team\\040🎉 rw shared:2 - nfs4 server:/team rw,vers=4.2\n"
        "41 22 0:52 / /home/ada/far rw - fuse.sshfs ada@far:/ rw\n"
        "damaged line\n"
    )
    assert mounted_kind(table, "8:1") == "ext4"
    assert mounted_kind(table, "0:51") == "nfs4"
    assert mounted_kind(table, "0:52") == "fuse.sshfs"
    assert mounted_kind(table, "9:9") is None
    assert [is_remote(kind) for kind in ("ext4", "nfs4", "fuse.sshfs", "fuseblk")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert remote_kind(tmp_path) is None
    assert remote_kind(tmp_path / "gone") is None


def test_a_network_file_system_is_compared_in_turn_and_said(
    tree: WorkTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signoff_collector.capture.files.file_watch.remote_kind", lambda _: "nfs4")
    watched = Watched(tree.root)
    assert watched.watcher.state.mode is WatchMode.SCAN
    assert "network file system (nfs4)" in reason(watched)
    tree.write("a/1.py", "seen late 🎉𝄞")
    assert watched.scanned("a/1.py").is_rescan


def test_a_failure_is_said_instead_of_everything_else() -> None:
    troubles = Troubles(network="nfs4", failure="no room left")
    state = troubles.state(folders=5, unwatched=2, mode=WatchMode.INOTIFY)
    assert (state.mode, state.directories, state.unwatched) == (WatchMode.NONE, 0, 0)
    assert state.reason == "Changes on disk are not watched: no room left."
