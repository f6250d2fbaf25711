"""Who caused a change, in a real VS Code, beside another extension that edits (make e2e-vscode)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import EMOJI
from tests.support.deadline import wait_until
from tests.support.vscode import E2E, Account, need_tools

pytestmark = pytest.mark.vscode

SETTINGS = {
    "editor.autoClosingBrackets": "languageDefined",
    "editor.quickSuggestions": {"other": "on"},
    "editor.acceptSuggestionOnEnter": "on",
    "editor.formatOnType": True,
    "workbench.welcomePage.walkthroughs.openOnInstall": False,
    "signoff.pasteWitness": True,
}
"""An editor that does much by itself."""

LINE_BREAK = "\n"
"""Between two acts; VS Code does not say that a key did it."""

POSSIBLE = {
    "typed": {"typed", "unknown"},
    "composed": {"typed", "unknown"},
    "committed": {"typed", "unknown"},
    "editor": {"unknown"},
    "program": {"unknown"},
    "pasted": {"pasted"},
    "undo": {"undo"},
    "redo": {"redo"},
}
"""Truth of an act to the classes its changes may have; what is not listed is not told apart."""


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An enabled project, and an extension that edits as others do."""
    made = Account(folder=tmp_path, tools=need_tools(), settings=SETTINGS).make()
    (made.project / "count.py").write_text("def count(items):\n    return 0\n")
    made.run("git", "add", ".")
    made.run("git", "commit", "-qm", "begin")
    shutil.copytree(
        E2E / "peer", made.user / ".local/share/code-server/extensions/example.peer-0.0.1"
    )
    made.signoff("enable", "--yes", "--owner", "mine")
    made.signoff("setup", "vscode", "--yes")
    yield made
    made.end_programs()


def sealed(account: Account) -> list[dict[str, Any]]:
    """Return the steps of all episodes, once those with the notes of the acts are among them.

    On a busy machine the window still holds its session when the scenario has ended.
    """

    def with_notes() -> list[dict[str, Any]]:
        account.signoff("seal", check=False)
        episodes = [row["id"] for row in account.rows("list") if row["kind"] == "episode"]
        steps = [step for one in episodes for step in account.rows("show", one, "--steps")]
        return steps if any(step["kind"] == "note" for step in steps) else []

    return wait_until(with_notes, "the session with the notes to be sealed")


def edits_by_act(steps: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the edits behind each note, by the truth and the name that it holds."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    here: list[dict[str, Any]] = []
    for step in steps:
        if step["kind"] == "note":
            truth, _, name = step["text"].partition(": ")
            here = found.setdefault((truth, name), [])
        elif step["kind"] == "edit" and step["text"] == LINE_BREAK:
            assert step["actor"]["class"] == "unknown"
        elif step["kind"] == "edit":
            here.append(step)
    return found


def test_nothing_but_keys_is_called_typed(account: Account) -> None:
    account.drive(E2E / "scenarios" / "evidence.mjs", given={"emoji": EMOJI})
    acts = edits_by_act(sealed(account))
    assert {truth for truth, _ in acts} == {*POSSIBLE, "not told apart"}
    for (truth, name), edits in acts.items():
        classes = {edit["actor"]["class"] for edit in edits}
        assert classes, name
        assert classes <= POSSIBLE.get(truth, classes), name
    typed = [edit for (truth, _), edits in acts.items() if truth == "typed" for edit in edits]
    found = [edit for edit in typed if edit["actor"]["class"] == "typed"]
    assert len(found) > len(typed) / 2  # the rest came too late, or in a burst, on a busy machine
    assert {character for edit in found for character in edit["text"]} >= set(EMOJI)
    committed = [
        edit for (truth, _), edits in acts.items() if truth == "committed" for edit in edits
    ]
    assert {edit["text"] for edit in committed if edit["actor"]["class"] == "typed"} <= {".", ";"}
