"""Sessions and episodes as a table: when, what, its id, its state, its workspace."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signoff_collector.screen.console import Console

Row = dict[str, object]
_MOST_PLACES: Final = 5
_TITLES: Final = ("WHEN", "WHAT", "ID", "STATE", "WORKSPACE")
_STYLES: Final = {
    "live": "green",
    "blocked": "red",
    "damaged": "red",
    "signed": "cyan",
    "sent": "green",
    "expired": "yellow",
    "withdrawn": "yellow",
}


def print_table(rows: Sequence[Row], console: Console) -> None:
    """Print all rows, oldest first, with what has to be said of one below it."""
    ordered = sorted(rows, key=_when)
    cells = [_cells(row) for row in ordered]
    widths = [max(map(len, column)) for column in zip(_TITLES, *cells, strict=True)]
    console.say_parts((_line(_TITLES, widths), "bold"))
    for row, cell in zip(ordered, cells, strict=True):
        before, state, after = _line(cell[:3], widths), cell[3], cell[4]
        style = _STYLES.get(state.split(" ")[0], "")
        padding = " " * (widths[3] - len(state) + 2)
        console.say_row((f"{before}  ", ""), (state, style), (f"{padding}{after}".rstrip(), ""))
        for below in _below(row):
            console.say_row((below, ""))


def state_of(row: Mapping[str, object]) -> str:
    """Return in one word or two what a session or an episode has come to."""
    if row["kind"] == "session":
        episode = row.get("episode")
        return f"sealed as {str(episode)[:8]}" if episode else str(row["state"])
    stores = cast("list[str]", row.get("uploaded") or [])
    state = str(row.get("state") or ("signed" if row["signed"] else "not signed"))
    return f"{state} to {', '.join(stores)}" if stores and state == "sent" else state


def _when(row: Row) -> str:
    return str(row.get("started") or row.get("written") or "")


def _cells(row: Row) -> tuple[str, ...]:
    when = _when(row)
    local = f"{datetime.fromisoformat(when).astimezone():%Y-%m-%d %H:%M}" if when else "?"
    return (local, str(row["kind"]), str(row["id"]), state_of(row), _place(row))


def _place(row: Row) -> str:
    root, own = str(row.get("root", "")), str(Path("~").expanduser())
    shown = f"~{root.removeprefix(own)}" if root == own or root.startswith(f"{own}/") else root
    size = cast("int | None", row.get("size_bytes"))
    return shown if size is None else f"{shown}  {_size_words(size)}".strip()


def _size_words(size_bytes: int) -> str:
    if size_bytes < 10_000:
        return f"{size_bytes} B"
    kilobytes = size_bytes / 1000
    return f"{kilobytes:.0f} kB" if kilobytes < 1000 else f"{kilobytes / 1000:.1f} MB"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
    return "  ".join(padded).rstrip() if len(cells) == len(widths) else "  ".join(padded)


def _below(row: Row) -> list[str]:
    """Return what is said below a row; names stand in it, so each line is printed by itself."""
    said = [f"  {row[name]}" for name in ("error", "hint") if row.get(name)]
    places = cast("list[str]", row.get("left_out") or [])
    said += [f"  left out, since it could not be masked: {one}" for one in places[:_MOST_PLACES]]
    if len(places) > _MOST_PLACES:
        said.append(f"  and {len(places) - _MOST_PLACES} more; --json has all")
    return said
