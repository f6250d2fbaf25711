"""What is said to do next names the verb that was called, and the times that it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.history import BEASTS, live_session, typed


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("find", " "), "`signoff find --help` shows its options."),
        (
            ("restore", "a.py", "--at", "1", "--n", "1"),
            "`signoff restore --help` shows its options",
        ),
        (("restore", "a.py", "--at", "soon"), "time:10:40"),
        (("checkout", "live", "--at", "soon", "new"), "time:10:40"),
        (("replay", "live", "--at", "time:soon"), "time:10:40"),
        (("find", "\u202e\u0007\U0001f98a"), "Look for a shorter part of it."),
        (("find", "needle", "--deleted"), "Without --deleted it is listed."),
    ],
)
def test_a_hint_says_what_helps_here(
    words: tuple[str, ...], hint: str, home: Path, tmp_path: Path
) -> None:
    del home
    root = tmp_path / "project"
    live_session(root, typed(root, "a.py", f"a needle {BEASTS}"))
    (root / "a.py").write_text(f"a needle {BEASTS}\n")
    said = signoff(*words, cwd=root)
    assert said.code in {2, 10}, said
    assert hint in said.err, said
    assert "VERB" not in said.err
