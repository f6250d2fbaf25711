"""Run a review on the page, from the terminal that started it to its end."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.recovery import code_lines, show_code_again
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.desk.reviewing import Reviewing
from signoff_collector.review.desk.storing import locate_base
from signoff_collector.review.final.final_files import FinalFolder
from signoff_collector.review.final.finals import Finals
from signoff_collector.review.serving.opening import open_in_browser
from signoff_collector.review.serving.server import ReviewServer
from signoff_collector.system.abilities import polls_stdin
from signoff_collector.system.processes import call_when_ended
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.consent.hub_terms import AskHub
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console

_STDIN: Final = 0
_TWICE: Final = (
    "this episode is open in another review too; if both change the plan, the second one"
    " has to look again"
)


def serve_review(
    home: Home,
    name: str,
    console: Console,
    *,
    opens_browser: bool,
    ask_hub: AskHub | None = None,
) -> int:
    """Serve the review of one episode until it is left; return the exit code.

    Args:
        home: where everything lies.
        name: of the episode, as on the command line.
        console: says where the page is; with `--json` one row per new way in.
        opens_browser: start the person's browser, or only say which file to open.
        ask_hub: asks a hub for its terms, when the person names one.

    Raises:
        SignoffError: the episode cannot be reviewed, or the page not be served.
    """
    with console.counting("Opening the review"):
        reviewing = Reviewing(home, open_base_file(locate_base(home, name)))
    with FinalFolder(home) as folder, reviewing.store.window() as is_alone:
        if not is_alone:
            console.note(_TWICE)
        finals = Finals(reviewing, folder, ask_hub=ask_hub)
        try:
            asyncio.run(_Terminal(reviewing, finals, console, opens_browser=opens_browser).serve())
        finally:
            finals.close()
            if _unsaved_code(finals) is not None and not console.is_terminal:
                show_code_again(home)
    _say_end(reviewing, finals, console)
    return 0


def _unsaved_code(finals: Finals) -> str | None:
    """Return the recovery code if it was shown and nobody said that it is saved."""
    codes = (signed.recovery_code for signed in finals.signed if not finals.is_code_saved)
    return next((code for code in codes if code is not None), None)


def _say_end(reviewing: Reviewing, finals: Finals, console: Console) -> None:
    for signed in finals.signed:
        console.say(f"signed    {signed.statement_path}")
        episode = signed.statement_path.with_name(
            signed.statement_path.name.replace(".signoff.json", ".episode")
        )
        console.say(f"next      signoff upload {episode} --to {signed.audience}")
    code = _unsaved_code(finals)
    if code is not None:
        if console.is_json:
            console.row({"recovery_code": code})
        for line in ("", *code_lines(code), ""):
            console.say(line)
    if reviewing.is_discarded:
        console.say("the review is closed; the episode and its plan are deleted")
    else:
        console.say("the review is closed; its plan stays: `signoff review` goes on with it")


class _Terminal:
    """Terminal output and input while the page is open."""

    def __init__(
        self, reviewing: Reviewing, finals: Finals, console: Console, *, opens_browser: bool
    ) -> None:
        self._reviewing = reviewing
        self._console = console
        self._opens_browser = opens_browser
        self._is_heard = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server = ReviewServer(
            reviewing,
            finals,
            on_reload=self._reloaded,
            on_fault=self._faulty,
            on_signing=self._signing,
        )

    async def serve(self) -> None:
        """Serve until the page or the person ends the review."""
        self._loop = asyncio.get_running_loop()
        call_when_ended(self._loop, self._server.end)
        try:
            await self._server.serve(self._ready)
        finally:
            self._hear(is_wanted=False)

    def _ready(self) -> None:
        self._hear(is_wanted=True)
        self._show_way_in()
        again = "Enter opens it again; " if _can_be_heard() else ""
        self._console.say(f"{again}Ctrl-C ends it. Nothing is sent.")
        sys.stdout.flush()  # stdout may be a file or pipe: flush now, not at the end

    def _show_way_in(self) -> None:
        path = self._server.new_redirect()
        if self._console.is_json:
            base = self._reviewing.file.sha256
            self._console.row({"redirect": str(path), "base_sha256": base, "pid": os.getpid()})
            sys.stdout.flush()
        is_opened = self._opens_browser and open_in_browser(path)
        doing = "opening the review in your browser" if is_opened else "open this in your browser"
        self._console.say(f"{doing}: {path}")

    def _hear(self, *, is_wanted: bool) -> None:
        """Start or stop listening for Enter, if standard input can be polled."""
        if self._loop is None or is_wanted == self._is_heard or not _can_be_heard():
            return
        self._is_heard = is_wanted
        if is_wanted:
            self._loop.add_reader(_STDIN, self._line_came)
        else:
            self._loop.remove_reader(_STDIN)

    def _line_came(self) -> None:
        try:
            piece = os.read(_STDIN, 4096)
        except OSError:
            piece = b""
        if not piece:
            self._server.end()  # the terminal, or our parent, is gone
        elif b"\n" in piece:
            try:
                self._show_way_in()
            except SignoffError as error:
                self._console.note(f"error: {error}")

    def _reloaded(self) -> None:
        self._console.note(f"the page was loaded again and is empty now; {_way_back()}")

    def _faulty(self, kind: str) -> None:
        self._console.note(f"an internal error of the page's server: {kind}; {_way_back()}")

    def _signing(self, is_signing: bool) -> None:
        """Leave the terminal to ssh-keygen while it may prompt for a passphrase."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: self._hear(is_wanted=not is_signing))


def _way_back() -> str:
    """Return how a person gets the page again."""
    if _can_be_heard():
        return "Enter opens it again"
    return "end this with Ctrl-C, then run `signoff review` again"


def _can_be_heard() -> bool:
    """Return whether standard input is a terminal or a pipe, which can be polled."""
    if not polls_stdin():
        return False
    try:
        mode = os.fstat(_STDIN).st_mode
    except OSError:
        return False
    return os.isatty(_STDIN) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
