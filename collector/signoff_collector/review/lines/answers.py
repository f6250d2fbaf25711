"""Sources of a person's input lines."""

from __future__ import annotations

import sys
from typing import Protocol


class Answers(Protocol):
    """Interface for reading input lines."""

    def line(self, prompt: str) -> str | None:
        """Return the next line, or None when there are no more."""
        ...

    def hidden(self, prompt: str) -> str | None:
        """Return a line that is not echoed."""
        ...


class TerminalAnswers:
    """Lines from the person at this terminal."""

    def line(self, prompt: str) -> str | None:
        """Return the next line, or None at the end of input."""
        sys.stdout.write(f"{prompt} ")
        sys.stdout.flush()
        answer = sys.stdin.readline()
        return answer.rstrip("\r\n") if answer else None

    def hidden(self, prompt: str) -> str | None:
        """Return a line with echo off."""
        import getpass

        try:
            return getpass.getpass(f"{prompt} ")
        except EOFError:
            return None
