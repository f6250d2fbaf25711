"""Parse a shell line into simple commands, as far as its text alone allows.

No shell is started and nothing is expanded: `$X` stays `$X`. What cannot be parsed (here documents,
function definitions) yields fewer commands, never wrong ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

MAX_LINE: Final = 8_000
"""Most characters of a line that are parsed."""
_TOKEN: Final = re.compile(
    r"""(?P<space>(?:[ \t\r]|\\\n)+)
    |(?P<redirect>\d*(?:<<<|<<-?|>>|>\||[<>]&?|&>>?))
    |(?P<operator>&&|\|\||\|&|;;|[;&|()\n])
    |(?P<word>(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|\$\(\([^()]*\)\)|[^\s;&|()<>'"\\])+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTED: Final = re.compile(r"""\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)\"""", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleCommand:
    """One program with its arguments, and the operators on either side."""

    words: tuple[str, ...]
    before: str = ""
    """`""` at the start; else `&&`, `||`, `|`, `;`, `&`, `(`, `)`; a line feed counts as `;`."""
    after: str = ""


@dataclass(slots=True)
class _Splitter:
    commands: list[SimpleCommand] = field(default_factory=list[SimpleCommand])
    words: list[str] = field(default_factory=list[str])
    before: str = ""
    skips_word: bool = False
    at_word_end: bool = False

    def space(self) -> None:
        self.at_word_end = False

    def redirect(self) -> None:
        self.skips_word, self.at_word_end = True, False

    def word(self, text: str) -> None:
        if self.skips_word:
            self.skips_word = False
        elif self.at_word_end:
            self.words[-1] += text
        else:
            self.words.append(text)
        self.at_word_end = bool(self.words)

    def operator(self, text: str) -> None:
        name = {"\n": ";", ";;": ";", "|&": "|"}.get(text, text)
        if self.words:
            self.commands.append(
                SimpleCommand(words=tuple(self.words), before=self.before, after=name)
            )
            self.before = name
        elif name != ";" or not self.before:
            self.before = name
        self.words = []
        self.skips_word = self.at_word_end = False


def split_line(line: str) -> tuple[SimpleCommand, ...]:
    """Return the simple commands of a line, in order; empty when it defines a function.

    Redirections and comments are dropped. Parsing ends at a here document.
    """
    splitter = _Splitter()
    place, end = 0, min(len(line), MAX_LINE)
    while place < end and (token := _TOKEN.match(line, place, end)) is not None:
        kind, text, place = token.lastgroup, token[0], token.end()
        if kind == "space":
            splitter.space()
        elif kind == "redirect":
            if text.lstrip("0123456789") in {"<<", "<<-"}:
                end = _line_end(line, place, end)
            splitter.redirect()
        elif kind == "operator":
            if text == "(" and splitter.words and not splitter.words[-1].endswith("$"):
                return ()
            splitter.operator(text)
        elif text.startswith("#") and not splitter.at_word_end:
            place = _line_end(line, place, end)
        else:
            splitter.word(_unquoted(text))
    splitter.operator("")
    return tuple(splitter.commands)


def _line_end(line: str, place: int, end: int) -> int:
    found = line.find("\n", place, end)
    return end if found < 0 else found


def _unquoted(text: str) -> str:
    return _QUOTED.sub(_content, text)


def _content(found: re.Match[str]) -> str:
    plain, single, double = found.groups()
    if plain is not None:
        return "" if plain == "\n" else str(plain)
    if single is not None:
        return str(single)
    return re.sub(r'\\([$`"\\\n])', lambda inner: inner[1].strip("\n"), str(double))


_PREFIXES: Final = frozenset(
    {
        "time", "env", "sudo", "doas", "nice", "ionice", "nohup", "exec", "command", "builtin",
        "stdbuf", "setsid", "timeout", "watch", "xargs", "chronic", "caffeinate",
    }
)  # fmt: skip
"""Programs and keywords that run another program."""
_BUILTINS: Final = frozenset(
    {
        "cd", "clear", "exit", "logout", "export", "unset", "set", "shopt", "setopt", "unsetopt",
        "alias", "unalias", "history", "fc", "jobs", "fg", "bg", "disown", "wait", "pushd",
        "popd", "dirs", "pwd", "echo", "printf", "source", ".", "eval", "read", "return",
        "shift", "true", "false", ":", "test", "[", "[[", "{", "}", "!", "if", "then", "else",
        "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function", "local",
        "declare", "typeset", "trap", "ulimit", "umask", "hash", "type", "which", "whence", "reset",
        "tput", "bind", "bindkey", "complete", "compdef", "autoload", "abbr", "not", "and", "or",
        "begin", "end",
    }
)  # fmt: skip
"""Shell builtins, and programs that only concern the terminal: they are not counted as work."""
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_AMOUNT: Final = re.compile(r"[0-9.]+[smhd]?")


def program_of(line: str) -> str:
    """Return the first program that a line ran, without its folder; empty where it ran none.

    Shell builtins, assignments, and prefixes such as `time`, `env` and `sudo` are skipped.
    """
    for command in split_line(line):
        words = without_prefixes(command.words)
        if words and words[0] not in _BUILTINS:
            return words[0]
    return ""


def without_prefixes(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a simple command from its program on, which is without its folder."""
    for place, word in enumerate(words):
        name = word.rpartition("/")[2]
        is_passed = word.startswith("-") or _ASSIGNMENT.match(word) or _AMOUNT.fullmatch(word)
        if not is_passed and name not in _PREFIXES:
            return (name, *words[place + 1 :])
    return ()
