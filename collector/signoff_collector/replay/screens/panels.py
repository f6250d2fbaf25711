"""Overlays of the player: outputs, diagnostics, files, help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.replay.describing import chapter_words, clock_text
from signoff_collector.replay.screens.help_text import HELP
from signoff_collector.replay.screens.list_screen import ListScreen
from signoff_collector.replay.screens.looking import output_of, problems_text
from signoff_collector.replay.screens.output_screen import OutputScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.replay.playing import Playing


def output_panel(playing: Playing, mask: Callable[[str], str]) -> OutputScreen | None:
    """Return the full output of the current step; None if there is none yet."""
    found = output_of(playing, mask)
    return None if found is None else OutputScreen(found.title, found.text, mask=mask)


def problems_panel(playing: Playing, mask: Callable[[str], str]) -> OutputScreen:
    """Return the diagnostics at this moment."""
    title, text = problems_text(playing)
    return OutputScreen(title, text, mask=mask)


def files_panel(
    playing: Playing, here: str | None, mask: Callable[[str], str]
) -> tuple[ListScreen, list[str]]:
    """Return the list of files, with the current one selected, and chapters; and the paths."""
    counts = playing.reel.edit_counts()
    paths = sorted(counts)
    chosen = paths.index(here) if here is not None and here in counts else 0
    rows = [f"{counts[path]:>7} edits  {path}" for path in paths]
    told = playing.reel.chapters
    rows += [f"{clock_text(one.t_ms * 1_000_000):>13}  {chapter_words(one, mask)}" for one in told]
    title = f"{len(paths)} files, {len(told)} chapters: Enter goes there"
    return ListScreen(title, rows, chosen=chosen, mask=mask), paths


def help_panel() -> OutputScreen:
    """Return the help for keys and marks."""
    return OutputScreen("keys and marks", HELP)
