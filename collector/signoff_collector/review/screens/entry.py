"""Entry point of the terminal review: full screens if possible, else by lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.consent.hub_terms import AskHub
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.desk.desk import Desk
    from signoff_collector.review.desk.storing import BaseEpisode
    from signoff_collector.review.final.final_look import FinalLook
    from signoff_collector.screen.console import Console

_PLAIN_TERMINALS: Final = frozenset({"", "dumb", "emacs", "unknown"})
MIN_COLUMNS: Final = 60
MIN_ROWS: Final = 16


def can_show_screens(console: Console, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether this terminal supports full screens and the user has not asked for lines.

    Any value of `SIGNOFF_PLAIN` selects the review by lines, as screen readers need it. Screens are
    drawn on standard error, so it must be a terminal too.
    """
    if console.is_json or not console.is_terminal or not sys.stderr.isatty():
        return False
    if environ.get("SIGNOFF_PLAIN") or environ.get("TERM", "") in _PLAIN_TERMINALS:
        return False
    size = os.get_terminal_size(sys.stderr.fileno())
    return size.columns >= MIN_COLUMNS and size.lines >= MIN_ROWS


def run_review(
    home: Home, base: BaseEpisode, console: Console, *, ask_hub: AskHub | None = None
) -> int:
    """Review one sealed episode at this terminal; return the exit code.

    Shows full screens, or lines if `can_show_screens` is false. The caller has verified
    that a person is at the terminal; `ask_hub` asks a hub for its terms.
    """
    from signoff_collector.review.desk.base_file import open_base_file
    from signoff_collector.review.desk.desk import Desk
    from signoff_collector.review.desk.reviewing import Reviewing
    from signoff_collector.review.final.final_files import FinalFolder
    from signoff_collector.review.final.final_look import FinalLook
    from signoff_collector.review.final.finals import Finals

    with console.counting("Opening the review"):
        reviewing = Reviewing(home, open_base_file(base.path))
    with FinalFolder(home) as folder:
        finals = Finals(reviewing, folder, mode="terminal", ask_hub=ask_hub)
        look = FinalLook(home, finals)
        try:
            if can_show_screens(console):
                return _show_screens(Desk(reviewing), look, console)
            from signoff_collector.review.lines.dialogue import Dialogue

            return Dialogue(Desk(reviewing), look, console).run()
        finally:
            finals.close()


def _show_screens(desk: Desk, look: FinalLook, console: Console) -> int:
    from signoff_collector.consent.recovery import code_lines
    from signoff_collector.replay.screens.opening import drop_settings

    drop_settings()
    from signoff_collector.review.screens.app import ReviewApp

    app = ReviewApp(desk, look)
    try:
        code = app.show() or 0
    finally:
        for signed in look.signed.values():  # also after a fault: it is shown only once
            console.say(f"signed    {signed.statement_path}")
            console.say(f"next      signoff upload --to {signed.audience}")
            if signed.recovery_code is not None:
                for line in ("", *code_lines(signed.recovery_code), ""):
                    console.say(line)
    if app.outcome:
        console.say(app.outcome)
    if not look.signed and not app.outcome:
        console.say("nothing is signed; the plan is saved: `signoff review` goes on with it")
    return code
