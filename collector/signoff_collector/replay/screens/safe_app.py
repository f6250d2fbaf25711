"""Base class of all full-screen applications: recorded text leaves them only as drawn cells."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.app import App

from signoff_collector.replay.drawing.mask_signs import NO_MASKS

T = TypeVar("T")


class SafeApp(App[T], Generic[T]):
    """A terminal application in 16 colours, with Textual's conveniences disabled.

    The command palette can write screenshots to disk, a selection goes to the clipboard, and crash
    reports show local variables: all of that is recorded text.
    """

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(ansi_color=True)  # before NO_COLOR is looked at, which depends on it
        self.mask_signs = NO_MASKS
        """The masks of what is shown; widgets draw them as such."""
        self.theme = "ansi-dark"
        self.origin = ""
        """Project, date and time of day of what is shown: each full screen says it."""

    def show(self) -> T | None:
        """Run full-screen until the person quits, and return the result.

        Raises:
            Exception: any error inside, for the command line to report.
        """
        result = self.run(mouse=False)
        if self._exception is not None:
            raise self._exception
        return result

    def _fatal_error(self) -> None:
        """Close without a crash report: `show` raises the error."""
        self._close_messages_no_wait()

    def copy_to_clipboard(self, text: str) -> None:
        """Do nothing: the clipboard would receive recorded text."""
        del text
