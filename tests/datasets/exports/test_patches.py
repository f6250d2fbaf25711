"""A patch says what became of a text, in the words that git and unidiff read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL, TEXTS
from tests.support.patches import applied
from unidiff import PatchSet

from signoff_datasets.exports import patches
from signoff_datasets.exports.patches import unified_patch

LINES = st.lists(st.sampled_from(["a\n", "b\n", f"{ASTRAL}\n", "\r\n", "\x0c x\u2028\n", "-- a\n"]))


@given(LINES, LINES, TEXTS, TEXTS)
def test_a_patch_turns_one_text_into_the_other(
    old: list[str], new: list[str], old_end: str, new_end: str
) -> None:
    before, after = "".join(old) + old_end, "".join(new) + new_end
    patch = unified_patch("a.txt", before, after)
    assert bool(patch) == (before != after)
    if patch:
        assert applied(patch, before) == after


@given(LINES, LINES)
def test_unidiff_reads_it(old: list[str], new: list[str]) -> None:
    before, after = "".join(old), "".join(new)
    if before != after:
        (file,) = PatchSet(unified_patch("a b/c.txt", before, after))
        assert file.path == "a b/c.txt"
        for hunk in file:
            assert "".join(row.value for row in hunk if not row.is_added) in before
            assert "".join(row.value for row in hunk if not row.is_removed) in after
        assert file.added - file.removed == after.count("\n") - before.count("\n")


@pytest.mark.parametrize("name", ["a b.txt", f"{ASTRAL}.txt", 'q"uote.txt', "tab\tname.txt"])
def test_git_applies_it_to_a_file_of_any_name(tmp_path: Path, name: str) -> None:
    before = "".join(f"{number}\n" for number in range(40))
    after = before.replace("3\n", f"{ASTRAL}\n") + "without an end"
    (tmp_path / name).write_text(before, "utf-8")
    subprocess.run(
        ["git", "apply", "-"],
        cwd=tmp_path,
        input=unified_patch(name, before, after).encode(),
        check=True,
        timeout=60,
    )
    assert (tmp_path / name).read_text("utf-8") == after


def test_texts_that_share_little_are_replaced_as_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "_MOST_PAIRS", 3)
    before, after = "x\na\nb\ny\n", "x\nb\na\ny\n"
    patch = unified_patch("a.txt", before, after)
    assert patch.endswith("@@ -1,4 +1,4 @@\n x\n-a\n-b\n+b\n+a\n y\n")
    assert applied(patch, before) == after
