"""Where the lines of a person come from."""

from __future__ import annotations

import sys
from typing import Protocol


class Answers(Protocol):
    """Where a person's lines come from."""

    def line(self, prompt: str) -> str | None:
        """Return the next line, or None when there are no more."""
        ...

    def hidden(self, prompt: str) -> str | None:
        """Return a line that is not shown while it is typed."""
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
        """Return a line that the terminal does not show."""
        import getpass

        try:
            return getpass.getpass(f"{prompt} ")
        except EOFError:
            return None
