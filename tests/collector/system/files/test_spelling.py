"""The one spelling of a path, on a disk that folds nothing. `tests/platforms` has one that does."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.system.files import spelling
from signoff_collector.system.files.spelling import folded, folds, true_name, true_path

NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/"), min_size=1
).filter(lambda name: name not in {".", ".."} and len(name.encode()) < 100)


def test_names_that_differ_in_case_are_two_files(tmp_path: Path) -> None:
    for name in ("Notes.txt", "notes.txt"):
        (tmp_path / name).write_text(name)
    assert true_path(tmp_path / "Notes.txt") == tmp_path / "Notes.txt"
    assert true_path(tmp_path / "notes.txt") == tmp_path / "notes.txt"
    assert true_path(tmp_path / "NOTES.TXT") == tmp_path / "NOTES.TXT"
    assert not folds(tmp_path)


def test_two_links_of_one_file_do_not_fold(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    os.link(tmp_path / "a", tmp_path / "A")
    assert not folds(tmp_path)
    assert true_path(tmp_path / "A") == tmp_path / "A"


def test_links_are_resolved_and_what_is_missing_stays(tmp_path: Path) -> None:
    (tmp_path / "Real").mkdir()
    (tmp_path / "link").symlink_to("Real")
    assert true_path(tmp_path / "link" / "new" / "x.py") == tmp_path / "Real" / "new" / "x.py"
    assert true_name("/") == "/"
    assert true_path(".") == Path.cwd().resolve()
    with pytest.raises(ValueError, match="null"):
        true_path("a\0b")


def test_an_empty_folder_is_as_the_one_above(tmp_path: Path) -> None:
    (tmp_path / "123").mkdir()
    assert not folds(tmp_path / "123" / "456")
    assert not folds("/nowhere/at/all")


@given(NAMES)
def test_both_normal_forms_and_all_cases_have_one_key(name: str) -> None:
    forms = [unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    # As in the Unicode standard, section 3.13: a canonical caseless match.
    assert len({folded(one) for one in (name, *forms, *(form.casefold() for form in forms))}) == 1


def test_an_answer_is_not_believed_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("x")
    assert not folds(tmp_path)
    found = tmp_path.stat()
    spelling._folding[found.st_dev, found.st_ino] = (True, -1e9)  # of a disk that lay here before
    assert not folds(tmp_path)
