"""The command line: one verb, one module of `signoff_collector.commands`.

This module alone turns errors into text and exit codes. Verbs are imported
only when they are called, so that light ones stay light.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn, Protocol, cast

from signoff_collector import __version__
from signoff_collector.screen.console import Console, visible
from signoff_collector.system.abilities import WHERE_IT_RECORDS, can_record
from signoff_collector.system.hardening import harden
from signoff_schemas.errors import RefusedError, SignoffError, UsageError

DAILY_VERBS: Final[Mapping[str, str]] = {
    "enable": "record in this folder",
    "disable": "stop recording in this folder",
    "status": "what is recorded here, and what is not",
    "doctor": "check the installation on this machine",
    "setup": "put Signoff into your editors, shells and agents",
    "uninstall": "undo what `setup` changed",
    "pause": "record nothing for a while",
    "resume": "record again",
    "forget": "erase what was recorded",
    "stop": "end the session and seal it",
    "today": "what was done today, for you alone",
    "find": "search everything that was recorded here",
    "restore": "restore an old state of a file",
    "replay": "play an episode back",
    "task": "say what you set out to do",
    "note": "add a note at this moment",
    "run": "run a command and record its result",
    "shell": "start a shell that records outputs too",
    "review": "review a session: include, cut, mask, sign",
    "upload": "send a signed episode",
    "withdraw": "withdraw an uploaded episode",
    "receipts": "receipts of what was received, each checked",
    "uses": "which data sets hold your episodes, and when they were read",
}
"""Verbs shown first, with what each does."""
PLUMBING_VERBS: Final[Mapping[str, str]] = {
    "settings": "list the settings, or change one",
    "list": "sessions and episodes on this machine",
    "seal": "turn a session into an episode",
    "show": "what an episode contains",
    "check": "check an episode's bytes and its replay",
    "checkout": "write the files of one moment",
    "picture": "draw the workbench at one moment",
    "film": "make a film of an episode",
    "export": "write an episode in a form that trainers read",
    "label": "say of steps and spans what they were: labels beside an episode",
    "sign": "sign a reviewed episode",
    "verify": "check a sign-off",
    "discard": "delete a session or an episode",
    "lsp": "the language server that editors start",
    "dataset": "make a data set of signed episodes, and prove its rows",
    "hub": "run a hub, which receives signed episodes",
    "import": "make an episode from another format",
    "shell-init": "the hook that shells evaluate when they start",
    "completion": "what shells evaluate for the Tab key",
    "watch": "watch one session (started by Signoff itself)",
}
"""Verbs for scripts and editors."""
_EVERYWHERE: Final = frozenset(
    {
        "check", "checkout", "completion", "discard", "doctor", "export", "film", "find", "import",
        "label", "list", "picture", "receipts", "replay", "review", "settings", "show", "sign",
        "status", "today", "upload", "uses", "verify", "withdraw",
    }
)  # fmt: skip
"""Verbs that work on each system; the others need what Windows does not have."""
_MODULES: Final[Mapping[str, str]] = {
    "dataset": "signoff_datasets.commands.dataset",
    "export": "signoff_datasets.commands.export",
    "hub": "signoff_hub.commands.hub",
    "import": "signoff_collector.commands.import_trace",
    "shell-init": "signoff_collector.commands.shell_init",
}
"""Verbs whose module has another name; those of data sets and the hub lie in components above."""
_PLAIN: Final = "status"
_WRONG_CHOICE: Final = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
_CHOICES: Final = re.compile(r"[\w-]+")
_UNKNOWN_OPTION: Final = re.compile(r"unrecognized arguments: (--[\w-]+)")
_WORD: Final = 80
_REPEATED: Final = re.compile(
    rf"""(?<=:[ ])['"].{{{_WORD},}}['"](?=\Z|[ ]\(choose[ ]from[ ])
      | (?<=unrecognized[ ]arguments:[ ]).{{{_WORD},}}""",
    re.DOTALL | re.VERBOSE,
)
"""A long word of the command line, as complaints about it repeat it."""
_LINE: Final = 1000
"""So many characters of a line of a complaint are said."""


class Command(Protocol):
    """What every module of `commands` offers."""

    SUMMARY: str
    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the verb's arguments."""
        ...

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Do it and return the exit code."""
        ...


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with an argument as everything else here does."""

    def error(self, message: str) -> NoReturn:
        """Show how the verb is called, and end.

        Raises:
            UsageError: always.
        """
        self.print_usage(sys.stderr)
        near = self._meant(message)
        explains = f"`{self.prog} --help` explains each."
        message = _REPEATED.sub(_beginning, message)
        raise UsageError(message, hint=f"{near} {explains}" if near else explains)

    def _meant(self, message: str) -> str:
        """Return which option or choice was meant, as far as the complaint names one."""
        from signoff_collector.screen.suggestions import hint_of

        choice = _WRONG_CHOICE.search(message)
        if choice is not None:
            return hint_of(choice[1], _CHOICES.findall(choice[2]))
        unknown = _UNKNOWN_OPTION.search(message)
        if unknown is None:
            return ""
        return hint_of(unknown[1], (name for name in self._option_string_actions if len(name) > 2))


def _beginning(word: re.Match[str]) -> str:
    """Return the beginning of a long word, with the quotation mark that it ends with."""
    return f"{word[0][:_WORD]}…{word[0][-1] if word[0][0] == word[0][-1] else ''}"


def main(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code (docs/cli.md)."""
    harden()
    console = Console(is_json="--json" in _before_command(argv))
    try:
        return _run(argv, console)
    except SignoffError as error:
        console.note(_cut(f"error: {error}"))
        for detail in error.details:
            console.note(_cut(f"  {detail}"))
        if error.hint:
            console.note(_cut(f"hint: {_hint_in(argv, error)}"))
        return error.exit_code
    except BrokenPipeError:
        _silence_stdout()
        return 1
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        console.note("error: a file name in the arguments is longer than this system allows")
        console.note("hint: Give a shorter path, or an id from `signoff list`.")
        return UsageError.exit_code
    except KeyboardInterrupt:
        return 130


def _hint_in(argv: Sequence[str], error: SignoffError) -> str:
    """Return the hint of an error, with the verb that was called where any could be meant."""
    verb = argv[0] if argv and argv[0] in (*DAILY_VERBS, *PLUMBING_VERBS) else _PLAIN
    if isinstance(error, UsageError) and error.hint == UsageError.usual_hint:
        return f"`signoff {verb} --help` shows its options."
    return error.hint or ""


def _cut(said: str) -> str:
    """Return a complaint whose lines are no longer than a person reads: arguments may be huge."""
    lines = said.split("\n")
    return "\n".join(f"{line[:_LINE]}…" if len(line) > _LINE else line for line in lines)


def _before_command(argv: Sequence[str]) -> Sequence[str]:
    """Return the arguments that are ours: what follows `--` belongs to a child."""
    return argv[: argv.index("--")] if "--" in argv else argv


def _run(argv: Sequence[str], console: Console) -> int:
    if argv[:1] in (["--version"], ["-V"]):
        console.say(f"signoff {__version__}")
        return 0
    if argv[:1] in (["--help"], ["-h"], ["help"]):
        console.say_lines(_overview())
        return 0
    options_only = not argv or argv[0].startswith("-")
    verb = _PLAIN if options_only else argv[0]
    if verb not in DAILY_VERBS and verb not in PLUMBING_VERBS:
        console.note(_cut(f"error: there is no verb {visible(verb)!r}"))
        from signoff_collector.screen.suggestions import hint_of

        near = hint_of(verb, (*DAILY_VERBS, *PLUMBING_VERBS))
        console.note(f"hint: {near}{' ' if near else ''}`signoff --help` lists them.")
        return 2
    if verb not in _EVERYWHERE and not can_record() and not {"--help", "-h"} & set(argv):
        raise RefusedError(
            f"`signoff {verb}` does not work on Windows itself: only what reads, reviews, signs "
            "and sends does",
            hint=WHERE_IT_RECORDS,
        )
    command = load_verb(verb)
    parser = parser_of(verb, command)
    try:
        arguments = parser.parse_args(list(argv if options_only else argv[1:]))
    except SystemExit as stop:
        return int(stop.code or 0)
    code = command.run(arguments, console)
    sys.stdout.flush()
    return code


def load_verb(verb: str) -> Command:
    """Return the module of a verb."""
    module = importlib.import_module(_MODULES.get(verb, f"signoff_collector.commands.{verb}"))
    return cast(Command, module)


def parser_of(verb: str, command: Command) -> argparse.ArgumentParser:
    """Return what reads the arguments of a verb."""
    parser = _Parser(
        prog=f"signoff {verb}",
        description=command.SUMMARY,
        epilog=f"example:\n  {command.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per line on stdout")
    command.add_arguments(parser)
    return parser


def _overview() -> str:
    width = max(map(len, (*DAILY_VERBS, *PLUMBING_VERBS))) + 2
    daily = "\n".join(f"  {verb:<{width}}{what}" for verb, what in DAILY_VERBS.items())
    plumbing = "\n".join(f"  {verb:<{width}}{what}" for verb, what in PLUMBING_VERBS.items())
    return (
        "Signoff keeps a private history of how you work. Nothing leaves this machine\n"
        "unless you pick a task, look at it, and sign.\n\n"
        "usage: signoff [VERB] [OPTIONS]      `signoff` alone says what is recorded here\n\n"
        f"{daily}\n\nplumbing:\n{plumbing}\n\n"
        "example:\n  signoff enable .      then work as usual; `signoff review` when you like\n\n"
        "`signoff restore --help` explains `restore`, as for every verb; exit codes: docs/cli.md."
    )


def _silence_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
