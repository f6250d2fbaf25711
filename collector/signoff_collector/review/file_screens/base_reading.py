"""Progress overlay while the base tree is scanned in a worker thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.containers import Vertical
from textual.screen import ModalScreen

from signoff_collector.review.screens.asking import BOX
from signoff_collector.review.screens.plain import Plain
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from signoff_collector.review.desk.desk import Desk

_FIRST: Final = "Checking the files of the base commit, once per session …"


class BaseReading(ModalScreen[SignoffError | None]):
    """Modal overlay until the base tree is read; returns the error, or None.

    No other code uses the desk meanwhile: all keys are ignored.
    """

    DEFAULT_CSS: ClassVar[str] = f"BaseReading {{ {BOX} }}"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """Lay out the current phase above the progress."""
        with Vertical():
            yield Plain(_FIRST)
            yield Plain("begun", classes="hint")

    def on_mount(self) -> None:
        """Start the worker."""
        self.run_worker(self._read, thread=True, exit_on_error=False)

    def _read(self) -> None:
        """Read the base tree; updates are posted to the UI thread."""
        failed: SignoffError | None = None
        try:
            self._desk.read_base_tree(lambda said: self.app.call_from_thread(self._say, said))
        except SignoffError as error:
            failed = error
        self.app.call_from_thread(self.dismiss, failed)

    def _say(self, said: str) -> None:
        self.query_one(".hint", Plain).say(said)
