"""Ask the person at this terminal for a line; an end of input is no answer."""

from __future__ import annotations

import getpass
import sys
from contextlib import suppress


def ask(prompt: str) -> str | None:
    """Return the next line, or None at the end of input."""
    sys.stdout.write(f"{prompt} ")
    sys.stdout.flush()
    answer = sys.stdin.readline()
    return answer.rstrip("\r\n") if answer else None


def ask_hidden(prompt: str) -> str | None:
    """Return a line typed with echo off, or None at the end of input."""
    with suppress(EOFError):
        return getpass.getpass(f"{prompt} ")
    return None
