"""Talk to a program through a real pseudo-terminal: wait for a question, type an answer."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

LIMIT_S = 120.0
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-_])")


class ConversationError(Exception):
    """The program did not ask what was expected, or did not end."""


def converse(
    argv: Sequence[str],
    *,
    cwd: Path,
    answers: Sequence[tuple[str, str]],
    show: Callable[[str], object] | None = None,
    columns: int = 100,
    expect: int = 0,
) -> str:
    """Run `argv` in a terminal, answer its questions in order, and return all it printed.

    Args:
        argv: the program and its arguments.
        cwd: where it runs.
        answers: regular expression to wait for after the previous answer, and what to type.
        show: called at the end with everything printed, escapes removed.
        columns: width of the terminal.
        expect: the exit code it must end with.

    Raises:
        ConversationError: a question did not come, or the exit code differs.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execvpe(argv[0], list(argv), {**os.environ, "TERM": "xterm"})  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    printed = ""
    end = time.monotonic() + LIMIT_S
    code: int | None = None
    try:
        for question, answer in answers:
            start = len(printed)
            while not re.search(question, _ESCAPES.sub("", printed[start:])):
                try:
                    more = _read(terminal, end)
                except ConversationError as error:
                    raise ConversationError(f"{error}, nor {question!r}:\n{printed}") from error
                if more is None:
                    raise ConversationError(f"no question like {question!r} after:\n{printed}")
                printed += more
            os.write(terminal, answer.encode() + b"\r")
        while (more := _read(terminal, end)) is not None:
            printed += more
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
    finally:
        os.close(terminal)
        if code is None:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
    plain = _ESCAPES.sub("", printed).replace("\r\n", "\n")
    if show is not None:
        show(plain)
    if code != expect:
        raise ConversationError(f"{argv[0]} ended with {code}, not {expect}:\n{plain}")
    return plain


def _read(terminal: int, end: float) -> str | None:
    """Return what was printed, or None at the end."""
    left = end - time.monotonic()
    if left <= 0 or not select.select([terminal], [], [], left)[0]:
        raise ConversationError(f"nothing more was printed within {LIMIT_S:.0f} s")
    try:
        data = os.read(terminal, 65_536)
    except OSError:
        return None
    return data.decode("utf-8", "replace") if data else None
