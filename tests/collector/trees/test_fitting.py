"""Every name has one in every target, its own where that can be, and never another file's."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL

from signoff_collector.trees.checkout import safe_parts
from signoff_collector.trees.fitting import (
    STRICTEST,
    Target,
    fitted,
    fitted_paths,
    tried_target,
)
from signoff_schemas.errors import RefusedError

LINUX = Target()
WINDOWS = Target(folds=True, is_strict=True, in_utf16=True)
MAC = Target(folds=True, in_utf16=True)
TARGETS = [LINUX, WINDOWS, MAC, STRICTEST, Target(is_strict=True)]
HARD = st.sampled_from(
    ["con", "Aux.c", "NUL ", "com\u00b9.x.y", "lpt5", "conin$", "a.", "a. .", " a", "...", "..x",
     "a:b", "a%3Ab", "A%3aB", "con%6E", "co%6E", "c:\\d", "<>|?*\"", "x\ny", "x%0Ay",
     "\ud83d", "\udcff.py", "caf\u00e9", "cafe\u0301", "CAF\u00c9", "stra\u00dfe", "STRASSE",
     "x" * 300, "X" * 300 + ".py", "\u732b" * 120, ASTRAL * 70, "a" * 254 + ".", "Makefile",
     "makefile"]
)  # fmt: skip
NAMES = st.one_of(
    HARD,
    st.text(alphabet="aA%3:. _\u00e9\u0301n", min_size=1, max_size=6),
    st.text(min_size=1, max_size=300).filter(lambda name: "/" not in name and "\0" not in name),
)
SETS = st.sets(NAMES.filter(lambda name: name not in {".", ".."}), max_size=12)
DEVICES = {"con", "aux", "nul", "prn", "com\u00b9", "lpt5", "conin$"}


def _seen_by(name: str, target: Target) -> str:
    """Return what a target makes of a name, by the rules of its makers."""
    seen = name.rstrip(". ") if target.is_strict else name
    return unicodedata.normalize("NFD", seen).casefold() if target.folds else seen


@given(SETS, st.sampled_from(TARGETS))
def test_no_two_files_meet_and_every_name_can_be_held(names: set[str], target: Target) -> None:
    found = fitted(names, target)
    assert set(found) == names
    assert len({_seen_by(name, target) for name in found.values()}) == len(names)
    for name in found.values():
        assert name not in {"", ".", ".."}
        assert not set(name) & set("/\0")
        size = len(name.encode("utf-16-le")) // 2 if target.in_utf16 else len(name.encode())
        assert size <= 255
        assert not any(unicodedata.category(char) == "Cc" for char in name)
        if target.is_strict:
            assert not set(name) & set('\\:<>|?*"')
            assert name == name.rstrip(". ")
            assert name.partition(".")[0].rstrip(" ").casefold() not in DEVICES


@given(SETS, st.sampled_from(TARGETS), st.randoms(use_true_random=False))
def test_the_same_names_get_the_same_names_in_any_order(
    names: set[str], target: Target, source: random.Random
) -> None:
    shuffled = sorted(names)
    source.shuffle(shuffled)
    assert fitted(shuffled, target) == fitted(sorted(names), target)


@given(SETS, st.sampled_from(TARGETS))
def test_what_can_stay_stays_and_escapes_can_be_read_back(names: set[str], target: Target) -> None:
    found = fitted(names, target)
    again = fitted(set(found.values()), target)
    assert all(name == other for name, other in again.items())  # all of it can be held together
    for name in names:
        other = fitted({name}, target)[name]
        if other != name and len(name.encode("utf-8", "surrogatepass")) < 80 and "%" not in name:
            assert unquote_to_bytes(other) == name.encode("utf-8", "surrogatepass")


@given(
    st.sets(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=8),
    st.sampled_from(TARGETS),
)
def test_no_path_leads_elsewhere(paths: set[str], target: Target) -> None:
    split: dict[str, tuple[str, ...]] = {}
    for path in paths:
        try:
            split[path] = safe_parts(path)
        except RefusedError:
            continue
    places = fitted_paths(split, target)
    assert len(set(places.values())) == len(split)
    for path, parts in places.items():
        assert len(parts) == len(split[path])
        assert safe_parts("/".join(parts)) == parts  # git's own folder neither
    for path, parts in split.items():
        for other in split:
            if split[other][: len(parts) - 1] == parts[:-1]:  # one folder stays one folder
                assert places[other][: len(parts) - 1] == places[path][:-1]


@pytest.mark.parametrize(
    ("name", "target", "written"),
    [
        ("aux.c", WINDOWS, "au%78.c"),
        ("aux.c", MAC, "aux.c"),
        ("NUL", WINDOWS, "NU%4C"),
        ("con .txt", WINDOWS, "co%6E .txt"),
        ("console.log", WINDOWS, "console.log"),
        ("a:b", WINDOWS, "a%3Ab"),
        ("a:b", LINUX, "a:b"),
        ("end.", WINDOWS, "end%2E"),
        ("end ", WINDOWS, "end%20"),
        ("a\\..\\b", WINDOWS, "a%5C..%5Cb"),
        ("100%.txt", WINDOWS, "100%.txt"),
        ("caf\u00e9 \U0001f388.py", WINDOWS, "caf\u00e9 \U0001f388.py"),
        ("\u732b" * 100, MAC, "\u732b" * 100),
    ],
)
def test_names_are_what_the_documents_say(name: str, target: Target, written: str) -> None:
    assert fitted({name}, target) == {name: written}


def test_of_two_that_fold_to_one_the_first_stays() -> None:
    found = fitted({"Makefile", "makefile", "src.py"}, MAC)
    assert found["Makefile"] == "Makefile"
    assert found["makefile"].startswith("makefile_")
    assert found["src.py"] == "src.py"
    assert fitted({"a:b", "a%3Ab"}, WINDOWS)["a%3Ab"] == "a%3Ab"


def test_a_folder_here_is_tried_and_left_empty(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    assert tried_target(folder) == LINUX
    assert list(folder.iterdir()) == []
