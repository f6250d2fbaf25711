"""Which command lines name a file that is never recorded, however they write it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.files import enabled

from signoff_collector.capture.opt_in.policy import Policy
from signoff_collector.capture.opt_in.secret_words import names_a_secret

NAMING = [
    "cat .env", "cat <./.env|wc", "cat link", "cat sub/../.env", "cat {.env,a}", "cat .en?",
    "cat .e*", "cat '.e'\"nv\"", "cat .e\\nv", "curl -d @.env x", "run --env-file=.env", "cat li*",
]  # fmt: skip
OTHERS = ["cat a.py 😀𝄞", "ls", "echo 'it is' \\n", "cat sub/*", "cat .env.example"]


@pytest.fixture
def policy(home: Path, tmp_path: Path) -> Policy:
    del home
    root = tmp_path / "w"
    (root / "sub").mkdir(parents=True)
    for name in (".env", ".env.example", "a.py", "sub/b.py"):
        (root / name).write_text("😀𝄞\n")
    (root / "link").symlink_to(".env")
    return Policy.for_workspace(enabled(root)[1])


@pytest.mark.parametrize("line", [*NAMING, *OTHERS])
def test_a_line_that_names_such_a_file_is_known_to_a_shell_and_behind_one(
    line: str, policy: Policy, tmp_path: Path
) -> None:
    root = tmp_path / "w"
    is_naming = line in NAMING
    assert names_a_secret((line,), root, policy, is_shell_line=True) is is_naming
    for words in (("sh", "-c", line), ("env", "A=1", "/bin/bash", "-ec", line)):
        assert names_a_secret(words, root, policy) is is_naming, words


def test_a_pattern_that_no_shell_expands_names_nothing(policy: Policy, tmp_path: Path) -> None:
    assert not names_a_secret(("rg", "li*"), tmp_path / "w", policy)
