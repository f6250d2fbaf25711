"""Files of a moment in a new folder, whatever their names try."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.replay.checkout import TreeFile, write_tree
from signoff_schemas.errors import RefusedError, SignoffError, UsageError
from support_episodes import ASTRAL


def _tree(*paths: str) -> dict[str, TreeFile]:
    return {path: TreeFile(content=path.encode("utf-8", "replace")) for path in paths}


def test_files_are_written_as_they_were(tmp_path: Path) -> None:
    tree = _tree("a.txt", "src/deep/b.py", f"src/{ASTRAL}.txt")
    tree["run.sh"] = TreeFile(content=b"#!/bin/sh\n", mode="100755")
    tree["Makefile"] = TreeFile(content=b"all:\n")
    written = write_tree(tree, tmp_path / "new")
    found = {
        str(path.relative_to(tmp_path / "new")): path.read_bytes()
        for path in (tmp_path / "new").rglob("*")
        if path.is_file()
    }
    assert found == {path: file.content for path, file in tree.items()}
    assert written.files == 5
    assert written.run_by_tools == ("Makefile",)
    mode = stat.S_IMODE((tmp_path / "new" / "run.sh").stat().st_mode)
    assert mode & stat.S_IXUSR
    assert not mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH)


def test_an_existing_empty_folder_is_used_and_a_full_one_is_not(tmp_path: Path) -> None:
    write_tree(_tree("a"), tmp_path / "home")
    with pytest.raises(UsageError, match="not empty"):
        write_tree(_tree("b"), tmp_path / "home")
    assert [p.name for p in (tmp_path / "home").iterdir()] == ["a"]


@pytest.mark.parametrize("kind", ["file", "link", "orphan"])
def test_what_is_no_folder_is_refused(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("x")
    elif kind == "link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place = tmp_path / "no" / "place"
    with pytest.raises(UsageError):
        write_tree(_tree("a"), place)
    assert not (tmp_path / "elsewhere" / "a").exists()


@pytest.mark.parametrize(
    "path",
    [
        "../a",
        "a/../../b",
        "/etc/passwd",
        "a//b",
        "./a",
        "a/.",
        "",
        ".git/config",
        "a/.git/hooks/post-checkout",
        ".GIT/config",
        ".Git",
        ".git. /config",
        ".git./x",
        "git~1/config",
        ".gi\u200ct/config",
        "\uff0egit/config",
        ".git::$INDEX_ALLOCATION/x",
        "a\\..\\b",
        "c:evil",
        "a\0b",
        "a\nb",
        "\ud83d.txt",
        "x" * 256,
    ],
)
def test_a_path_that_means_harm_is_refused_before_anything_is_written(
    tmp_path: Path, path: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        write_tree(_tree("good.txt", path), tmp_path / "new")
    assert caught.value.exit_code == 13
    assert not (tmp_path / "new").exists()


@given(st.text(alphabet=st.sampled_from("./\\gitGIT~1 a\u200c\0"), max_size=12))
def test_no_path_leaves_the_folder(path: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "inside"
        try:
            write_tree({path: TreeFile(content=b"x")}, folder)
        except SignoffError:
            return
        assert [p.name for p in Path(place).iterdir()] == ["inside"]
        written = [p for p in folder.rglob("*") if p.is_file()]
        assert len(written) == 1
        assert not any(part.lower() == ".git" for part in written[0].parts)


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is a file"):
        write_tree(_tree("a", "a/b"), tmp_path / "new")


def test_symbolic_links_become_files_that_hold_their_target(tmp_path: Path) -> None:
    tree = {"link": TreeFile(content=b"/etc/passwd", mode="120000")}
    write_tree(tree, tmp_path / "new")
    assert not (tmp_path / "new" / "link").is_symlink()
    assert (tmp_path / "new" / "link").read_bytes() == b"/etc/passwd"
