"""Everything that can change a text in Neovim, played with the truth written beside it.

A scenario is a list of acts; each names who makes the changes that come of it. Persons type through
the user interface's channel, one key at a time, at the pace at which evidence is said.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tests.support.deadline import wait_until
from tests.support.editors import Neovim

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.json_form import step_rows
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.live import live_episode
from signoff_collector.system.clock import SystemClock

AGENT = "甲乙丙丁戊己庚辛壬癸"
"""Characters that only programs put in: where both write at once, they tell who it was."""
_CHUNK = 7
_ONE = r"(?:<[A-Za-z][^<> ]*>|.)"
_KEY = re.compile(
    rf"<C-k>..|<C-v>(?:u[0-9A-F]+|[0-9]+|.)|<C-r>(?:<C-[rop]>)?.|<C-w>.|[ia]w"
    rf"|[1-9][0-9]*[rq@gz\]]?{_ONE}|[rq@gz\]\"]{_ONE}|{_ONE}",
    re.DOTALL,
)
"""One key, or one with those it waits for: Neovim answers nobody while it does."""
_SINGLE = re.compile(_ONE, re.DOTALL)
Row = Mapping[str, object]
Truth = str | Callable[[str], str]
"""Who made the changes of an act: a class, or what tells it from the text that came in."""


def typed_or_agent(text: str) -> str:
    """Tell apart by the characters; a deletion here is always the person's."""
    return "program" if set(text) & set(AGENT) else "typed"


def only(characters: str) -> Callable[[str], str]:
    """Tell that exactly these texts are typed and everything else is the editor's."""
    return lambda text: "typed" if text in characters else "editor"


@dataclass(kw_only=True)
class Stage:
    """One Neovim with one file of a workspace, and what was done in it so far."""

    editor: Neovim
    chance: random.Random
    path: Path
    spans: list[tuple[str, int, int, Truth]] = field(default_factory=list)
    scenario: str = ""

    def word(self) -> str:
        letters = self.chance.choices(string.ascii_lowercase, k=self.chance.randint(2, 5))
        return "".join(letters)

    def by(self, truth: Truth, act: Callable[[], object]) -> None:
        """Do something and remember which versions came of it, and whose they are."""
        before = self.version()
        act()
        self.editor.quiet()
        self.spans.append((self.scenario, before, self.version(), truth))

    def type(self, keys: str, truth: Truth = "typed") -> None:
        self.by(truth, lambda: self.press(keys))

    def press(self, keys: str) -> None:
        """Press keys one by one, no more in a row than hands could."""
        count = 0
        for key in _KEY.findall(keys):
            count += len(_SINGLE.findall(key))
            if count > _CHUNK:
                self._be_heard()
                count = len(_SINGLE.findall(key))
            self.editor.press("<lt>" if key == "<" else key)
        self._be_heard()

    def _be_heard(self) -> None:
        wait_until(
            lambda: not self.editor.lua("return require('signoff.evidence').is_holding()"),
            "evidence of keys to be said",
        )

    def lua(self, code: str, *arguments: object) -> object:
        return self.editor.lua(code, *arguments)

    def version(self) -> int:
        return cast("int", self.lua("return require('signoff.sync').version(...)", self.buffer()))

    def buffer(self) -> int:
        return cast("int", self.lua("return vim.fn.bufnr(...)", str(self.path)))

    def begin(self, scenario: str) -> None:
        """Give the scenario three fresh lines, put there by a program, and the cursor on them."""
        self.scenario = scenario
        self.rest()
        lines = ["alpha beta gamma", "one two three", "last 41 line"]
        self.by("program", lambda: self.editor.call("nvim_buf_set_lines", 0, -1, -1, True, lines))
        count = self.editor.call("nvim_buf_line_count", 0)
        self.editor.call("nvim_win_set_cursor", 0, [count - 2, 0])

    def rest(self) -> None:
        """Leave insert mode and wait, quiet as any person is, until keys count again."""

        def is_trusted() -> object:
            self.editor.press("<Esc>")
            return self.lua("return require('signoff.keys').is_sure()")

        wait_until(is_trusted, "keys to be sure again")

    def answers(self, folder: Path) -> list[tuple[str, str, str]]:
        """Return (scenario, truth, class) of every change, from the session as sealing sees it."""
        self.editor.settle()
        data = live_episode(resolve_home(), folder, SystemClock())
        rows = [row for row in step_rows(read_episode(data)) if row["kind"] == "edit"]
        found: list[tuple[str, str, str]] = []
        for row in rows:
            version, text = cast("int", row["version"]), str(row["text"])
            for scenario, first, last, truth in self.spans:
                if first < version <= last:
                    whose = truth if isinstance(truth, str) else truth(text)
                    actor = cast("Mapping[str, str]", row["actor"])
                    found.append((scenario, whose, actor["class"]))
        return found


Scenario = Callable[[Stage], None]
SCENARIOS: dict[str, Scenario] = {}
LIMITS: dict[str, Scenario] = {}
"""What cannot be told from a keyboard: measured, listed, and in no claim."""


def scenario(name: str, into: dict[str, Scenario] | None = None) -> Callable[[Scenario], Scenario]:
    """Enter a scenario under its name."""

    def enter(function: Scenario) -> Scenario:
        (SCENARIOS if into is None else into)[name] = function
        return function

    return enter


def pairs(*acts: tuple[str, Truth]) -> Scenario:
    """Return the scenario that presses these keys, each with its truth."""

    def play(stage: Stage) -> None:
        for keys, truth in acts:
            stage.type(re.sub("WORD", lambda _: stage.word(), keys), truth)

    return play


EMOJI = "\U0001f600\U0001f9ea"
for _name, _acts in {
    "typing: insert mode": [(f"oWORD {EMOJI}WORD<Esc>", "typed")],
    "typing: long line": [("AWORD WORD WORD WORD WORD<Esc>", "typed")],
    "typing: replace mode": [(f"0R{EMOJI}XYZ<Esc>", "typed")],
    "typing: line breaks and indent": [("o  ab<CR>WORD<CR><Tab>z<Esc>", "typed")],
    "typing: corrections": [("Axyz uvw<BS><BS><C-w>q<C-u>r<Esc>", "typed")],
    "typing: operators": [("dwxX~jguiwcwWORD<Esc>", "typed"), ("jrq>>D", "typed")],
    "typing: join, count, number": [("J2xGw<C-a>", "typed")],
    "typing: visual operators": [("viwUviwdjviwcWORD<Esc>V>", "typed")],
    "typing: over a selection": [("viw<C-g>WORD<Esc>", "typed")],
    "typing: line broken by textwidth": [
        (":setlocal tw=12<CR>", "command"),
        ("oWORD WORD WORD<Esc>", "typed"),
        (":setlocal tw=0<CR>", "command"),
    ],
    "completion: popup": [
        ("oal", "typed"),
        ("<C-n>", "completion"),
        ("<C-y>", "completion"),
        ("q<Esc>", "typed"),
    ],
    "completion: whole line": [
        ("olast", "typed"),
        ("<C-x><C-l>", "completion"),
        ("<C-e>", "completion"),
        ("<Esc>", "command"),
    ],
    "paste: register": [
        ("yyp", "pasted"),
        ("P", "pasted"),
        ("yiw", "typed"),
        ("viwp", "pasted"),
        ("]p", "pasted"),
    ],
    "paste: register in insert mode": [
        ('yiwA<C-r>"', "pasted"),
        ('<C-r><C-o>"', "pasted"),
        ("<C-r><C-r>0", "pasted"),
        ("<C-r>=1+1<CR>", "pasted"),
        ("WORD<Esc>", "typed"),
        ("A<C-a>", "command"),
        ("<Esc>", "command"),
    ],
    "undo and redo": [
        ("xdwx", "typed"),
        ("u", "undo"),
        ("2u", "undo"),
        ("<C-r>", "redo"),
        ("g-", "undo"),
        ("g+", "redo"),
        (":undo<CR>", "undo"),
        (":redo<CR>", "redo"),
        (":earlier 1<CR>", "undo"),
        (":later 1<CR>", "redo"),
        ("x", "typed"),
        ("U", "undo"),
        ("AWORD<Esc>", "typed"),
    ],
    "macro": [
        ("qqxq", "typed"),
        ("@q", "command"),
        ("2@q", "command"),
        ("@@", "command"),
        ("x", "typed"),
    ],
    "macro: insert": [
        ("qwAz<Esc>q", "typed"),
        ("@w", "command"),
        (":norm! Azz<CR>", "command"),
        (":norm @w<CR>", "command"),
    ],
    "repeat": [
        ("x", "typed"),
        (".", "command"),
        ("3.", "command"),
        ("AWORD<Esc>", "typed"),
        (".", "command"),
    ],
    "repeat: count": [("3i", "typed"), ("z", "typed"), ("<Esc>", "command"), ("x", "typed")],
    "many lines at once": [
        ("0<C-v>jIWORD", "typed"),
        ("<Esc>", "command"),
        ("0<C-v>jcWORD", "typed"),
        ("<Esc>", "command"),
        ("0<C-v>j$AWORD", "typed"),
        ("<Esc>", "command"),
    ],
    "digraphs and codes": [
        ("A<C-k>a:", "typed"),
        ("<C-v>u1F600", "typed"),
        (" <C-v>065q<Esc>", "typed"),
    ],
    "substitute and global": [
        (":s/a/b/g<CR>", "command"),
        ("&", "command"),
        (":g/line/s/last/first/<CR>", "command"),
        (":g/three/normal A!<CR>", "command"),
        (":.!tr a-z A-Z<CR>", "command"),
        (":m0<CR>", "command"),
        (":t.<CR>", "pasted"),
        (":s/B/c/gc<CR>", "command"),
        ("y", "command"),
        ("q", "command"),
    ],
    "indent, format, filter": [
        ("==", "command"),
        ("A a b c d e f<Esc>", "typed"),
        (":setlocal tw=8<CR>", "command"),
        ("gqq", "command"),
        ("gww", "command"),
        (":setlocal tw=0<CR>", "command"),
        ("!!sort<CR>", "command"),
        (":%!sort<CR>", "command"),
    ],
    "default mappings": [("gcc", "command"), ("]<Space>", "command"), ("viwgc", "command")],
}.items():
    SCENARIOS[_name] = pairs(*cast("Sequence[tuple[str, Truth]]", _acts))


@contextmanager
def configured(stage: Stage, do: str, undo: str) -> Generator[None]:
    """Run Lua before, and other Lua to take its effect back."""
    stage.lua(do)
    try:
        yield
    finally:
        stage.editor.press("<Esc>")
        stage.lua(undo)


@scenario("two windows on one buffer")
def _two_windows(stage: Stage) -> None:
    with configured(stage, "vim.cmd.split()", "vim.cmd.only()"):
        stage.type(f"o{stage.word()}<C-o>x<Esc>")
        stage.editor.press("<C-w>w")
        stage.type(f"Gox{EMOJI}{stage.word()}<Esc>")


@scenario("typing: comments go on")
def _comments(stage: Stage) -> None:
    with configured(
        stage,
        "vim.bo.comments = ':--'; vim.opt_local.formatoptions:append('ro')",
        "vim.opt_local.formatoptions:remove('ro')",
    ):
        stage.type(f"o-- {stage.word()}<CR>{stage.word()}<Esc>o<BS>{stage.word()}<Esc>")


@scenario("input method: keymap")
def _keymap(stage: Stage) -> None:
    with configured(stage, "vim.bo.keymap = 'russian-jcukenwin'", "vim.bo.keymap = ''"):
        stage.type(f"A{stage.word()}<Esc>")


@scenario("input method: dead keys")
def _dead_keys(stage: Stage) -> None:
    with configured(stage, "vim.bo.keymap = 'accents'", "vim.bo.keymap = ''"):
        stage.type("A'e`a\"u<Esc>")


@scenario("input method: several characters at once")
def _composed(stage: Stage) -> None:
    stage.type("A")
    stage.by("typed", lambda: stage.editor.press("日本語"))
    stage.by("typed", lambda: stage.editor.press(EMOJI))
    stage.type("<Esc>")


@scenario("input method: langmap")
def _langmap(stage: Stage) -> None:
    with configured(stage, "vim.o.langmap = 'ф;a,ч;x'", "vim.o.langmap = ''"):
        stage.type("чч")


@scenario("paste: terminal")
def _paste(stage: Stage) -> None:
    chat = f"def f({stage.word()}):\n    return {stage.word()}  # {EMOJI}\n"
    stage.type("o")
    stage.by("pasted", lambda: stage.editor.call("nvim_paste", chat, True, -1))
    stage.type("x<Esc>")
    stage.by("pasted", lambda: stage.editor.call("nvim_paste", stage.word(), True, -1))


@scenario("paste: 40 kB in pieces")
def _long_paste(stage: Stage) -> None:
    piece = "".join(f"{stage.word()} = {number}\n" for number in range(800))
    stage.type("o")

    def paste() -> None:
        for phase in (1, 2, 2, 3):
            stage.editor.call("nvim_paste", piece, True, phase)

    stage.by("pasted", paste)
    stage.type(f"{stage.word()}<Esc>")


@scenario("paste: that looks like keys")
def _raw_paste(stage: Stage) -> None:
    text = " ".join(stage.word() for _ in range(200))
    stage.type("o")
    stage.by("pasted", lambda: stage.editor.press(text))
    stage.type("<Esc>")


@scenario("paste: mouse")
def _mouse(stage: Stage) -> None:
    stage.lua(
        "vim.o.mouse = 'a'; local t = { { 'mouse text' }, 'v' }\n"
        "local get = function() return t end; local set = function() end\n"
        "vim.g.clipboard = { name = 'test', paste = { ['*'] = get, ['+'] = get },"
        " copy = { ['*'] = set, ['+'] = set } }"
    )
    for keys in ("", "i"):
        stage.editor.press(keys or "<Esc>")
        press = ("middle", "press", "", 0, 3, 3)
        stage.by("pasted", lambda press=press: stage.editor.call("nvim_input_mouse", *press))
        release = ("middle", "release", "", 0, 3, 3)
        stage.by("pasted", lambda release=release: stage.editor.call("nvim_input_mouse", *release))


@scenario("auto-pairs: mapping")
def _pairs_mapping(stage: Stage) -> None:
    with configured(stage, "vim.keymap.set('i', '(', '()<Left>')", "vim.keymap.del('i', '(')"):
        stage.type(f"A{stage.word()}")
        stage.type("(", only("("))
        stage.type(f"{stage.word()}<Esc>")


@scenario("auto-pairs: expression")
def _pairs_expression(stage: Stage) -> None:
    with configured(
        stage,
        "vim.keymap.set('i', '[', function() return '[]<Left>' end, { expr = true })",
        "vim.keymap.del('i', '[')",
    ):
        stage.type("A")
        stage.type("[", only("["))
        stage.type(f"{stage.word()}<Esc>")


@scenario("auto-pairs: plugin that edits")
def _pairs_plugin(stage: Stage) -> None:
    with configured(
        stage,
        """
        vim.keymap.set('i', '{', function() vim.api.nvim_put({ '{}' }, 'c', false, true) end)
        pair = vim.api.nvim_create_autocmd('InsertCharPre', { callback = function()
          if vim.v.char == '"' then
            vim.schedule(function()
              local at = vim.api.nvim_win_get_cursor(0)
              vim.api.nvim_buf_set_text(0, at[1] - 1, at[2], at[1] - 1, at[2], { '"甲' })
            end)
          end
        end })
        """,
        "vim.keymap.del('i', '{'); vim.api.nvim_del_autocmd(pair)",
    ):
        stage.type("A")
        stage.type("{", "editor")
        stage.type(f'"{stage.word()}<Esc>', typed_or_agent)


@scenario("abbreviations")
def _abbreviations(stage: Stage) -> None:
    stage.editor.command("iabbrev teh the")
    stage.type("Ateh")
    stage.type("<Space>", "editor")
    stage.type(f"{stage.word()}<Esc>")


@scenario("mappings of keys")
def _mappings(stage: Stage) -> None:
    with configured(
        stage,
        """
        vim.keymap.set('n', 'Q', 'Aquick<Esc>')
        vim.keymap.set('i', 'jj', '<Esc>')
        vim.keymap.set('n', '<F5>', '<Cmd>call setline(1, "甲")<CR>')
        vim.keymap.set('n', '<F6>', ':call setline(1, "乙")<CR>')
        vim.keymap.set('i', '<F7>', function() vim.api.nvim_put({ '丙' }, 'c', true, true) end)
        """,
        "for _, k in ipairs({ 'Q', '<F5>', '<F6>' }) do vim.keymap.del('n', k) end\n"
        "vim.keymap.del('i', 'jj'); vim.keymap.del('i', '<F7>')",
    ):
        stage.type("Q", "command")
        stage.type(f"A{stage.word()}jj")
        stage.type("<F5>", "program")
        stage.type("<F6>", "command")
        stage.type("A")
        stage.type("<F7>", "program")
        stage.type("x<Esc>")


@scenario("snippet")
def _snippet(stage: Stage) -> None:
    stage.type("o")
    stage.by(
        "command", lambda: stage.lua("vim.snippet.expand('for ${1:name} in ${2:list} do $0 end')")
    )
    stage.type(f"{stage.word()}", typed_or_agent)
    stage.by("command", lambda: stage.editor.press("<Tab>"))
    stage.type(f"{stage.word()}<Esc>")
    stage.lua("vim.snippet.stop()")


def until_changed(stage: Stage, act: Callable[[], object]) -> Callable[[], None]:
    """Return an act that ends when the buffer has changed."""

    def play() -> None:
        before = stage.version()
        act()
        wait_until(lambda: stage.version() != before, "the change")

    return play
