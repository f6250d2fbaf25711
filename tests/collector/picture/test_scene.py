"""What is known of a moment, and what has to be assumed."""

from __future__ import annotations

from tests.support.episodes import ASTRAL
from tests.support.pictures import Desk, working_day

from signoff_collector.picture.looking import Caret
from signoff_collector.picture.scene import ASSUMED, Scenes
from signoff_collector.picture.terminal_tail import Terminal
from signoff_schemas.steps import CommandStep, FilesStep, SelectStep


def test_a_cursor_is_recorded_by_a_selection_and_else_follows_the_last_edit() -> None:
    desk = Desk()
    desk.open("a.txt", f"ab{ASTRAL}")
    desk.add(SelectStep, path="a.txt", buffer=0, cursor=1, selections=((3, 1),))
    desk.edit("a.txt", 4, 0, "!")
    scenes = Scenes(desk.episode())
    opened, selected, edited = (scenes.at(seq) for seq in range(3))
    assert opened.caret == Caret()
    assert "no_cursor" in opened.assumed
    assert selected.caret == Caret(cursor=1, selections=((1, 3),), is_recorded=True)
    assert edited.caret == Caret(cursor=5, is_recorded=True)
    assert "cursor" not in edited.assumed


def test_offsets_beyond_the_text_are_at_its_end() -> None:
    desk = Desk()
    desk.open("a.txt", "ab")
    desk.add(SelectStep, path="a.txt", buffer=0, cursor=99, selections=((1, 99), (50, 60)))
    caret = Scenes(desk.episode()).at(1).caret
    assert caret.cursor == 2
    assert caret.selections == ((1, 2), (2, 2))


def test_the_file_in_front_is_the_open_one_last_worked_on() -> None:
    desk = Desk()
    desk.open("a.txt", ASTRAL)
    desk.open("b.txt", "b")
    desk.edit("a.txt", 0, 0, "x")
    desk.add(FilesStep, changed=({"path": "other.txt", "blob": desk.blob(b"o")},))
    desk.close("a.txt")
    desk.close("b.txt")
    scenes = Scenes(desk.episode())
    assert [scenes.at(seq).path for seq in (-1, 0, 1, 2, 3, 4)] == [
        None, "a.txt", "b.txt", "a.txt", "a.txt", "b.txt",
    ]  # fmt: skip
    assert scenes.at(3).files == ("a.txt", "b.txt", "other.txt")
    assert [one.is_unsaved for one in scenes.at(3).open_files] == [True, False]
    closed = scenes.at(5)
    assert closed.open_files == ()
    assert closed.caret == Caret()
    assert {"from_disk", "no_cursor"} <= {*closed.assumed}


def test_a_scene_asked_for_again_is_the_same_in_any_order() -> None:
    episode = working_day()
    scenes, seqs = Scenes(episode), range(-1, episode.step_count)
    forward = [scenes.at(seq) for seq in seqs]
    assert [scenes.at(seq) for seq in reversed(seqs)] == forward[::-1]
    last = forward[-1]
    assert (last.errors, last.warnings) == (1, 1)
    assert last.tests is not None
    assert (last.tests.passed, last.tests.failed) == (1, 1)
    assert all({*scene.assumed} <= ASSUMED.keys() for scene in forward)


def test_a_terminal_shows_no_orders_and_what_was_not_overwritten() -> None:
    desk = Desk()
    printed = f"\x1b[31mred\x1b[0m {ASTRAL}\r\n10 %\r100 %\n\x1b]0;title\x07end\n\n"
    desk.command(("make", "it"), printed, exit_code=2)
    desk.add(CommandStep, argv=("ls",), output_state="none")
    terminal = Terminal(desk.episode())
    assert [line.text for line in terminal.at(0, 99)] == [
        "make it", f"red {ASTRAL}", "100 %", "end", "exit code 2",
    ]  # fmt: skip
    assert [line.text for line in terminal.at(1, 3)] == [
        "exit code 2", "ls", "(its output was not recorded)",
    ]  # fmt: skip
    assert terminal.at(-1, 99) == ()
