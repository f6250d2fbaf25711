"""The history of a file in Neovim: chosen, looked at, put into the buffer; found text; today."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import EMOJI, enable, lsp_records, records
from tests.support.deadline import wait_until
from tests.support.editors import Neovim, neovim

from signoff_collector.capture.journal.journal import RecordKind

pytestmark = pytest.mark.editors

NUMBERED = "".join(f"line {number} {EMOJI}\n" for number in range(40))
"""Of more than 200 characters: the state before their deletion is worth having."""

CHOOSES = """
vim.g.offered, vim.g.choose, vim.g.said = {}, '', {}
vim.ui.select = function(items, options, chosen)
  vim.g.offered = vim.tbl_map(options.format_item, items)
  for index, words in ipairs(vim.g.offered) do
    if words:find(vim.g.choose, 1, true) then
      return chosen(items[index], index)
    end
  end
  chosen(nil, nil)
end
vim.notify = function(text) vim.g.said = vim.list_extend(vim.g.said, { text }) end
"""
"""What is offered is kept; the entry that holds `g:choose` is chosen, else none."""


@pytest.fixture
def workspace(tmp_path: Path, home: Path) -> Path:
    del home
    folder = tmp_path / "project"
    folder.mkdir()
    enable(folder)
    return folder


def restoring_evidence() -> list[str]:
    """Return the reasons that were told for putting an old state back."""
    bodies = [
        record.body for record in records(RecordKind.COMPANION) if isinstance(record.body, list)
    ]
    told = [json.loads(body[2]) for body in bodies if body[1] == "signoff/evidence"]
    return [one["reason"] for one in told if one.get("detail") == "restore"]


def choose(editor: Neovim, words: str) -> None:
    editor.lua("vim.g.choose, vim.g.offered, vim.g.said = ..., {}, {}", words)


def offered(editor: Neovim) -> list[str]:
    """Return what is offered, once it is."""
    return [str(one) for one in wait_until(lambda: editor.lua("return vim.g.offered"), "a choice")]


def said(editor: Neovim) -> list[str]:
    """Return what the person is told, once they are."""
    return [str(one) for one in wait_until(lambda: editor.lua("return vim.g.said"), "a word")]


def buffer_type(editor: Neovim) -> str:
    return str(editor.lua("return vim.bo.buftype"))


def wait_for_old_state(editor: Neovim) -> None:
    wait_until(
        lambda: buffer_type(editor) == "nofile" or editor.lua("return vim.g.said"),
        "the old state",
    )
    assert buffer_type(editor) == "nofile", (said(editor), offered(editor))


def lose_text(editor: Neovim, file: Path) -> None:
    """Open a file, write one more line, save, then delete all of it."""
    editor.edit(file)
    editor.press(f"Olast {EMOJI}<Esc>")
    editor.command("write")
    editor.press("ggVGd")
    editor.settle()


def test_a_lost_text_comes_back_into_the_buffer_as_one_change(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text(NUMBERED, "utf-8")
    with neovim(workspace, options=CHOOSES) as editor:
        lose_text(editor, file)
        saved = file.read_bytes()
        choose(editor, "characters were deleted")
        editor.command("Signoff history")
        assert "as it was last recorded" in offered(editor)[0]
        wait_for_old_state(editor)
        assert editor.text() == saved.decode().removesuffix("\n")
        assert editor.lua(
            "return vim.tbl_map(function(w) return vim.wo[w].diff end, vim.api.nvim_list_wins())"
        ) == [True, True]
        assert editor.lua("return vim.bo.modifiable or vim.bo.swapfile") is False
        editor.command("call feedkeys(\"\\<CR>\", 'x')")
        assert said(editor) == ["Signoff: a.py is as it was, unsaved; undo takes it back"]
        assert editor.call("nvim_buf_get_name", 0) == str(file)
        assert editor.text() == saved.decode().removesuffix("\n")
        assert editor.lua("return vim.bo.modified") is True
        assert editor.lua("return vim.wo.diff") is False
        assert len(editor.call("nvim_list_wins")) == 1
        editor.command("undo")
        assert editor.text() == ""
        editor.command("redo")
        editor.command("write")
        editor.settle()
        editor.quit()
    assert file.read_bytes() == saved
    assert restoring_evidence() == ["command"]
    opened = [params["textDocument"]["uri"] for _, params in lsp_records("textDocument/didOpen")]
    assert opened == [file.as_uri()]


def test_leaving_an_old_state_changes_nothing(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text(NUMBERED, "utf-8")
    with neovim(workspace, options=CHOOSES) as editor:
        lose_text(editor, file)
        saved = file.read_bytes()
        choose(editor, "characters were deleted")
        editor.command("Signoff history")
        wait_for_old_state(editor)
        editor.command("call feedkeys('q', 'x')")
        assert editor.call("nvim_buf_get_name", 0) == str(file)
        assert editor.text() == ""
        assert editor.lua("return vim.wo.diff") is False
        editor.settle()
        editor.quit()
    assert file.read_bytes() == saved


def test_a_file_that_is_gone_comes_back_with_its_line_ends(workspace: Path) -> None:
    file = workspace / "dos.txt"
    content = f"one {EMOJI}\r\ntwo\r\n".encode()
    file.write_bytes(content)
    with neovim(workspace, options=CHOOSES) as editor:
        editor.edit(file)
        editor.press("Gox<Esc>")
        editor.command("write")
        editor.settle()
        content += b"x\r\n"
        assert file.read_bytes() == content
        editor.command("bwipeout!")
        file.unlink()
        editor.edit(file)
        editor.command("set fileformat=dos")
        editor.settle()
        choose(editor, "+3 -0")
        editor.command("Signoff history")
        wait_for_old_state(editor)
        editor.command("call feedkeys(\"\\<CR>\", 'x')")
        assert not file.exists()
        editor.command("write")
        assert file.read_bytes() == content
        editor.quit()


def test_a_name_is_shown_and_not_run(workspace: Path) -> None:
    file = workspace / "%{execute('let g:owned=1')}.txt"
    file.write_text(NUMBERED, "utf-8")
    with neovim(workspace, options=CHOOSES) as editor:
        editor.lua("vim.cmd({ cmd = 'edit', args = { ... }, magic = { file = false } })", str(file))
        wait_until(
            lambda: editor.lua("return require('signoff').is_attached(0)"), "the bridge to attach"
        )
        editor.press("ggVGd")
        editor.settle()
        choose(editor, "characters were deleted")
        editor.command("Signoff history")
        wait_for_old_state(editor)
        editor.command("redraw!")
        bar = str(
            editor.lua("return vim.api.nvim_eval_statusline(vim.wo.winbar, { maxwidth = 300 }).str")
        )
        assert file.name in bar
        assert editor.lua("return vim.g.owned == nil") is True
        editor.quit()


def find(editor: Neovim, text: str, words: str) -> list[str]:
    choose(editor, words)
    editor.command(f"Signoff find {text}")
    return offered(editor)


def test_what_is_found_opens_where_it_is_or_was(workspace: Path) -> None:
    here, gone = workspace / "here.txt", workspace / "gone.txt"
    with neovim(workspace, options=CHOOSES) as editor:
        for file in (here, gone):
            editor.edit(file)
            editor.press(f"ifirst {EMOJI}<CR>def  parse_it():<CR>last<Esc>")
            editor.command("write")
        editor.settle()
        editor.command("bwipeout!")
        gone.unlink()
        editor.command("enew")
        editor.command("cd " + str(workspace))
        hits = find(editor, "def  parse_it", "here.txt:2  def  parse_it()")
        assert {words.split()[2] for words in hits} == {"gone.txt:2", "here.txt:2"}
        wait_until(lambda: editor.call("nvim_buf_get_name", 0) == str(here), "the file")
        assert editor.call("nvim_win_get_cursor", 0) == [2, 0]
        find(editor, "def  parse_it", "gone.txt:2  def  parse_it()")
        wait_for_old_state(editor)
        assert editor.text().startswith(f"first {EMOJI}\ndef  parse_it")
        assert editor.call("nvim_win_get_cursor", 0) == [2, 0]
        editor.quit()


def test_what_was_said_opens_in_a_replay(workspace: Path) -> None:
    with neovim(workspace, options=CHOOSES) as editor:
        editor.edit(workspace / "a.py")
        editor.press("ix<Esc>")
        editor.command("Signoff note remember the heron")
        said(editor)
        editor.settle()
        (hit,) = find(editor, "heron", "heron")
        assert hit.split()[2:] == ["note", "remember", "the", "heron"]
        wait_until(lambda: buffer_type(editor) == "terminal", "the replay")
        words = editor.lua("return vim.api.nvim_get_chan_info(vim.bo.channel).argv")
        assert words[-4] == "replay"
        assert words[-2] == "--from"
        assert str(words[-1]).startswith("step:")
        editor.quit()


def test_today_is_shown_and_is_no_file(workspace: Path) -> None:
    with neovim(workspace, options=CHOOSES) as editor:
        editor.edit(workspace / "a.py")
        editor.press(f"i{EMOJI}<Esc>")
        editor.command("write")
        editor.settle()
        editor.command("Signoff today")
        wait_for_old_state(editor)
        assert "a.py" in editor.text()
        assert editor.lua("return vim.bo.modifiable") is False
        editor.quit()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("history", "Signoff: nothing was recorded of .env"),
        ("find never written", "Signoff: 'never written' was not found"),
        ("find", ":Signoff find TEXT"),
        ("history of it", ":Signoff history is of the current file"),
    ],
)
def test_what_does_not_work_is_said_in_one_sentence(
    workspace: Path, words: str, expected: str
) -> None:
    with neovim(workspace, options=CHOOSES) as editor:
        # Never recorded; of another file its opening is, and is a state to choose.
        editor.command(f"edit {workspace / '.env'}")
        editor.command(f"Signoff {words}")
        assert said(editor) == [expected]


def test_without_a_program_it_is_said(workspace: Path) -> None:
    options = f"{CHOOSES}\nrequire('signoff').setup({{ cli = {{ '/nowhere/signoff' }} }})"
    with neovim(workspace, options=options) as editor:
        editor.command("Signoff today")
        assert said(editor) == ["Signoff: /nowhere/signoff cannot be run (:checkhealth signoff)"]


def test_the_editor_does_not_wait_for_the_program(workspace: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words: Sequence[Any] = ("sh", "-c", f"cat {pipe}")
    listed = ", ".join(f"'{word}'" for word in words)
    options = f"{CHOOSES}\nrequire('signoff').setup({{ cli = {{ {listed} }} }})"
    with neovim(workspace, options=options) as editor:
        editor.command("Signoff today")
        editor.command("call setline(1, 'typed meanwhile')")
        assert editor.text() == "typed meanwhile"
        pipe.write_text("what was done\n")
        wait_for_old_state(editor)
        assert editor.text() == "what was done"
