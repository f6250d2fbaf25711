"""Programs that change a text in Neovim: language servers, agents, plugins, autocommands.

With those of `actors.py` these are all scenarios; `LIMITS` cannot be told from a keyboard.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.actors import (
    AGENT,
    EMOJI,
    LIMITS,
    SCENARIOS,
    Scenario,
    Stage,
    configured,
    scenario,
    typed_or_agent,
    until_changed,
)
from tests.support.deadline import deadline, wait_until
from tests.support.editors import Neovim, neovim_program

__all__ = ["LIMITS", "SCENARIOS"]

SERVER = Path(__file__).with_name("actor_server.py")


def with_server(stage: Stage) -> None:
    """Attach the language server that changes text, once."""
    stage.lua(
        """
        if #vim.lsp.get_clients({ name = 'actor' }) == 0 then
          vim.lsp.start({ name = 'actor', cmd = { ... } })
        end
        """,
        sys.executable, "-I", str(SERVER),
    )  # fmt: skip
    wait_until(
        lambda: stage.lua(
            "local c = vim.lsp.get_clients({ name = 'actor' })[1]"
            " return c ~= nil and c.initialized and c.attached_buffers[vim.fn.bufnr()] ~= nil"
        ),
        "the other server",
    )


@scenario("language server: format, rename, action")
def _server(stage: Stage) -> None:
    with_server(stage)
    stage.by("formatter", lambda: stage.lua("vim.lsp.buf.format({ name = 'actor' })"))
    name = stage.word()
    stage.by("command", until_changed(stage, lambda: stage.lua(f"vim.lsp.buf.rename('{name}')")))
    stage.by(
        "command",
        until_changed(stage, lambda: stage.lua("vim.lsp.buf.code_action({ apply = true })")),
    )
    stage.type(f"A{stage.word()}<Esc>")


@scenario("language server: completion with a snippet")
def _server_completion(stage: Stage) -> None:
    with_server(stage)
    stage.lua(
        "local c = vim.lsp.get_clients({ name = 'actor' })[1]\n"
        "vim.lsp.completion.enable(true, c.id, 0)\n"
        "vim.o.completeopt = 'menuone,noselect'"
    )
    stage.type("osni")
    stage.lua("vim.lsp.completion.get()")
    wait_until(lambda: stage.lua("return vim.fn.pumvisible() == 1"), "the menu")
    stage.type("<C-n>", "completion")
    stage.type("<C-y>", "completion")
    stage.type(stage.word())
    stage.editor.press("<Esc>")
    stage.lua("vim.snippet.stop(); vim.o.completeopt = 'menu,popup'")


@scenario("program: edits by RPC of the user interface")
def _rpc(stage: Stage) -> None:
    call = stage.editor.call
    stage.type(f"A{stage.word()}")
    for text in AGENT[:4]:
        stage.by("program", lambda text=text: call("nvim_buf_set_text", 0, 0, 0, 0, 0, [text]))
        stage.by("program", lambda text=text: call("nvim_put", [text], "c", False, True))
        stage.type("q")
    stage.by("program", lambda: call("nvim_feedkeys", "甲", "n", False))
    stage.type("<Esc>")
    stage.by("program", lambda: call("nvim_command", "normal! A甲"))


def streaming(start: str, stop: str) -> Scenario:
    """Return the scenario of an agent in the editor's process that writes while a person types."""

    def play(stage: Stage) -> None:
        stage.lua(start.replace("EACH", f"local each = vim.fn.split('{AGENT}', [[\\zs]])"))
        stage.type(f"A{stage.word()} {stage.word()} {stage.word()}", typed_or_agent)
        stage.type(f"<BS>q<CR>{stage.word()} {EMOJI}<Esc>", typed_or_agent)
        stage.lua(stop)

    return play


_TIMER = """
EACH
local n = 0
streamer = vim.uv.new_timer()
streamer:start(1, 3, vim.schedule_wrap(function()
  n = n + 1
  local text = each[n % 10 + 1]
  ACT
end))
"""
for _name, _act in {
    "nvim_buf_set_text": "vim.api.nvim_buf_set_text(0, 0, 0, 0, 0, { text })",
    "setline": "vim.fn.setline(1, text .. vim.fn.getline(1))",
    "nvim_put": "vim.api.nvim_put({ text }, 'c', false, true)",
    "nvim_feedkeys": "vim.api.nvim_feedkeys(text, 'n', false)",
    "nvim_feedkeys as typed": "vim.api.nvim_feedkeys(text, 't', false)",
    "nvim_input": "vim.api.nvim_input(text)",
    "normal": "if vim.fn.mode() == 'n' then vim.cmd('normal! a' .. text) end",
}.items():
    SCENARIOS[f"agent in Neovim, streaming: {_name}"] = streaming(
        _TIMER.replace("ACT", _act), "streamer:stop(); streamer:close()"
    )
SCENARIOS["agent in Neovim, streaming: Vim script timer"] = streaming(
    "vim.cmd([[let streamer = timer_start(3, {-> setline(1, '甲' .. getline(1))},"
    " {'repeat': -1})]])",
    "vim.cmd('call timer_stop(streamer)')",
)


def _autocommand(event: str, lua: str) -> Scenario:
    def play(stage: Stage) -> None:
        with configured(
            stage,
            f"edited = vim.api.nvim_create_autocmd('{event}', {{ {lua} }})",
            "vim.api.nvim_del_autocmd(edited)",
        ):
            stage.type(f"A{stage.word()}<Esc>xA{stage.word()} <Esc>", typed_or_agent)

    return play


for _event in ("TextChangedI", "TextChanged", "InsertLeave", "CursorMovedI", "InsertEnter"):
    SCENARIOS[f"autocommand, Lua: {_event}"] = _autocommand(
        _event, "callback = function() vim.fn.setline(1, '甲' .. vim.fn.getline(1)) end"
    )
    SCENARIOS[f"autocommand, Vim script: {_event}"] = _autocommand(
        _event, "command = [[call setline(1, '甲' .. getline(1))]]"
    )
SCENARIOS["autocommand: InsertCharPre puts more in"] = _autocommand(
    "InsertCharPre", "command = [[let v:char = v:char == 'e' ? '甲乙' : v:char]]"
)


@scenario("plugin with vim.on_key that edits")
def _on_key(stage: Stage) -> None:
    with configured(
        stage,
        """
        local space = vim.api.nvim_create_namespace('other')
        vim.on_key(function(_, typed)
          if typed == 'e' then
            vim.schedule(function() vim.api.nvim_buf_set_text(0, 0, 0, 0, 0, { '甲' }) end)
          end
        end, space)
        """,
        "vim.on_key(nil, vim.api.nvim_create_namespace('other'))",
    ):
        stage.type(f"Ae{stage.word()}ee{stage.word()}<Esc>", typed_or_agent)


@scenario("terminal buffer")
def _terminal(stage: Stage) -> None:
    stage.editor.command("split | terminal cat")
    stage.editor.press(f"i{stage.word()}<CR>")
    stage.editor.press("<C-\\><C-n>")
    stage.editor.command("bwipeout!")
    stage.type(f"A{stage.word()}<Esc>")


@contextmanager
def stranger(stage: Stage) -> Generator[Neovim]:
    """Connect another program to the same Neovim."""
    with stage.editor.another() as other:
        yield other
    wait_until(
        lambda: not stage.lua("return require('signoff.keys').has_strangers()"), "it to be gone"
    )


@scenario("agent over RPC, streaming keys while a person types")
def _stranger(stage: Stage) -> None:
    with stranger(stage) as other:
        other.press("A")
        for text in AGENT:
            stage.by("program", lambda text=text: other.press(text))
            stage.type("q")
            stage.by(
                "program",
                lambda text=text: other.call("nvim_buf_set_text", 0, 0, 0, 0, 0, [text]),
            )
            stage.by("program", lambda text=text: other.call("nvim_feedkeys", text, "t", False))
        other.press("<Esc>")
    stage.rest()
    stage.type(f"A{stage.word()}<Esc>")


@scenario("remote-send")
def _remote(stage: Stage) -> None:
    address = str(stage.lua("return vim.v.servername"))
    for _ in range(3):
        stage.type(f"A{stage.word()}<Esc>")
        argv = [str(neovim_program()), "--server", address, "--remote-send", "A甲乙<Esc>"]

        def send(argv: list[str] = argv) -> None:
            subprocess.run(argv, check=True, timeout=deadline(), capture_output=True)

        stage.by("program", until_changed(stage, send))
        stage.rest()


@scenario("save: something formats")
def _on_save(stage: Stage) -> None:
    with configured(
        stage,
        "edited = vim.api.nvim_create_autocmd('BufWritePre', {"
        " command = [[call setline(1, '甲' .. getline(1))]] })",
        "vim.api.nvim_del_autocmd(edited)",
    ):
        stage.type(f"A{stage.word()}<Esc>")
        stage.type(":w<CR>", "program")


@scenario("Vim script that feeds keys as typed", LIMITS)
def _feeding(stage: Stage) -> None:
    stage.type("A")
    stage.by(
        "program",
        until_changed(stage, lambda: stage.editor.command("call feedkeys('甲', 't')")),
    )
    stage.type("<Esc>")


@scenario("a user interface that is a program", LIMITS)
def _interface(stage: Stage) -> None:
    stage.type(f"A{stage.word()}<Esc>", "program")


@scenario("a paste of few characters that looks like keys", LIMITS)
def _short_raw_paste(stage: Stage) -> None:
    stage.type("A")
    stage.by("pasted", lambda: stage.editor.press("f(a, b)"))
    stage.type("<Esc>")
