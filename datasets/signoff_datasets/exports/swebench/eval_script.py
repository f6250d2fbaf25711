"""The script by which SWE-bench runs the tests of an instance, and what a log says of each test.

Read at swebench 5.0.2 (`harness/grading.py`, `harness/log_parsers/python.py`): what counts stands
between two markers; a line that begins with a status says it of the word after it.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN: Final = ">>>>> Start Test Output"
END: Final = ">>>>> End Test Output"
FOLDER: Final = "/testbed"
_STATUS: Final = re.compile(r"(PASSED|FAILED|ERROR|SKIPPED|XFAIL)\S* (\S+)([^\n]*)")
_COUNT: Final = re.compile(r"\[\d+\]")


def eval_script(
    *,
    base_commit: str,
    test_patch: str,
    old_files: Sequence[str],
    new_files: Sequence[str],
    selection: Sequence[str],
    folder: str = FOLDER,
) -> str:
    """Return the script: put the tests in place, run them between the markers, take them back.

    Args:
        base_commit: where the old test files are taken from.
        test_patch: what is applied to them; may be empty.
        old_files: files of the patch that the commit holds.
        new_files: files of the patch that it does not hold.
        selection: test files to run.
        folder: where the repository lies.
    """
    put_back = [
        *([_line("git", "checkout", base_commit, "--", *old_files)] if old_files else []),
        *([_line("rm", "-f", "--", *new_files)] if new_files else []),
    ]
    end = f"EOF_{hashlib.sha256(test_patch.encode()).hexdigest()[:16]}"
    applied = [f"git apply -v - <<'{end}'\n{test_patch}{end}"] if test_patch else []
    return "\n".join(
        [
            "#!/bin/bash",
            "set -uxo pipefail",
            _line("cd", folder),
            *put_back,
            *applied,
            f": '{BEGIN}'",
            _line("python", "-m", "pytest", "-rA", "-p", "no:cacheprovider", *selection),
            f": '{END}'",
            *put_back,
            "",
        ]
    )


def _line(*words: str) -> str:
    return shlex.join(words)


def outcomes_of(log: str) -> tuple[dict[str, str], frozenset[str]]:
    """Return the status of each test of a log, and the names that the log cannot tell apart.

    A name with a space is cut there by SWE-bench, so it may be that of another test too.
    """
    parts = log.split(BEGIN)
    if len(parts) < 2:
        return {}, frozenset()
    found: dict[str, str] = {}
    cut = set[str]()
    for line in parts[1].split(END)[0].split("\n"):
        told = _STATUS.match(line)
        if told is None or (told[1] == "SKIPPED" and _COUNT.fullmatch(told[2])):
            continue
        rest = told[3].partition(" - ")[0] if told[1] in {"FAILED", "ERROR", "XFAIL"} else told[3]
        if rest.strip():
            cut.add(told[2])
        found[told[2]] = told[1]
    return found, frozenset(cut)


def has_ended(log: str) -> bool:
    """Say whether a log holds both markers."""
    return BEGIN in log and END in log
