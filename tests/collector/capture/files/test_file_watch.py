"""What the file watcher tells of real changes on disk: everything that counts, nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.files import NOTES, TELLERS, Watched
from tests.support.repository import WorkTree

from signoff_collector.capture.journal.disk_contents import MAX_FILES

# Watchdog's own note on a folder that went and came back, on Linux.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")

FILE, PROGRAM, LINK = "100644", "100755", "120000"


@pytest.fixture
def tree(tmp_path: Path, home: Path) -> WorkTree:
    del home
    made = WorkTree.create(tmp_path / "work 🎈𝄞")
    made.write(".gitignore", "build/\n*.log\n")
    made.write("src/one.py", "one = 1\n")
    made.write("src/deep/two.py", "two = 2\n")
    made.write("shop.py", NOTES)
    made.git("add", ".")
    made.git("commit", "-q", "-m", "first")
    return made


@pytest.fixture(params=TELLERS)
def watched(tree: WorkTree, request: pytest.FixtureRequest) -> Iterator[Watched]:
    made = Watched(tree.root, make_teller=TELLERS[request.param])
    yield made
    made.watcher.close()


def test_a_write_is_told_with_its_content_and_a_touch_is_not(
    watched: Watched, tree: WorkTree
) -> None:
    assert watched.told() is None
    tree.write("shop.py", NOTES + "more 🎉\n")
    burst = watched.told()
    assert burst is not None
    (item,) = burst.changed
    assert (item.path, item.mode) == ("shop.py", FILE)
    assert item.content == (NOTES + "more 🎉\n").encode()
    assert (burst.count, burst.is_bulk, burst.is_rescan) == (1, False, False)
    assert burst.first_boot_ns <= burst.last_boot_ns
    os.utime(tree.root / "shop.py")
    os.utime(tree.root / "src/one.py")
    assert watched.told() is None, "it is what the commit holds"


def test_one_burst_is_told_once_it_is_quiet_or_has_lasted_two_seconds(
    watched: Watched, tree: WorkTree
) -> None:
    tree.write("shop.py", "1")
    for _ in range(9):
        watched.watcher.look()
        watched.clock.advance(0.21)
        assert watched.watcher.burst() is None
        tree.write("shop.py", "still writing 🎉")
    watched.watcher.look()
    watched.clock.advance(0.21)
    burst = watched.watcher.burst()
    assert burst is not None
    assert burst.last_boot_ns - burst.first_boot_ns == 9 * 210_000_000


def test_what_is_dropped_or_skipped_is_known_and_never_told(
    watched: Watched, tree: WorkTree
) -> None:
    tree.write("shop.py", "forgotten 🎉")
    watched.watcher.look()
    watched.watcher.drop_burst()
    assert watched.told() is None
    tree.write("src/one.py", "in a pause 𝄞")
    tree.write("hidden/in/a/pause.py", "too")
    watched.watcher.discard()
    watched.watcher.skip()
    assert watched.told() is None
    assert watched.watcher.untold == {"src/one.py", "hidden/in/a/pause.py"}
    tree.write("src/one.py", "after it 🎉")
    tree.write("hidden/in/a/later.py", "its folder is watched 𝄞")
    assert watched.changed() == {"src/one.py": FILE, "hidden/in/a/later.py": FILE}
    assert watched.watcher.untold == {"hidden/in/a/pause.py"}


def test_a_folder_that_was_replaced_in_a_pause_is_watched(watched: Watched, tree: WorkTree) -> None:
    shutil.rmtree(tree.root / "src/deep")
    tree.write("src/deep/two.py", "another folder 🎉")
    watched.watcher.discard()
    watched.watcher.skip()
    assert watched.told() is None
    tree.write("src/deep/two.py", "after the pause 𝄞")
    assert watched.changed() == {"src/deep/two.py": FILE}


def test_ignored_and_secret_files_and_what_editors_leave_for_a_moment_are_not_told(
    watched: Watched, tree: WorkTree
) -> None:
    for name in ("build/x", "a.log", ".env", "src/.one.py.swp", "src/one.py~", "4913", "id_rsa"):
        tree.write(name, "secret 🎉")
    tree.git("commit", "-q", "--allow-empty", "-m", "of .git nothing is seen")
    assert watched.told() is None
    assert not [path for path in watched.watcher.paths() if "build" in path or ".env" in path]
    assert watched.watcher.state.directories == 3


def test_every_way_to_save_tells_of_the_file_alone(watched: Watched, tree: WorkTree) -> None:
    one = tree.root / "src/one.py"
    (tree.root / "src/one.py.tmp").write_text("atomic 🎉\n")
    (tree.root / "src/one.py.tmp").replace(one)
    assert watched.changed() == {"src/one.py": FILE}
    one.rename(tree.root / "src/one.py~")
    one.write_text("with a backup 𝄞\n")
    assert watched.changed() == {"src/one.py": FILE}
    subprocess.run(["sed", "-i", "s/backup/formatter/", str(one)], check=True, timeout=60)
    burst = watched.told()
    assert burst is not None
    assert [item.content for item in burst.changed] == ["with a formatter 𝄞\n".encode()]
    one.write_text("with a formatter 𝄞\n")
    assert watched.told() is None, "the same bytes once more"


def test_files_come_go_and_change_their_kind(watched: Watched, tree: WorkTree) -> None:
    root = tree.root
    (root / "shop.py").chmod(0o755)
    assert watched.changed() == {"shop.py": PROGRAM}
    (root / "shop.py").unlink()
    assert watched.changed() == {"shop.py": None}
    tree.write("shop.py/inner 🎉.py", "a folder now")
    assert watched.changed() == {"shop.py/inner 🎉.py": FILE}
    shutil.rmtree(root / "shop.py")
    (root / "shop.py").symlink_to("src")
    assert watched.changed() == {"shop.py": LINK, "shop.py/inner 🎉.py": None}
    (root / "shop.py").unlink()
    (root / "shop.py").symlink_to("src/deep 𝄞")
    burst = watched.told()
    assert burst is not None
    assert [(item.mode, item.content) for item in burst.changed] == [(LINK, "src/deep 𝄞".encode())]
    os.mkfifo(root / "pipe")
    assert watched.told() is None, "a pipe is no file, and nobody waits for it"


def test_a_folder_becomes_a_link_and_its_files_are_gone(watched: Watched, tree: WorkTree) -> None:
    tree.write("src/one.py", "read before 🎉")
    assert watched.changed() == {"src/one.py": FILE}
    (tree.root / "src").rename(tree.root / "real 𝄞")
    (tree.root / "src").symlink_to("real 𝄞")
    burst = watched.told()
    assert burst is not None
    told = {item.path: item.mode for item in burst.changed}
    assert told == {"src": LINK, "real 𝄞/one.py": FILE, "real 𝄞/deep/two.py": FILE}
    assert ("src/one.py", "real 𝄞/one.py") in burst.renamed


def test_renames_are_paired_also_of_case_and_of_whole_folders(
    watched: Watched, tree: WorkTree
) -> None:
    root = tree.root
    (root / "shop.py").rename(root / "SHOP.py")
    burst = watched.told()
    assert burst is not None
    assert burst.renamed == [("shop.py", "SHOP.py")]
    assert [item.path for item in burst.changed] == ["SHOP.py"]
    (root / "SHOP.py").rename(root / "a")
    (root / "a").rename(root / "src/b 🎉.py")
    with (root / "src/b 🎉.py").open("a") as file:
        file.write("and changed 𝄞")
    burst = watched.told()
    assert burst is not None
    assert burst.renamed == [("SHOP.py", "src/b 🎉.py")]
    (root / "src").rename(root / "lib")
    tree.write("lib/deep/new 🎉.py", "after the move")
    burst = watched.told()
    assert burst is not None
    moved = [("src/b 🎉.py", "lib/b 🎉.py"), ("src/deep/two.py", "lib/deep/two.py")]
    assert sorted(burst.renamed) == [*moved, ("src/one.py", "lib/one.py")]
    assert (burst.count, len(burst.changed)) == (4, 4)
    tree.write("lib/deep/two.py", "its watch moved along")
    assert watched.changed() == {"lib/deep/two.py": FILE}


def test_a_folder_that_moves_out_is_gone_and_comes_back_as_it_is(
    watched: Watched, tree: WorkTree
) -> None:
    outside = tree.root.parent / "outside 🎉"
    (tree.root / "src").rename(outside)
    (outside / "one.py").write_text("not ours 𝄞")
    gone = watched.changed()
    assert gone == {"src/one.py": None, "src/deep/two.py": None}
    assert watched.told() is None
    outside.rename(tree.root / "src")
    assert watched.changed() == {"src/one.py": FILE, "src/deep/two.py": FILE}
    tree.write("src/deep/two.py", "watched again")
    assert watched.changed() == {"src/deep/two.py": FILE}


def test_a_file_that_took_the_place_and_inode_of_another_is_no_rename(
    watched: Watched, tree: WorkTree
) -> None:
    (tree.root / "shop.py").unlink()
    tree.write("other 🎉.py", "new 𝄞")
    burst = watched.told()
    assert burst is not None
    assert burst.renamed == []
    assert {item.path: item.mode for item in burst.changed} == {
        "shop.py": None,
        "other 🎉.py": FILE,
    }


def test_new_folders_are_watched_at_once_and_ignored_ones_are_not(
    watched: Watched, tree: WorkTree
) -> None:
    tree.write("a/b/c/first 🎉.py", "1")
    tree.write("build/deep/x.py", "1")
    assert watched.changed() == {"a/b/c/first 🎉.py": FILE}
    tree.write("a/b/c/second 𝄞.py", "2")
    assert watched.changed() == {"a/b/c/second 𝄞.py": FILE}
    assert watched.watcher.state.directories == 6


def test_changed_ignore_files_show_and_hide_folders(watched: Watched, tree: WorkTree) -> None:
    tree.write("build/x.py", "built 🎉")
    assert watched.told() is None
    tree.write(".gitignore", "*.log\n")
    assert watched.changed() == {".gitignore": FILE, "build/x.py": FILE}
    tree.write("build/y.py", "seen 𝄞")
    assert watched.changed() == {"build/y.py": FILE}
    tree.write(".signoffignore", "build/\n")
    assert watched.changed() == {".signoffignore": FILE}
    tree.write("build/y.py", "hidden again")
    assert watched.told() is None


def test_a_repository_that_appears_inside_is_one_of_its_own(
    watched: Watched, tree: WorkTree
) -> None:
    inner = WorkTree.create(tree.root / "vendor 🎉")
    inner.commit("theirs", "theirs.py", "𝄞")
    assert watched.told() is None
    assert watched.watcher.state.directories == 3
    (tree.root / "src/deep/.git").write_text("gitdir: elsewhere\n")
    watched.told()
    tree.write("src/deep/two.py", "a submodule now")
    assert watched.told() is None


def test_a_thousand_new_files_are_one_bulk_change_without_contents(
    watched: Watched, tree: WorkTree
) -> None:
    for number in range(1_000):
        tree.write(f"src/many/file {number} 🎉.py", f"value = {number}\n")
    burst = watched.told()
    assert burst is not None
    assert burst.is_bulk
    assert burst.count == len(burst.changed) == len(burst.paths) == 1_000 > MAX_FILES
    assert all(item.sha256 and item.content is None for item in burst.changed)
    (tree.root / "src/many").rename(tree.root / "src/moved 𝄞")
    burst = watched.told()
    assert burst is not None
    assert (burst.count, len(burst.renamed)) == (1_000, 1_000)
    tree.write("src/moved 𝄞/file 7 🎉.py", "value = 7\n")
    assert watched.told() is None, "bulk changes are remembered by content too"


def test_git_moves_the_tree_and_each_file_is_told_once(watched: Watched, tree: WorkTree) -> None:
    tree.git("checkout", "-q", "-b", "topic")
    tree.commit("second", "src/one.py", "one = 'topic 🎉'\n")
    assert watched.changed() == {"src/one.py": FILE}
    tree.git("checkout", "-q", "main")
    assert watched.changed() == {"src/one.py": FILE}
    tree.write("shop.py", "dirty 𝄞")
    tree.git("stash", "-q")
    assert watched.told() is None, "written and taken back between two looks"
    tree.git("stash", "pop", "-q")
    assert watched.changed() == {"shop.py": FILE}
    tree.git("stash", "-q")
    tree.git("rebase", "-q", "topic")
    assert watched.changed() == {"shop.py": FILE, "src/one.py": FILE}


def test_binary_and_large_files_are_told_without_content(watched: Watched, tree: WorkTree) -> None:
    (tree.root / "image 🎉").write_bytes(b"\x89PNG\0\0")
    with (tree.root / "large 𝄞").open("wb") as file:
        file.truncate((8 << 20) + 1)
    with (tree.root / "huge").open("wb") as file:
        file.truncate(1 << 40)
    burst = watched.told()
    assert burst is not None
    assert [(item.path, item.size_bytes) for item in burst.changed] == [
        ("image 🎉", 6),
        ("large 𝄞", (8 << 20) + 1),
    ]
    assert all(item.sha256 and item.content is None for item in burst.changed)
    assert burst.count == 3


def test_names_that_are_no_utf8_are_told_as_they_are(watched: Watched, tree: WorkTree) -> None:
    name = os.fsdecode(b"caf\xe9 \xf0\x9f\x8e\x89.txt")
    (tree.root / name).write_text("odd 𝄞")
    assert watched.changed() == {name: FILE}
