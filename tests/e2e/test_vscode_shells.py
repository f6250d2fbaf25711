"""Commands in terminals of a real VS Code whose shells have the hook of `signoff setup`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.setup import put
from tests.support.vscode import SCENARIOS, Account, need_tools, retried

pytestmark = pytest.mark.vscode

LINES = (
    "cat a.py",
    "sh -c 'echo one; exit 3'",
    "cd . && echo two | cat",
    " echo hidden",
    "true",
    "true",
)
"""The same lines as a person types them; VS Code itself knows the third as `cd .`."""

TOLD = [
    ("cat a.py", 0),
    ("sh -c 'echo one; exit 3'", 3),
    ("cd . && echo two | cat", 0),
    ("gap", "private"),
    ("true", 0),
    ("true", 0),
]

START = {
    "bash": (".bashrc", "HISTCONTROL=ignoreboth\n"),
    "zsh": (
        ".zshrc",
        "PS1='$ '\nPATH='{path}'\nprecmd() {{ echo >>~/.prompts }}\nsetopt hist_ignore_space\n",
    ),
    "fish": (
        ".config/fish/config.fish",
        "function fish_prompt; echo >>~/.prompts; printf '$ '; end\nset -g fish_greeting\n",
    ),
}
"""Where a shell's settings lie, and what this account has there."""


def _account(tmp_path: Path, shell: str, *, has_integration: bool) -> Account:
    settings = {
        "terminal.integrated.defaultProfile.linux": shell,
        "terminal.integrated.shellIntegration.enabled": has_integration,
    }
    return Account(folder=tmp_path, tools=need_tools(), settings=settings).make()


@pytest.fixture(
    params=[("bash", True), ("bash", False), ("zsh", True), ("fish", True)],
    ids=["bash", "bash without integration", "zsh", "fish"],
)
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    """An account whose terminals run this shell."""
    shell, has_integration = request.param
    made = _account(tmp_path, shell, has_integration=has_integration)
    yield made
    made.end_programs()


@retried
def test_a_command_is_told_once_and_clean(account: Account, tmp_path: Path) -> None:
    del tmp_path
    shell = account.settings["terminal.integrated.defaultProfile.linux"]
    has_integration = account.settings["terminal.integrated.shellIntegration.enabled"]
    (account.project / "a.py").write_text("a = 1\n")
    file, text = START[shell]
    before = (account.user / file).read_bytes() if (account.user / file).exists() else b""
    put(account.user / file, before + text.format(path=account.env["PATH"]).encode())
    account.signoff("enable", "--yes", "--owner", "mine")
    account.signoff("setup", "vscode", shell, "--yes")
    given = {"lines": LINES, "hasIntegration": has_integration, "told": len(LINES) - 1}
    account.drive(SCENARIOS / "shells.mjs", given=given)
    rows = account.rows("show", "live", "--steps")
    told = [
        (row["line"], row["exit_code"]) if row["kind"] == "command" else ("gap", row["reason"])
        for row in rows
        if row["kind"] == "command" or row.get("reason") == "private"
    ]
    assert told == TOLD
    by_editor = [row.get("via") for row in rows if row["kind"] == "command"]
    assert by_editor == ["terminal" if has_integration else None] * (len(LINES) - 1)
    (day,) = account.rows("today")
    assert [one["line"] for one in day["failing"]] == ["sh -c 'echo one; exit 3'"]
