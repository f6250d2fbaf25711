"""What the shells have in common: one marked block at the end of a start-up file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.installation.config_files.config_files import read_text
from signoff_collector.installation.config_files.marked_block import block, with_block
from signoff_collector.installation.interface import Change, Found

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.installation.account import Account

PRECISION: Final = (
    "command lines in enabled folders, with folder, exit code and times; not their output, and "
    "nothing of a line that begins with a space"
)


def found_shell(name: str, account: Account) -> Found | None:
    """Look for a shell; one that the person does not type in is set up only when it is named."""
    program = account.program(name)
    if program is None:
        return None
    is_used = account.shell == name
    remark = None if is_used else f"the shell of this account is {account.shell}"
    return Found(program=program, remark=remark, is_used=is_used)


def with_lines(path: Path, lines: str) -> Change:
    """Return what a start-up file becomes with our lines at its end.

    At the end, since the hook adds itself to what earlier lines put into the prompt.
    """
    text = read_text(path)
    after = with_block(text or "", block(lines, comment="#"))
    before = None if text is None else text.encode("utf-8")
    return Change(path=path, before=before, after=after.encode("utf-8"))


def posix_quoted(path: Path) -> str:
    """Return a path in single quotes, as bash and zsh read it."""
    return "'" + str(path).replace("'", "'\\''") + "'"
