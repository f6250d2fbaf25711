"""The base of all full-screen applications: nothing recorded leaves it but what it draws."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.app import App

T = TypeVar("T")


class SafeApp(App[T], Generic[T]):
    """An application in the terminal's own 16 colours, without Textual's own conveniences.

    The command palette can write screenshots to disk, a selection goes to the clipboard, and
    the report of an unforeseen error shows local variables: recorded text all three.
    """

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(ansi_color=True)  # before NO_COLOR is looked at, which depends on it
        self.theme = "ansi-dark"

    def show(self) -> T | None:
        """Take the whole screen until the person leaves, and return what they chose.

        Raises:
            Exception: whatever went wrong inside, for the command line to report.
        """
        result = self.run(mouse=False)
        if self._exception is not None:
            raise self._exception
        return result

    def _fatal_error(self) -> None:
        """Close without telling more: `show` raises what went wrong."""
        self._close_messages_no_wait()

    def copy_to_clipboard(self, text: str) -> None:
        """Leave the clipboard alone: it would get recorded text."""
        del text
