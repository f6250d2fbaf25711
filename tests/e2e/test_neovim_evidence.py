"""What the Neovim companion says about who changed a text, and what was looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import EMOJI, enable, lsp_records, records
from tests.support.deadline import wait_until
from tests.support.editors import Neovim, neovim

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.json_form import step_rows
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.live import live_episode
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.editors


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    return folder


def companion(method: str) -> list[dict[str, Any]]:
    return [
        json.loads(record.body[2])
        for record in records(RecordKind.COMPANION)
        if isinstance(record.body, list) and record.body[1] == f"signoff/{method}"
    ]


def reasons() -> list[str | None]:
    """Return what was said of the changes, in order; None where nothing was said.

    Equal neighbours count once: Neovim may insert what was typed ahead in one change.
    """
    said = {item["version"]: item["reason"] for item in companion("evidence")}
    changes = lsp_records("textDocument/didChange")
    of_each = [said.get(params["textDocument"]["version"]) for _, params in changes]
    return [reason for reason, _ in groupby(of_each)]


def ring(editor: Neovim) -> None:
    """Change the buffer from outside, as an agent or a plugin's timer does."""
    editor.call("nvim_buf_set_text", 0, 0, 0, 0, 0, ["agent " + EMOJI])


ACTS: list[tuple[str, Callable[[Neovim], object], list[str | None]]] = [
    ("typed", lambda editor: editor.press(f"A{EMOJI}x<Esc>"), ["key"]),
    ("deleted", lambda editor: editor.press("dd"), ["key"]),
    ("undone", lambda editor: editor.press("ddu"), ["key", "undo"]),
    ("redone", lambda editor: editor.press("ddu<C-r>"), ["key", "undo", "redo"]),
    ("undo command", lambda editor: editor.press("dd:undo<CR>"), ["key", "undo"]),
    ("lower case", lambda editor: editor.press("guiw"), ["key"]),
    ("put", lambda editor: editor.press("yyp"), ["paste"]),
    ("register", lambda editor: editor.press("yiwA<C-r>0<Esc>"), ["paste"]),
    (
        "terminal paste",
        lambda editor: editor.call("nvim_paste", f"in{EMOJI}", True, -1),
        ["paste"],
    ),
    ("agent", ring, [None]),
    ("agent after a motion", lambda editor: (editor.press("j"), ring(editor)), [None]),
    ("substitute", lambda editor: editor.press(":%s/Two/2/<CR>"), ["command"]),
    ("macro", lambda editor: editor.press("qaxq@a"), ["key", "command"]),
    ("repeat", lambda editor: editor.press("x."), ["key", "command"]),
    (
        "format",
        lambda editor: editor.lua(
            "vim.lsp.util.apply_text_edits({{ range = { start = { line = 0, character = 0 },"
            " ['end'] = { line = 0, character = 0 } }, newText = '  ' }},"
            " vim.api.nvim_get_current_buf(), 'utf-16')"
        ),
        ["command"],
    ),
    ("completion", lambda editor: editor.press("GoTw<C-n><C-y><Esc>"), ["key", "completion"]),
]


@pytest.mark.parametrize(("act", "expected"), [act[1:] for act in ACTS], ids=[a[0] for a in ACTS])
def test_who_changed_the_text(
    workspace: Path, act: Callable[[Neovim], object], expected: list[str | None]
) -> None:
    file = workspace / "a.txt"
    file.write_text("One\nTwo\nThree\n")
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press("gg")
        act(editor)
        editor.settle()
        editor.quit()
    assert reasons() == expected


def test_what_was_chosen_and_searched_is_told_and_sealed(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text(f"alpha {EMOJI}\nalpine\nbeta\n")
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press("Goal<C-n><C-n>")
        editor.press("<C-y><Esc>")
        editor.press("/al<CR>")
        editor.press(f":vimgrep /{EMOJI}/j %<CR>")
        wait_until(lambda: len(companion("search")) == 2, "both searches")
        editor.press("u")
        editor.settle()
        data = live_episode(resolve_home(), workspace, SystemClock())
        editor.quit()
    rows = list(step_rows(read_episode(data)))
    (assist,) = [row for row in rows if row["kind"] == "assist"]
    assert assist["feature"] == "completion"
    assert assist["provider"] == "builtin"
    assert set(assist["offered"]) >= {"alpha", "alpine"}
    assert assist["chosen"] in {"alpha", "alpine"}
    searches = [row for row in rows if row["kind"] == "search"]
    assert [(row["query"], row["scope"], row["hits"]) for row in searches] == [
        ("al", "file", 3), (f"/{EMOJI}/j %", "workspace", 1),
    ]  # fmt: skip


OFFERING = """
local number = 0
local function request(method, _, answer)
  local offered = { { label = 'alphabet 🎉' }, { label = 'alphorn' } }
  local results = {
    initialize = { capabilities = { completionProvider = vim.empty_dict() } },
    ['textDocument/completion'] = offered,
  }
  vim.schedule(function()
    answer(nil, results[method])
  end)
  number = number + 1
  return true, number
end
vim.lsp.start({ name = 'offering', cmd = function()
  return { request = request, notify = function() return true end,
           is_closing = function() return false end, terminate = function() end }
end })
vim.bo.omnifunc = 'v:lua.vim.lsp.omnifunc'
vim.o.completeopt = 'menuone,noinsert,noselect'
"""


def test_a_suggestion_that_was_refused_or_passed_over_is_told_once(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text(f"alpha {EMOJI}\nalpine\n")
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.lua(OFFERING)
        ready = "return vim.lsp.get_clients({ name = 'offering' })[1].initialized"
        wait_until(lambda: editor.lua(ready) is True, "the server")
        offers = "return vim.fn.pumvisible() == 1"

        def ask(keys: str) -> None:
            editor.call("nvim_input", keys + "<C-x><C-o>")
            wait_until(lambda: editor.lua(offers) is True, "the menu")

        ask("Goalp")
        editor.press("<C-e>")  # refused
        ask("<Esc>oalp")
        editor.press(".")  # passed over
        ask("<Esc>oalp")
        editor.call("nvim_input", "<C-x><C-z>")
        wait_until(lambda: editor.lua(offers) is False, "no menu")
        ask("")  # for the same word: it went on
        editor.press("<Esc>")
        ask("oalp")
        editor.press("<C-n><C-y><Esc>")  # taken
        editor.press("Goal<C-n>")
        editor.press("<C-e><Esc>")  # words of files: that they were refused, not which
        editor.settle()
        wait_until(lambda: len(companion("assist")) >= 5, "what was offered")
        data = live_episode(resolve_home(), workspace, SystemClock())
        editor.quit()
    rows = [row for row in step_rows(read_episode(data)) if row["kind"] == "assist"]
    labels = ["alphabet 🎉", "alphorn"]
    told = [(row["outcome"], row["provider"], row["offered"], row.get("chosen")) for row in rows]
    assert told == [
        ("rejected", "offering", labels, None),
        ("superseded", "offering", labels, None),
        ("superseded", "offering", labels, None),
        ("accepted", "offering", labels, labels[0]),
        ("rejected", "builtin", [], None),
    ]


def test_folds_and_splits_are_seen_as_shown(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("".join(f"line {number} {EMOJI}\n" for number in range(200)))
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.command("3,6fold")
        editor.command("split")
        editor.press("100Gzt")

        def are_shown() -> bool:
            return any(
                [0, 2] in item["ranges"]
                and 6 in [first for first, _ in item["ranges"]]
                and 99 in [first for first, _ in item["ranges"]]
                for item in companion("view")
            )

        wait_until(are_shown, "both windows, the fold left out")
        editor.quit()


def test_view_selection_focus_and_diagnostics_are_told(workspace: Path) -> None:
    file = workspace / "a.txt"
    file.write_text("".join(f"line {number} {EMOJI}\n" for number in range(200)))
    with neovim(workspace) as editor:
        editor.edit(file)
        editor.press("100Gzt")
        editor.press("0vj$")
        wait_until(lambda: any(item["selections"] for item in companion("select")), "selections")
        editor.press("<Esc>")
        editor.lua("vim.api.nvim_exec_autocmds('FocusLost', {})")
        editor.lua("vim.api.nvim_exec_autocmds('FocusGained', {})")
        editor.lua(
            "vim.diagnostic.set(vim.api.nvim_create_namespace('t'), 0, {{ lnum = 2, col = 11,"
            " end_col = 15, message = 'odd', severity = 1, source = 'test', code = 'T1' }})"
        )
        wait_until(lambda: companion("diagnostics"), "diagnostics")
        wait_until(
            lambda: any(99 in [first for first, _ in item["ranges"]] for item in companion("view")),
            "the view of line 100",
        )
        editor.settle()
        editor.quit()
    selection = next(item for item in companion("select") if item["selections"])
    assert selection["selections"][0]["start"] == {"line": 99, "character": 0}
    assert selection["selections"][0]["end"] == {"line": 100, "character": 13}
    assert [item["to"] for item in companion("focus")] == ["other", "editor"]
    (item,) = companion("diagnostics")[0]["items"]
    assert item["range"] == {
        "start": {"line": 2, "character": 9},
        "end": {"line": 2, "character": 11},
    }
    assert (item["message"], item["source"], item["code"]) == ("odd", "test", "T1")
