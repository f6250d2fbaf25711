"""Who changed the text: every scenario once, in one real Neovim; docs/actors.md has more."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from tests.support.actor_programs import SCENARIOS
from tests.support.actors import Stage
from tests.support.bridge import EMOJI, enable
from tests.support.deadline import wait_until
from tests.support.editors import neovim

pytestmark = pytest.mark.editors

SEED = 5
LEAST_FOUND = 0.7
"""Of what was typed; the rest lies in the vicinity of something that could have sent keys."""


def test_nothing_is_called_typed_that_was_not(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    file = folder / "a.txt"
    file.write_text(f"One {EMOJI}\n")
    print("seed", SEED)  # noqa: T201 shown when it fails
    with neovim(folder, options="vim.o.swapfile = false") as editor:
        editor.edit(file)
        stage = Stage(editor=editor, chance=random.Random(SEED), path=file)  # noqa: S311 repeatable
        for name, act in SCENARIOS.items():
            stage.begin(name)
            act(stage)
        stage.rest()
        answers = Counter(stage.answers(folder))
        editor.quit()
    wrong = [key for key in answers if key[2] == "typed" and key[1] != "typed"]
    assert wrong == []
    typed = sum(count for key, count in answers.items() if key[1] == "typed")
    found = sum(count for key, count in answers.items() if key[2] == "typed")
    assert typed > 500
    assert found / typed > LEAST_FOUND
    for scenario, truth in (
        ("paste: terminal", "pasted"), ("undo and redo", "undo"), ("undo and redo", "redo"),
        ("completion: popup", "completion"), ("macro", "command"), ("repeat", "command"),
        ("language server: format, rename, action", "formatter"),
    ):  # fmt: skip
        assert answers[scenario, truth, truth] > 0, (scenario, truth)


def test_keys_count_only_while_nothing_else_can_send_them(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"One {EMOJI}\n")
    is_sure = "return require('signoff.keys').is_sure()"
    with neovim(tmp_path) as editor:
        editor.edit(file)

        def rested() -> bool:
            editor.press("<Esc>")
            return editor.lua(is_sure) is True

        wait_until(rested, "keys to count")
        with editor.another() as other:
            wait_until(lambda: editor.lua(is_sure) is False, "the stranger to be seen")
            assert other.lua("return require('signoff.keys').has_strangers()") is True
        wait_until(rested, "keys to count again")
        editor.lua("vim.api.nvim_input('j')")
        assert editor.lua(is_sure) is False
        wait_until(rested, "keys to count again")
        editor.lua("vim.api.nvim_feedkeys('j', 'n', false)")
        assert editor.lua(is_sure) is True
