"""Verifications: test runs, builds, type checks and linters whose outcome is known."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.verdicts import Run
from signoff_schemas.steps import CommandStep, TestsStep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.episode.content import Episode

_PROGRAMS: Final = frozenset(
    {
        *("pytest", "tox", "nox", "mypy", "pyright", "basedpyright", "ruff", "flake8", "pylint"),
        *("tsc", "eslint", "vitest", "jest", "mocha", "rspec", "phpunit", "shellcheck"),
        *("make", "ninja", "cmake", "ctest", "gradle", "gradlew", "mvn", "luacheck"),
    }
)
"""Programs that check or build, whatever their arguments."""
_SUB_COMMANDS: Final[Mapping[str, frozenset[str]]] = {
    "cargo": frozenset({"build", "check", "clippy", "test", "run", "fmt"}),
    "go": frozenset({"build", "test", "vet", "run"}),
    "npm": frozenset({"test", "run", "t"}),
    "pnpm": frozenset({"test", "run", "build", "lint"}),
    "yarn": frozenset({"test", "run", "build", "lint"}),
    "npx": frozenset({"tsc", "eslint", "vitest", "jest"}),
    "uv": frozenset({"run"}),
    "bazel": frozenset({"build", "test", "run"}),
    "dotnet": frozenset({"build", "test", "run"}),
    "mix": frozenset({"test", "compile"}),
    "zig": frozenset({"build", "test", "run"}),
    "swift": frozenset({"build", "test", "run"}),
}
_RUNNERS: Final = frozenset({"python", "python3", "node", "ruby", "deno", "bun"})
"""Interpreters: what they run is tried out, if it is a file or module."""
_INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """One run that told whether the work is right."""

    seq: int
    verdicts: tuple[tuple[str, bool], ...]
    """What was told of each test or command: its name, and whether it passed."""


def verifications(episode: Episode) -> Iterator[Verification]:
    """Yield them in order; a command that ran tests with results is not counted twice."""
    told = {
        step.run_id for step in episode.steps if isinstance(step, TestsStep) and Run.of(step).told()
    }
    for step in episode.steps:
        if isinstance(step, TestsStep):
            verdicts = tuple(Run.of(step).told())
        elif isinstance(step, CommandStep) and told.isdisjoint(step.run_ids or ()):
            verdicts = tuple(_of_command(step))
        else:
            continue
        if verdicts:
            yield Verification(seq=step.seq, verdicts=verdicts)


def _of_command(step: CommandStep) -> Iterator[tuple[str, bool]]:
    line = " ".join((step.line or shlex.join(step.argv)).split())
    if step.exit_code in {None, _INTERRUPTED} or step.signal is not None:
        return
    if _is_check(line.split()):
        yield f"$ {line}", step.exit_code == 0


def _is_check(words: list[str]) -> bool:
    words = [word for word in words if "=" not in word.partition("/")[0]] or words
    name = words[0].rpartition("/")[2] if words else ""
    rest = words[1:]
    if name in _RUNNERS:
        return bool(rest) and (rest[0] == "-m" or not rest[0].startswith("-"))
    return name in _PROGRAMS or bool(rest and rest[0] in _SUB_COMMANDS.get(name, ()))
