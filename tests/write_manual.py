"""Write what is made from the command line itself: the manual page, and the table behind Tab.

.venv/bin/python tests/write_manual.py
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(ROOT / name) for name in (".", "collector", "lsp_bridge", "schemas", "datasets")
]

from signoff_collector import __version__  # noqa: E402
from signoff_collector.cli import (  # noqa: E402
    DAILY_VERBS,
    PLUMBING_VERBS,
    load_verb,
    parser_of,
)
from signoff_collector.commands.settings import SETTINGS  # noqa: E402
from signoff_collector.completion.scripts import SHELLS  # noqa: E402
from signoff_collector.completion.table import TABLE  # noqa: E402
from signoff_collector.installation.targets import TARGETS  # noqa: E402
from signoff_collector.installation.targets.pytest_results import NAME as PYTEST  # noqa: E402

PAGE = ROOT / "launcher" / "signoff.1"
VERBS = {**DAILY_VERBS, **PLUMBING_VERBS}
KINDS = {
    "DIR": "folder", "FILE": "file", "PATH": "file", "X": "file", "G": "file", "CMD": "command",
    "EPISODE": "episode", "SESSION": "session", "SESSION|EPISODE": "recording", "ID": "session",
}  # fmt: skip
"""What arguments of these names are; `X` of a number is none of them."""
EITHER = {"show", "check", "checkout", "replay", "forget"}
"""Verbs whose EPISODE may be the id of a session too."""
HEAD = """\
.\\" Made by tests/write_manual.py from the command line itself.
.TH SIGNOFF 1 "" "signoff {version}" "User Commands"
.SH NAME
signoff \\- a private history of how you work
.SH SYNOPSIS
.B signoff
.RI [ VERB ]
.RI [ OPTIONS ]
.SH DESCRIPTION
Signoff keeps a private history of how you work, in any editor, in the shell and in git.
Lost work comes back with
.BR "signoff restore" ;
.B signoff find
searches everything that was recorded, deleted text too.
Nothing leaves this machine unless you pick a task, look at it, and sign.
.PP
.B signoff
alone says what is recorded here.
Each verb explains itself with
.BR \\-\\-help ,
and takes
.BR \\-\\-json :
one JSON object per line on standard output, in ASCII, and everything else on standard error.
"""
TAIL = """\
.SH EXIT STATUS
{codes}
.SH ENVIRONMENT
.TP
.B SIGNOFF_HOME
the folder in which everything is kept, instead of the usual one
.TP
.B NO_COLOR
if set, nothing is coloured
.TP
.BR EDITOR ", " VISUAL
what
.B signoff find \\-\\-editor
opens a hit in
.SH SEE ALSO
.BR git (1),
.BR ssh\\-keygen (1)
"""


def main() -> None:
    """Write both files."""
    TABLE.write_text(table(), "utf-8")
    PAGE.write_text(page(), "utf-8")


def table() -> str:
    """Return the table of `completion`: a line per verb and part, so that changes can be read."""
    lines = [f'"{name}": {json.dumps(_row(name, line))}' for name, line in LINES.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A verb, or a part of one that has parts: `dataset plan`."""

    help: str
    parser: argparse.ArgumentParser

    @property
    def actions(self) -> list[argparse.Action]:
        """What its parser knows, but for `--help`."""
        every = self.parser._actions
        return [one for one in every if not isinstance(one, argparse._HelpAction)]

    @property
    def parts(self) -> dict[str, Line]:
        """The parts of it, by name."""
        found: dict[str, Line] = {}
        for action in self.actions:
            if isinstance(action, argparse._SubParsersAction):
                helps = {one.dest: one.help or "" for one in action._choices_actions}
                for name, parser in action.choices.items():
                    found[name] = Line(help=helps[name], parser=parser)
        return found


def actions(name: str) -> list[argparse.Action]:
    """Return what the parser of a verb or part knows, but for `--help`."""
    return LINES[name].actions


def _lines() -> Iterator[tuple[str, Line]]:
    for verb, said in VERBS.items():
        line = Line(help=said, parser=parser_of(verb, load_verb(verb)))
        yield verb, line
        for name, part in line.parts.items():
            yield f"{verb} {name}", part


def _row(verb: str, line: Line) -> dict[str, object]:
    every = line.actions
    return {
        "help": line.help,
        "options": [
            {"names": list(one.option_strings), "help": _plain(one)}
            | ({} if one.nargs == 0 else {"value": _value(verb, one)})
            for one in every
            if one.option_strings
        ],
        "values": [_value(verb, one) for one in every if not one.option_strings],
    }


def _value(verb: str, action: argparse.Action) -> dict[str, object]:
    name = _name(action)
    choices = [str(one) for one in action.choices or ()]
    if name == "SHELL":
        choices = list(SHELLS)
    if verb == "setup" and name == "EDITOR":
        choices = [*(target.name for target in TARGETS), PYTEST]
    if verb == "settings" and name == "NAME":
        choices = [one.name for one in SETTINGS]
    kind = "choice" if choices else KINDS.get(name, "text")
    if action.type not in (None, Path):
        kind = "text"
    if kind == "episode" and verb in EITHER:
        kind = "recording"
    is_repeated = action.nargs in {"*", "+", argparse.REMAINDER}
    row: dict[str, object] = {"kind": kind}
    row |= {"choices": choices} if choices else {}
    return row | ({"is_repeated": True} if is_repeated else {})


def _name(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    return action.dest.upper().replace("_", "-")


def _plain(action: argparse.Action) -> str:
    said = action.help or ""
    return " ".join((said % {"default": action.default}).split())


def page() -> str:
    """Return the manual page."""
    return "".join(_page())


def _page() -> Iterator[str]:
    yield HEAD.format(version=__version__)
    for title, verbs in (("VERBS", DAILY_VERBS), ("VERBS FOR SCRIPTS AND EDITORS", PLUMBING_VERBS)):
        yield f".SH {title}\n"
        for name, line in LINES.items():
            if name.partition(" ")[0] in verbs:
                yield from _section(name, line)
    rows = re.findall(
        r"^\| (\d+) \| (.+) \|$", (ROOT / "docs" / "cli.md").read_text("utf-8"), re.MULTILINE
    )
    codes = "\n".join(f".TP\n.B {code}\n{_roff(meaning)}" for code, meaning in rows)
    yield TAIL.format(codes=codes)


def _section(verb: str, line: Line) -> Iterator[str]:
    every = line.actions
    values = [_used(one) for one in every if not one.option_strings]
    options = () if line.parts else ("[OPTIONS]",)
    usage = " ".join(("signoff", verb, *options, *values))
    yield f'.SS "{_roff(usage, is_word=True)}"\n{_roff(line.parser.description or "")}\n'
    for one in sorted(every, key=lambda one: bool(one.option_strings)):
        names = ", ".join(one.option_strings)
        value = "" if one.nargs == 0 else _said_value(one)
        named = " ".join(part for part in (names, value) if part)
        yield f'.TP\n.B "{_roff(named, is_word=True)}"\n{_roff(_plain(one)) or chr(92) + "&"}\n'
    example = (line.parser.epilog or "").removeprefix("example:\n").strip()
    yield f".PP\nExample:\n.PP\n.nf\n.RS\n{_roff(example)}\n.RE\n.fi\n"


def _used(action: argparse.Action) -> str:
    name = _name(action)
    several = f"{name} ..." if action.nargs in {"*", argparse.REMAINDER} else name
    return f"[{several}]" if action.nargs in {"?", "*"} else several


def _said_value(action: argparse.Action) -> str:
    return f"{{{','.join(map(str, action.choices))}}}" if action.choices else _name(action)


def _roff(text: str, *, is_word: bool = False) -> str:
    """Return a text as roff reads it literally: no escapes and no requests."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    safe = safe.replace('"', "\\(dq") if is_word else safe
    safe = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in safe)
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe


LINES = dict(_lines())
"""Every verb and part by its words, in the order in which they are told."""

if __name__ == "__main__":
    main()
