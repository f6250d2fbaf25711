"""A film as asciicast of version 2: the workbench in the cells of a terminal, for asciinema.

Only rows that change are written. Each piece begins with its place, so that a terminal with other
widths of characters than ours spoils one word at most. Source: docs.asciinema.org/manual/asciicast.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from signoff_collector.picture.themes import colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from signoff_collector.picture.cells import Look
    from signoff_collector.picture.film.frames import Frame
    from signoff_collector.picture.layout import Layout, Size
    from signoff_collector.picture.themes import ThemeName

_BEGIN: Final = "\x1b[?25l\x1b[0m\x1b[2J"


def cast_bytes(
    frames: Iterable[Frame], size: Size, theme: ThemeName, facts: Mapping[str, object]
) -> bytes:
    """Return the lines of the recording.

    Args:
        frames: what is shown when, in order.
        size: of all frames.
        theme: light or dark.
        facts: of the film, in a field of the header that players do not look at.
    """
    header = {"version": 2, "width": size.columns, "height": size.rows, "signoff": dict(facts)}
    lines = [json.dumps(header, sort_keys=True)]
    lines += [json.dumps([at_s, "o", data]) for at_s, data in _events(frames, theme)]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _events(frames: Iterable[Frame], theme: ThemeName) -> Iterator[tuple[float, str]]:
    before: list[str] = []
    end_ms = 0
    for one in frames:
        rows = [_row(one.layout, row, theme) for row in range(one.layout.size.rows)]
        changed = [row for number, row in enumerate(rows) if not before or row != before[number]]
        lead = "" if before else _BEGIN
        yield one.begin_ms / 1000, f"{lead}{''.join(changed)}{_cursor(one.layout)}"
        before = rows
        end_ms = one.begin_ms + one.shown_ms
    yield end_ms / 1000, "\x1b[0m"


def _row(layout: Layout, row: int, theme: ThemeName) -> str:
    """Return what draws one row: its grounds, then its pieces over them."""
    parts: list[str] = []
    for column, cells, ground in layout.grounds(row):
        parts.append(f"\x1b[{row + 1};{column + 1}H{_ground(theme, ground)}{' ' * cells}")
    for one in layout.rows[row]:
        place = f"\x1b[{row + 1};{one.column + 1}H"
        parts.append(f"{place}{_style(theme, one.look)}{one.text}\x1b[0m")
    return "".join(parts)


def _ground(theme: ThemeName, name: str) -> str:
    return "\x1b[48;2;{};{};{}m".format(*colour(theme, name))


def _style(theme: ThemeName, look: Look) -> str:
    ink = "\x1b[38;2;{};{};{}m".format(*colour(theme, look.ink))
    bold, under = "\x1b[1m" if look.is_bold else "", "\x1b[4m" if look.under else ""
    return f"{ink}{_ground(theme, look.ground)}{bold}{under}"


def _cursor(layout: Layout) -> str:
    if layout.cursor is None:
        return "\x1b[?25l"
    row, column = layout.cursor
    return f"\x1b[?25h\x1b[{row + 1};{column + 1}H"
