"""Recognise test runners by the arguments of a command, in `signoff run` and shells.

Pure: nothing is looked up on disk or run. Only certain test runs are recognised: a build that may
run tests (`mvn install`) is not one, nor is a runner that was only asked for its version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final, Literal

from signoff_collector.capture.runs.runner_words import (
    framework_of,
    framework_of_module,
    framework_of_script,
    is_watching,
    report_of,
)
from signoff_collector.text.command_lines import SimpleCommand, split_line

_MAX_NESTING: Final = 4
_MAX_WORDS: Final = 2_000
Tells = Literal["always", "success", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A test runner, as one command names it."""

    framework: str
    """Such as `pytest`, `go`, `cargo`, `make`: the name a `tests` step gets."""
    argv: tuple[str, ...]
    """The runner's own arguments, without `env`, `uv run` and similar prefixes."""
    tells: Tells = "always"
    """When the line's exit code is the runner's: only a 0 in `a && pytest`, never before a `|`."""
    report: str | None = None
    """The result file that the arguments name: JUnit XML or `go test -json`."""

    @property
    def writes_json(self) -> bool:
        """Whether its output is a `go test -json` stream."""
        return self.framework == "go" and bool({"-json", "--json"} & set(self.argv))

    def exit_code(self, code: int | None) -> int | None:
        """Return the runner's exit code, given that of the whole command; None where unknown."""
        if self.tells == "always" or (self.tells == "success" and code == 0):
            return code
        return None


def recognise(command: str | Sequence[str]) -> Runner | None:
    """Return the first test runner in a shell line or argument list, or None.

    A line that calls `signoff run` gives None: that run writes its own step.
    """
    if isinstance(command, str):
        return _in_line(command, _MAX_NESTING)
    return _in_words(tuple(command)[:_MAX_WORDS], _MAX_NESTING)


_KEYWORDS: Final = frozenset(
    {"if", "then", "elif", "else", "do", "while", "until", "!", "{", "not", "and", "or", "begin"}
)
_QUIET: Final = frozenset({"cd", "export", "source", ".", "set", "true", "unset", "pushd", "clear"})
"""Commands before `&&` that hardly ever fail, so that a failure is the runner's."""


def _in_line(line: str, nesting: int) -> Runner | None:
    commands = split_line(line)
    for place, item in enumerate(commands):
        words = item.words
        while words and words[0] in _KEYWORDS:
            words = words[1:]
        found = _in_words(words, nesting)
        if found is not None:
            told = "never" if words != item.words else _tells(commands, place)
            return replace(found, tells=_weaker(found.tells, told))
    return None


def _weaker(one: Tells, other: Tells) -> Tells:
    order: tuple[Tells, ...] = ("never", "success", "always")
    return order[min(order.index(one), order.index(other))]


def _tells(commands: Sequence[SimpleCommand], place: int) -> Tells:
    """Return what the line's exit code reveals about the command at `place`."""
    later = [item.words for item in commands[place + 1 :]]
    item = commands[place]
    if item.after in {"|", "||", "&"} or "$" in item.before or item.before == "||":
        return "never"
    if place and commands[place - 1].words[-1].endswith("$") and item.before == "(":
        return "never"
    if any(word.words[:1] == ("set",) and word.words[1:] for word in commands[:place]):
        return "success" if not later else "never"
    if later:
        joined = all(each.before == "&&" for each in commands[place + 1 :])
        return "success" if joined else "never"
    if item.before == "&&":
        chain = commands[:place]
        return "always" if all(each.words[0] in _QUIET for each in chain) else "success"
    return "always"


def _in_words(words: tuple[str, ...], nesting: int) -> Runner | None:
    """Find the runner after prefixes such as `env A=1`, `uv run`, `timeout 5`."""
    for _ in range(12):
        while words and re.match(r"[A-Za-z_]\w*\+?=", words[0]):
            words = words[1:]
        if not words:
            return None
        name = program_name(words[0])
        if name in _SHELLS:
            return _in_shell(words, nesting)
        stripped = _without_prefix(name, words)
        if stripped is None:
            return _named(name, words)
        words = stripped
    return None


def _named(name: str, words: tuple[str, ...]) -> Runner | None:
    framework = framework_of(name, words)
    if name in _PYTHONS:
        framework = _of_python(words[1:])
    if framework is None:
        return None
    return Runner(
        framework=framework,
        argv=words,
        tells="never" if is_watching(framework, words) else "always",
        report=report_of(framework, words),
    )


def _of_python(words: tuple[str, ...]) -> str | None:
    module = _module(words)
    if module is not None:
        return framework_of_module(module)
    script = _after_options(words, frozenset({"-X", "-W", "-c"}))
    return framework_of_script(script) if script and "-c" not in words else None


def program_name(word: str) -> str:
    """Normalise a program's name: strip its folder, `.exe`, and an interpreter's version."""
    name = PurePath(word.replace("\\", "/")).name.lower().removesuffix(".exe").removesuffix(".cmd")
    return re.sub(r"^(python|pypy|pip)[\d.]+t?$", r"\1", name)


_PYTHONS: Final = frozenset({"python", "pypy", "py"})
_SHELLS: Final = frozenset({"sh", "bash", "zsh", "fish", "dash", "ksh", "ash"})


def _in_shell(words: tuple[str, ...], nesting: int) -> Runner | None:
    """Parse the line of `sh -c LINE`."""
    for place, word in enumerate(words[1:], 1):
        if not word.startswith(("-", "+")):
            return None
        if "c" in word.lstrip("-") and not word.startswith("--"):
            return (
                _in_line(words[place + 1], nesting - 1) if nesting and words[place + 1 :] else None
            )
    return None


_PREFIXES: Final[Mapping[str, tuple[frozenset[str], int]]] = {
    "env": (frozenset({"-u", "-C", "--unset", "--chdir"}), 0),
    "time": (frozenset({"-f", "-o"}), 0),
    "nice": (frozenset({"-n"}), 0),
    "ionice": (frozenset({"-c", "-n"}), 0),
    "nohup": (frozenset(), 0),
    "sudo": (frozenset({"-u", "-g"}), 0),
    "command": (frozenset(), 0),
    "exec": (frozenset(), 0),
    "builtin": (frozenset(), 0),
    "stdbuf": (frozenset({"-i", "-o", "-e"}), 0),
    "timeout": (frozenset({"-k", "-s", "--signal", "--kill-after"}), 1),
    "xvfb-run": (frozenset({"-n", "-s", "-e", "-f", "--server-args"}), 0),
    "caffeinate": (frozenset({"-t", "-w"}), 0),
    "npx": (frozenset({"-p", "--package"}), 0),
    "bunx": (frozenset(), 0),
    "uvx": (frozenset({"--from", "--with", "-p", "--python"}), 0),
    "direnv": (frozenset(), 2),
    "dotenv": (frozenset({"-f", "-e"}), 0),
    "catchsegv": (frozenset(), 0),
    "doas": (frozenset({"-u"}), 0),
}
"""Programs that run their arguments: options that take a value, and arguments before it."""
_TWO_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "uv": frozenset({"run"}),
    "poetry": frozenset({"run"}),
    "pdm": frozenset({"run"}),
    "pipenv": frozenset({"run"}),
    "hatch": frozenset({"run"}),
    "rye": frozenset({"run"}),
    "pixi": frozenset({"run"}),
    "pipx": frozenset({"run"}),
    "conda": frozenset({"run"}),
    "mamba": frozenset({"run"}),
    "micromamba": frozenset({"run"}),
    "mise": frozenset({"exec", "x"}),
    "bundle": frozenset({"exec"}),
    "pnpm": frozenset({"exec", "dlx"}),
    "yarn": frozenset({"exec", "dlx"}),
    "npm": frozenset({"exec", "x"}),
    "coverage": frozenset({"run"}),
}
_VALUED: Final = frozenset(
    {"-n", "-p", "--name", "--prefix", "--with", "--extra", "--group", "--python", "--env",
     "--env-file", "--package", "--project", "--directory", "-C", "--source", "--rcfile"}
)  # fmt: skip


def _without_prefix(name: str, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the arguments after such a prefix program, or None when it is not one."""
    if name in _PREFIXES:
        valued, skipped = _PREFIXES[name]
        return _after_options(words[1:], valued)[skipped:]
    if len(words) > 1 and words[1] in _TWO_WORDS.get(name, ()):
        rest = words[2:]
        if name == "coverage":  # `coverage run -m pytest` is as `python -m pytest`
            return ("python", *(rest[rest.index("-m") :] if "-m" in rest else rest))
        return _after_options(rest, _VALUED)
    module = _module(words[1:]) if name in _PYTHONS else None
    return module if module is not None and module[0] in _TWO_WORDS else None


def _after_options(words: tuple[str, ...], valued: frozenset[str]) -> tuple[str, ...]:
    place = 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] == "--":
            return words[place + 1 :]
        place += 2 if words[place] in valued else 1
    return words[place:]


def _module(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the words from the module of `python [OPTIONS] -m MODULE …`."""
    place = 0
    while place < len(words):
        word = words[place]
        if word == "-m" and place + 1 < len(words):
            return words[place + 1 :]
        if re.match(r"-[a-zA-Z]*m\w", word) and not word.startswith("--"):
            return (word.partition("m")[2], *words[place + 1 :])
        if not word.startswith("-") or word == "-c":
            return None
        place += 2 if word in {"-X", "-W"} else 1
    return None
