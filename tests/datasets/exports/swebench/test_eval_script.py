"""The script of an instance, and what is read of its log, as SWE-bench reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.repository import WorkTree

from signoff_datasets.exports.swebench.eval_script import (
    BEGIN,
    END,
    eval_script,
    has_ended,
    outcomes_of,
)

ASTRAL = "😀𝄞"
LOG = f"""PASSED before.py::test_of_no_count
+ : '{BEGIN}'
=== short test summary info ===
PASSED t.py::test_a
PASSED t.py::test_b[{ASTRAL}]
PASSED t.py::test_c[a b]
FAILED t.py::test_d - AssertionError: PASSED x
ERROR t.py::test_e - boom
SKIPPED [1] t.py:3: no
XFAIL t.py::test_f - known
 PASSED t.py::test_in_a_message
+ : '{END}'
PASSED after.py::test_of_no_count
"""


def test_what_counts_stands_between_the_markers() -> None:
    found, cut = outcomes_of(LOG)
    assert found == {
        "t.py::test_a": "PASSED",
        f"t.py::test_b[{ASTRAL}]": "PASSED",
        "t.py::test_c[a": "PASSED",
        "t.py::test_d": "FAILED",
        "t.py::test_e": "ERROR",
        "t.py::test_f": "XFAIL",
    }
    assert cut == {"t.py::test_c[a"}
    assert has_ended(LOG)
    assert outcomes_of("PASSED t.py::test_a\n") == ({}, frozenset())


def test_names_and_patches_run_nothing_of_their_own(tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "work dir")
    hostile = "tests/$(touch canary)`touch canary`';touch canary;'/test_a.py"
    tree.write(hostile, "old\n")
    tree.git("add", "-A")
    tree.git("commit", "-q", "-m", "first")
    tree.write(hostile, f"EOF\n$(touch canary) {ASTRAL}\n")
    patch = tree.git("diff") + "\n"
    tree.git("checkout", "-q", ".")
    script = eval_script(
        base_commit=tree.head,
        test_patch=patch,
        old_files=[hostile],
        new_files=[],
        selection=[hostile],
        folder=str(tree.root),
    )
    shown = script.replace("python -m pytest -rA -p no:cacheprovider", "/bin/cat")
    done = subprocess.run(
        ["bash", "-c", shown], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert f"$(touch canary) {ASTRAL}" in done.stdout
    assert not list(tmp_path.rglob("canary"))
    assert (tree.root / hostile).read_text("utf-8") == "old\n"
