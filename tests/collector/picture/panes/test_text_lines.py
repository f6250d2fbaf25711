"""Which lines are drawn: as they were recorded, else around the cursor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL

from signoff_collector.picture.looking import Caret
from signoff_collector.picture.panes.text_lines import Chosen, cells_left, chosen_lines
from signoff_collector.picture.scene import Scene
from signoff_collector.replay.drawing.line_index import LineIndex
from signoff_schemas.values import LineSpan

TEXT = f"{ASTRAL}\n" * 99


def chosen(rows: int, *spans: tuple[int, int], cursor_line: int | None = None) -> Chosen:
    cursor = None if cursor_line is None else 3 * cursor_line
    scene = Scene(
        seq=0,
        t_ns=0,
        text=TEXT,
        caret=Caret(cursor=cursor),
        visible=tuple(LineSpan(first=first, last=last) for first, last in spans),
    )
    return chosen_lines(scene, LineIndex(TEXT), rows)


def test_recorded_lines_are_drawn_and_more_where_there_is_room() -> None:
    exact = chosen(10, (20, 29), cursor_line=25)
    assert exact == Chosen(lines=tuple(range(20, 30)), assumed=())
    more = chosen(12, (20, 29))
    assert more == Chosen(lines=tuple(range(20, 32)), assumed=("view_end",))
    assert chosen(20, (95, 200)).lines == tuple(range(95, 100))


def test_folded_lines_are_left_out() -> None:
    assert chosen(6, (0, 2), (10, 12)).lines == (0, 1, 2, 10, 11, 12)


def test_of_a_taller_window_the_part_with_the_cursor_is_drawn() -> None:
    assert chosen(5, (20, 60), cursor_line=40) == Chosen(
        lines=tuple(range(36, 41)), assumed=("view_part",)
    )


def test_a_cursor_that_left_the_recorded_lines_is_followed() -> None:
    assert chosen(10, (0, 9), cursor_line=50).assumed == ("view",)
    assert 50 in chosen(10, (0, 9), cursor_line=50).lines
    assert chosen(12, (0, 9), cursor_line=10).assumed == ("view_end",)


@given(st.integers(1, 60), st.integers(0, 99))
def test_the_cursor_is_always_among_the_lines(rows: int, line: int) -> None:
    found = chosen(rows, cursor_line=line).lines
    assert line in found
    assert len(found) <= rows


@given(st.integers(4, 200), st.integers(0, 500))
def test_the_cursor_is_always_among_the_columns(room: int, column: int) -> None:
    left = cells_left("x" * 600, column, room)
    assert 0 <= column - left < room
    assert left == 0 or column >= room // 2
