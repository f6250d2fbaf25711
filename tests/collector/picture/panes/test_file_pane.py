"""The tree of files: folders first, those of open files open, in a large tree no others."""

from __future__ import annotations

from tests.support.episodes import ASTRAL

from signoff_collector.picture.panes.file_pane import TreeRow, tree_rows


def told(rows: tuple[TreeRow, ...]) -> list[str]:
    return [f"{'  ' * one.depth}{one.path}{'/' if one.is_folder else ''}" for one in rows]


def test_folders_come_first_and_a_small_tree_is_open() -> None:
    rows = tree_rows((f"a{ASTRAL}.py", "b/c/d.py", "b/a.py"), frozenset())
    assert told(rows) == ["b/", "  b/c/", "    b/c/d.py", "  b/a.py", f"a{ASTRAL}.py"]


def test_of_a_large_tree_only_the_folders_of_open_files_are_open() -> None:
    many = tuple(sorted(f"f{number}/x.py" for number in range(60)))
    rows = tree_rows(many, frozenset({"f7/x.py"}))
    assert [one.path for one in rows if one.is_open] == ["f7"]
    assert [one.path for one in rows if not one.is_folder] == ["f7/x.py"]
    assert len(rows) == 61


def test_a_path_of_a_thousand_folders_is_laid_out() -> None:
    deep = "/".join(["a"] * 1000)
    assert len(tree_rows((deep,), frozenset({deep}))) == 1000
