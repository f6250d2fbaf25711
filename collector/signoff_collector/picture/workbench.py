"""Lays a scene out: which part of the workbench has which cells, and what it draws there.

Pure: the same scene, size and masks give the same layout, on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.picture.layout import Area, Layout
from signoff_collector.picture.panes.drawn import Drawn, Room
from signoff_collector.picture.panes.file_pane import draw_files
from signoff_collector.picture.panes.state_pane import draw_state
from signoff_collector.picture.panes.tab_pane import draw_tabs
from signoff_collector.picture.panes.terminal_pane import draw_panel
from signoff_collector.picture.panes.text_pane import draw_text
from signoff_collector.replay.drawing.mask_signs import MaskSigns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.picture.cells import Piece
    from signoff_collector.picture.layout import Size
    from signoff_collector.picture.scene import Scene

LAYOUT_VERSION: Final = 1
"""Rises when the same scene is laid out differently."""
_LEAST_FOR_FILES: Final = 64
_LEAST_FOR_PANEL: Final = 14
_LEAST_FOR_TABS: Final = 4
_LEAST_FOR_STATE: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rooms:
    text: Room
    tabs: Room | None
    files: Room | None
    panel: Room | None
    state: Room | None


def lay_out(scene: Scene, size: Size, masks: MaskSigns) -> Layout:
    """Return where everything of a scene is drawn.

    Args:
        scene: what is shown.
        size: of the picture.
        masks: those of the episode, which get a ground of their own.
    """
    rooms = _rooms(size)
    drawn = Drawn(rows=[[] for _ in range(size.rows)], areas=_grounds(size, rooms))
    text = draw_text(drawn, rooms.text, scene, masks)
    tabs = draw_tabs(drawn, rooms.tabs, scene) if rooms.tabs else ()
    files, folders = draw_files(drawn, rooms.files, scene) if rooms.files else ((), ())
    prompt = draw_panel(drawn, rooms.panel, scene) if rooms.panel else None
    assumed = (*scene.assumed, *text.assumed)
    if rooms.state:
        draw_state(drawn, rooms.state, scene, assumed)
    return Layout(
        size=size,
        areas=tuple(drawn.areas),
        rows=tuple(tuple(sorted(row, key=_column)) for row in drawn.rows),
        cursor=text.cursor,
        text_rows=text.text_rows,
        tabs=tabs,
        files=files,
        folders=folders,
        terminal_row=prompt,
        assumed=assumed,
        has_right_to_left=text.has_right_to_left,
    )


def signs_of(masks: Iterable[str]) -> MaskSigns:
    """Return how the masks of an episode are drawn; `masks` are those of its header."""
    return MaskSigns(masks)


def _column(piece: Piece) -> int:
    return piece.column


def _rooms(size: Size) -> _Rooms:
    columns, rows = size.columns, size.rows
    tree = min(34, max(16, columns // 6)) if columns >= _LEAST_FOR_FILES else 0
    has_state = rows >= _LEAST_FOR_STATE
    has_tabs = rows >= _LEAST_FOR_TABS
    panel = min(14, max(5, rows // 4)) if rows >= _LEAST_FOR_PANEL else 0
    inner = columns - tree
    bottom = rows - has_state
    text_rows = bottom - panel - has_tabs
    return _Rooms(
        text=Room(row=int(has_tabs), column=tree, rows=text_rows, cells=inner),
        tabs=Room(row=0, column=tree, rows=1, cells=inner) if has_tabs else None,
        files=Room(row=0, column=0, rows=bottom, cells=tree) if tree else None,
        panel=Room(row=bottom - panel, column=tree, rows=panel, cells=inner) if panel else None,
        state=Room(row=rows - 1, column=0, rows=1, cells=columns) if has_state else None,
    )


def _grounds(size: Size, rooms: _Rooms) -> list[Area]:
    found = [Area(row=0, column=0, rows=size.rows, cells=size.columns, ground="editor")]
    if rooms.tabs:
        found.append(_area(rooms.tabs, "bar"))
    if rooms.files:
        found.append(_area(rooms.files, "side"))
    if rooms.panel:
        found.append(_area(rooms.panel, "panel"))
    if rooms.state:
        found.append(_area(rooms.state, "status"))
    return found


def _area(room: Room, ground: str) -> Area:
    return Area(row=room.row, column=room.column, rows=room.rows, cells=room.cells, ground=ground)
