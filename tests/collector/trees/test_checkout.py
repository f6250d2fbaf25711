"""Files of a moment in a new folder, whatever their names try."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL, edit, header

from signoff_collector.episode.content import EditTable, Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.trees.checkout import TreeFile, write_tree
from signoff_collector.trees.whole_tree import whole_tree
from signoff_schemas.errors import RefusedError, SignoffError, UsageError
from signoff_schemas.steps import OpenStep, SaveStep


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
        ".git :x",
        "a\0b",
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


LONG = "\u732b" * 100
"""A name that Windows and macOS hold: of 300 bytes, and 100 characters."""


def test_what_the_folder_cannot_hold_is_renamed_and_said(tmp_path: Path) -> None:
    tree = _tree("a\nb/c.py", "\ud83d.txt", f"{LONG}.py", "aux.c", "a\\..\\b", "c:evil", "A", "a")
    written = write_tree(tree, tmp_path / "new", links=True)
    renamed = dict(written.renamed)
    assert set(renamed) == {"a\nb/c.py", "\ud83d.txt", f"{LONG}.py"}
    assert renamed["a\nb/c.py"] == "a%0Ab/c.py"
    assert renamed["\ud83d.txt"] == "%ED%A0%BD.txt"
    assert renamed[f"{LONG}.py"].startswith(LONG[:80])
    found = {
        str(path.relative_to(tmp_path / "new")): path.read_bytes()
        for path in (tmp_path / "new").rglob("*")
        if path.is_file()
    }
    assert found == {renamed.get(path, path): file.content for path, file in tree.items()}
    with pytest.raises(RefusedError, match="cannot be written"):
        write_tree(tree, tmp_path / "exact", exact=True)
    assert list((tmp_path / "exact").iterdir()) == []


def test_a_link_to_what_was_renamed_is_text(tmp_path: Path) -> None:
    tree = _tree("in\n/b", "in\n/c\n", "d") | _links(x="in\n/b", y="d")
    tree |= {"in\n/up": TreeFile(content=b"../d", mode="120000")}
    tree |= {"in\n/next": TreeFile(content=b"b", mode="120000")}
    tree |= {"in\n/gone": TreeFile(content=b"c\n", mode="120000")}
    written = write_tree(tree, tmp_path / "new", links=True)
    assert written.links_as_text == ("in\n/gone", "x")
    assert (tmp_path / "new" / "in%0A" / "next").read_text() == "in\n/b"
    assert (tmp_path / "new" / "in%0A" / "up").read_text() == "d"


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is a file"):
        write_tree(_tree("a", "a/b"), tmp_path / "new")


def test_symbolic_links_become_files_that_hold_their_target(tmp_path: Path) -> None:
    tree = {"link": TreeFile(content=b"/etc/passwd", mode="120000")}
    write_tree(tree, tmp_path / "new")
    assert not (tmp_path / "new" / "link").is_symlink()
    assert (tmp_path / "new" / "link").read_bytes() == b"/etc/passwd"


def _links(**targets: str) -> dict[str, TreeFile]:
    return {
        path.replace("__", "/"): TreeFile(content=target.encode(), mode="120000")
        for path, target in targets.items()
    }


def test_links_that_stay_inside_are_made_and_others_are_text(tmp_path: Path) -> None:
    good = {"a": "src/b", "src__up": "../a", "src__deep__far": "../../src/./b", "hang": "not/there"}
    bad = {
        "root": "/etc/passwd", "out": "../x", "src__out": "../../x", "src__via": "deep/../../../x",
        "over": "a/../../x", "git": ".git/config", "git2": "src/GIT~1/hooks", "empty": "",
    }  # fmt: skip
    tree = _tree("src/b") | _links(**good, **bad)
    written = write_tree(tree, tmp_path / "new", links=True)
    for name, target in good.items():
        path = tmp_path / "new" / name.replace("__", "/")
        assert path.is_symlink()
        assert os.readlink(path) == target  # noqa: PTH115  # pathlib would tidy it up
    assert set(written.links_as_text) == {name.replace("__", "/") for name in bad}
    for name, target in bad.items():
        path = tmp_path / "new" / name.replace("__", "/")
        assert not path.is_symlink()
        assert path.read_text() == target


def test_without_being_asked_for_no_link_is_made(tmp_path: Path) -> None:
    written = write_tree(_tree("b") | _links(a="b"), tmp_path / "new")
    assert written.links_as_text == ("a",)
    assert (tmp_path / "new" / "a").read_text() == "b"


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    tree = _links(d="../outside") | _tree("d/x")
    with pytest.raises(RefusedError):
        write_tree(tree, tmp_path / "new", links=True)
    assert list(outside.iterdir()) == []


@given(
    names=st.dictionaries(
        st.text("ab", min_size=1, max_size=2),
        st.lists(st.sampled_from(["..", ".", "a", "b", "ab", ""]), min_size=1, max_size=5),
        max_size=5,
    )
)
def test_no_set_of_links_leads_outside(names: dict[str, list[str]]) -> None:
    with TemporaryDirectory() as folder:
        tree = _links(**{f"in__{name}": "/".join(target) for name, target in names.items()})
        top = Path(folder, "new").resolve()
        write_tree(tree, top, links=True)
        for path in top.rglob("*"):
            if path.is_symlink() and not _is_circle(path):
                assert path.resolve().is_relative_to(top), (path, names)


def _is_circle(path: Path) -> bool:
    """Say whether nobody can follow a link, because it leads to itself."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def test_of_two_editors_the_one_touched_last_counts_saved_or_not() -> None:
    old, new = f"old {ASTRAL}", f"new old {ASTRAL}"
    common: dict[str, object] = {"t_ns": 0, "source": "bridge:1", "path": "a.txt"}
    steps = (
        OpenStep.model_validate({**common, "seq": 0, "buffer": 1, "blob": 0}),
        OpenStep.model_validate({**common, "seq": 1, "buffer": 2, "blob": 0}),
        SaveStep.model_validate({**common, "seq": 3, "buffer": 1, "matched": True}),
    )
    episode = Episode(
        header=header(),
        files=("a.txt",),
        steps=steps,
        edits=EditTable.from_rows([edit(2, 0, 0, "new ", t_ms=0)]),
        blobs=(old.encode(),),
    )
    for seq, text in ((1, old), (2, new), (3, new)):
        tree = whole_tree(Moments(episode), seq, None, is_disk=False)
        assert tree.files["a.txt"].content == text.encode()
