"""The player's keys and what its screen says, without a terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from tests.collector.replay.drawing.test_shown_text import gives_orders
from tests.support.episodes import ASTRAL, MS, SOURCE, edit, header, jumping_episode, sample_episode
from tests.support.player import (
    LONG,
    after_keys,
    drive,
    hostile_episode,
    only_edits,
    screen_text,
    with_steps,
)
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist
from textual.pilot import Pilot

from signoff_collector.episode.content import Episode
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.screens.app import Player
from signoff_collector.replay.screens.output_screen import OutputScreen
from signoff_schemas.cases import Cases
from signoff_schemas.errors import NotFoundError
from signoff_schemas.steps import (
    CommandStep,
    GitStep,
    NoteStep,
    OpenStep,
    TestsStep,
    UnknownStep,
)
from signoff_schemas.values import Output, TestCase

pytestmark = pytest.mark.slow


def test_before_the_first_step_it_says_how_to_begin() -> None:
    _, said = after_keys(sample_episode())
    assert "before the first step: space plays, ? lists the keys" in said[0]
    assert "step 0/22" in said[0]
    assert "0:00:00/0:00:02" in said[0]


def test_steps_are_taken_one_by_one_ten_by_ten_and_back() -> None:
    player, said = after_keys(sample_episode(), "right", "right", "L", "left", "H", "end", "home")
    assert f"task fix it {ASTRAL}" in said[1]
    assert f"a = 1  # {ASTRAL}" in said[2]
    assert "opened src/app.py" in said[2]
    assert "step 12/22" in said[3]
    assert "ran ls -l" in said[3]
    assert "step 11/22" in said[4]
    assert "step 1/22" in said[5]
    assert "step 22/22" in said[6]
    assert "step 0/22" in said[7]
    assert player.playing.place == -1


def test_an_edit_is_told_with_who_made_it_and_its_line_is_marked() -> None:
    _, said = after_keys(sample_episode(), place=6)
    assert "T typed  +1 '3'" in said[0]
    assert "\nT 2 b = 3" in said[0]
    _, said = after_keys(sample_episode(), place=7)
    assert "T typed  -1" in said[0]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("t", "tests ✗ pytest: 1 failed, 1 passed; first: t::a"),
        ("tt", "no more test run that way"),
        ("c", "commit all"),
        ("n", f"task fix it {ASTRAL}"),
        ("nn", "note done"),
        ("nnN", f"task fix it {ASTRAL}"),
        ("g", "gap … recording was paused"),
        ("gG", "no more gap that way"),
        ("ss", "still red: a"),
        ("sss", "commit: all"),
        ("sssS", "still red: a"),
        ("ssss", "no more chapter that way"),
        ("r", "ran ls -l"),
        ("a", "no more agent step that way"),
    ],
)
def test_keys_jump_to_what_they_name(keys: str, words: str) -> None:
    _, said = after_keys(sample_episode(), *keys)
    assert words in said[-1]


def red_and_green() -> Episode:
    """Return an episode in which a test fails with a message, and passes at its end."""
    typist = Typist()
    typist.open("words.py", f"# {ASTRAL}\n")
    run_tests(typist, {f"t.py::test_{ASTRAL}": "failed", "t.py::test_b": "failed"})
    typist.type_at_end("words.py", "x = 1\n")
    typist.save("words.py")
    typist.command(("make", "it"), "made\n" * 60 + "whole\n", exit_code=0)
    run_tests(typist, {f"t.py::test_{ASTRAL}": "passed", "t.py::test_b": "passed"})
    return typist.episode()


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_what_failed_stays_in_view_until_it_passes(size: tuple[int, int]) -> None:
    name = f"✗ test_{ASTRAL} and 1 more"
    _, said = after_keys(red_and_green(), "right", "right", "right", "end", size=size)
    assert name not in said[1]
    for screen in said[2:4]:
        assert f"{name}  t.py::test_{ASTRAL} is wrong" in screen
    assert name not in said[4]


def test_a_wide_screen_shows_steps_and_output_beside_the_text() -> None:
    _, said = after_keys(red_and_green(), "end", "left", size=(200, 50))
    rows = said[2].split("\n")
    assert any("saved       words.py" in row[120:] for row in rows)
    assert "x = 1" in said[2]
    assert any(row.rstrip().endswith("whole") for row in rows)
    _, said = after_keys(red_and_green(), "end", "left", size=(80, 50))
    assert "saved       words.py" in said[2]
    assert "whole" in said[2]
    _, said = after_keys(red_and_green(), "end", "left")
    assert "saved       words.py" not in said[2]


def test_the_list_has_chapters_and_goes_to_one() -> None:
    player, said = after_keys(red_and_green(), "l", "end", "enter")
    assert "1 files, 2 chapters" in said[1]
    assert "red → green: test_b and 1 more" in said[1]
    assert player.playing.place == 1
    assert "red → green" in said[3]


@pytest.mark.parametrize("size", [(80, 24), (50, 12), (200, 50)])
def test_every_screen_says_which_recording_it_is(size: tuple[int, int]) -> None:
    origin = f"{header().workspace} · 2001-09-09 "
    _, said = after_keys(sample_episode(), *"oqdqlq?", size=size)
    assert all(origin in screen for screen in said)


def test_a_long_path_keeps_its_name_beside_the_origin() -> None:
    name = f"{ASTRAL}_of_the_orders.py"
    typist = Typist()
    typist.open(f"{'very_long_folder/' * 6}{name}", "a = 1\n")
    _, said = after_keys(typist.episode(), "right")
    first = said[1].split("\n")[0]
    assert f"/{name}  2 lines" in first
    assert first.startswith(" …")
    assert "no date in it" in first


def test_f_goes_where_another_file_is_worked_on_and_back() -> None:
    player, _ = after_keys(jumping_episode(), "f", "f", "F")
    assert player.playing.place == 0


def test_playing_goes_on_with_time_and_stops_at_the_end() -> None:
    player = Player(Reel(sample_episode()), starts=True)

    async def act(pilot: Pilot[None]) -> None:
        player.pass_time(10_000)
        await pilot.pause()
        assert "■ 0:00:02/0:00:02" in screen_text(player)
        assert "step 22/22" in screen_text(player)
        await pilot.press("space")  # from the end it begins anew
        assert player.playing.is_running
        await pilot.press("space")
        assert not player.playing.is_running
        await pilot.press("plus", "plus", "minus", "minus", "minus")
        assert "0.5x" in screen_text(player)
        await pilot.press("i")
        assert "waits are played in full" in screen_text(player)

    drive(player, act)


def test_search_finds_the_deleted_the_said_and_goes_round() -> None:
    keys = [edit(n + 1, n, 0, char, t_ms=n) for n, char in enumerate(f"{ASTRAL}gone")]
    gone = edit(len(keys) + 1, 0, 6, "", t_ms=99)
    _, said = after_keys(
        only_edits(*keys, gone), "slash", *"GONE", "enter", "end", "less_than_sign"
    )
    assert "'GONE' 1 of 1" in said[6]
    assert f"{ASTRAL}gone" in said[6]
    assert "'GONE' 1 of 1" in said[8]
    _, said = after_keys(sample_episode(), "slash", *"xyzzy", "enter", "full_stop")
    assert "'xyzzy' is not in this recording" in said[-2]
    assert "/ asks for the text" in said[-1]


def test_a_moment_is_asked_for_in_the_words_of_at() -> None:
    _, said = after_keys(sample_episode(), "m", *"step:10", "enter")
    assert "step 11/22" in said[-1]
    _, said = after_keys(sample_episode(), "m", *"step:99", "enter")
    assert "there is no step 99" in said[-1]
    _, said = after_keys(sample_episode(), "m", *"soon", "escape")
    assert "step 0/22" in said[-1]


def test_the_output_of_the_last_run_is_shown_in_full_and_searched() -> None:
    words = "\n".join(f"line {n} {ASTRAL}" for n in range(5000))
    ran = CommandStep(
        seq=22, t_ns=3000 * MS, source=SOURCE, line="make", exit_code=2, output=Output(head=words)
    )
    player, said = after_keys(
        with_steps(ran), "o", "end", "home", "slash", *"line 4321", "enter", "q", place=22
    )
    assert "✗ exit 2" in said[1]
    assert f"1 $ make{' ' * 5}" in said[1].replace("   1", "1")
    assert f"line 4999 {ASTRAL}" in said[2]
    assert f"line 4321 {ASTRAL}" in said[-2]
    assert "ran make" in said[-1]
    assert player.playing.place == 22


def test_an_output_of_a_hundred_megabytes_is_shown() -> None:
    ran = CommandStep(
        seq=22,
        t_ns=3000 * MS,
        source=SOURCE,
        line="x",
        output=Output(head="spam and eggs\n" * 7_500_000),
    )
    _, said = after_keys(with_steps(ran), "o", "end", place=22)
    assert "7500000 spam and eggs" in said[2]


def test_problems_files_and_help_have_screens_of_their_own() -> None:
    keys = ("d", "q", "l", "enter", "question_mark", "q")
    _, said = after_keys(hostile_episode(), *keys, place=5, size=(250, 24))
    assert "1 problems at 0:00:01" in said[1]
    assert "error E1: problem" in said[1]
    assert "1 files" in said[3]
    assert "2 edits" in said[3]
    assert "play, stop" in said[5]
    _, said = after_keys(sample_episode(), "d", "escape", "o")
    assert "no problems were reported" in said[1]
    assert "nothing has been run or said yet" in said[3]


@pytest.mark.parametrize("place", [0, 2, 7, 10])
def test_hostile_text_gives_no_orders_and_is_no_markup(place: int) -> None:
    _, said = after_keys(hostile_episode(), "o", "q", "d", "q", "l", place=place, size=(420, 20))
    for screen in said:
        assert not [char for char in screen if char != "\n" and gives_orders(char)]
        assert "@click" not in screen or "[@click=app.bell]" in screen
    assert "<U+202E>" in "".join(said)
    assert "[red]markup[/red]" in "".join(said)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10), (20, 5), (10, 2), (3, 1)])
def test_every_size_of_terminal_is_filled_and_never_left(size: tuple[int, int]) -> None:
    _, said = after_keys(
        hostile_episode(), "o", "q", "l", "q", "question_mark", "q", place=2, size=size
    )
    for screen in said:
        rows = screen.split("\n")
        assert len(rows) == size[1]
        assert all(cell_len(row) == size[0] for row in rows)


def test_a_window_that_changes_its_size_is_filled_anew() -> None:
    player = Player(Reel(sample_episode()), place=6)

    async def act(pilot: Pilot[None]) -> None:
        for size in ((120, 40), (30, 6), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            rows = screen_text(player).split("\n")
            assert (cell_len(rows[0]), len(rows)) == size
            assert "b = 3" in screen_text(player)

    drive(player, act)


def test_a_line_of_a_megabyte_is_shown_around_the_cursor() -> None:
    text = "0123456789" * 100_000
    episode = only_edits(edit(1, 0, 0, text), edit(2, 777_777, 0, f"<{ASTRAL}>"))
    _, said = after_keys(episode, place=2)
    assert f"<{ASTRAL}>" in said[0]


def test_episodes_of_nothing_one_step_and_unknown_steps_are_shown() -> None:
    _, said = after_keys(Episode(header=header()), "right", "space", "t", "l", "q", "o", "d")
    assert "step 0/0" in said[0]
    note = NoteStep(seq=0, t_ns=0, source=SOURCE, text=f"alone {ASTRAL}")
    _, said = after_keys(Episode(header=header(), steps=(note,)), "right", "o")
    assert f"note alone {ASTRAL}" in said[1]
    odd = UnknownStep.model_validate(
        {"seq": 22, "t_ns": 3000 * MS, "source": SOURCE, "kind": "dance\x1b", "with": ASTRAL}
    )
    _, said = after_keys(with_steps(odd), "o", place=22)
    assert "which this release does not know" in said[0]


def test_what_is_masked_on_screen_is_masked_everywhere() -> None:
    secret = "known-" + LONG[:20]
    opened = OpenStep(seq=22, t_ns=3000 * MS, source=SOURCE, path=f"{secret}.py", blob=4, buffer=7)
    ran = CommandStep(
        seq=23, t_ns=3100 * MS, source=SOURCE, line=f"echo {secret}", output=Output(head=secret)
    )
    case = TestCase(id=f"t::{secret}", outcome="failed", message=secret)
    run = TestsStep(
        seq=24, t_ns=3200 * MS, source="run", run_id="r", framework="pytest", cases=Cases([case])
    )
    said = f"{'x' * 34} {secret}"
    commit = GitStep(seq=25, t_ns=3300 * MS, source="git", operation="commit", message=said)
    note = NoteStep(seq=26, t_ns=3400 * MS, source=SOURCE, text=said)
    whole = with_steps(opened, ran, run, commit, note)
    text = f"key = '{secret}'\n{'x' * 9000}{secret}\n"
    episode = type(whole)(
        header=whole.header, files=whole.files, steps=whole.steps, edits=whole.edits,
        blobs=(*whole.blobs, text.encode()),
    )  # fmt: skip
    for place in range(22, 27):
        player = Player(
            Reel(episode), project=secret, place=place, mask=lambda s: s.replace(secret, "MASKED")
        )

        async def act(pilot: Pilot[None], player: Player = player) -> None:
            for key in ("o", "q", "l", "q", "slash", "q", "escape", "d", "q", "end", "home"):
                await pilot.press(key)
                await pilot.pause()
                said = screen_text(player)
                assert secret[:12] not in said, said
            assert not isinstance(player.screen, OutputScreen)

        drive(player, act)


def test_a_session_that_grows_is_followed_and_a_failure_is_said() -> None:
    grown: list[Reel | None] = []
    asked: list[int] = []

    def grow() -> Reel | None:
        asked.append(1)
        if grown:
            return grown.pop(0)
        raise NotFoundError(f"the session is gone {ASTRAL}")

    first = Reel(only_edits(edit(1, 0, 0, "one")))
    more = Reel(only_edits(edit(1, 0, 0, "one"), edit(2, 3, 0, f" two {ASTRAL}", t_ms=900)))
    grown.append(more)
    player = Player(first, place=1, grow=grow, growth_s=3600)

    async def act(pilot: Pilot[None]) -> None:
        assert "live, following" in screen_text(player)
        await player.look_for_growth().wait()
        await pilot.pause()
        assert f"one two {ASTRAL}" in screen_text(player)
        await player.look_for_growth().wait()
        await pilot.pause()
        assert "it cannot be followed" in screen_text(player)

    drive(player, act)
    assert len(asked) == 2


def test_what_goes_wrong_inside_is_raised_and_not_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    player = Player(Reel(sample_episode()))
    planted = f"planted-{ASTRAL}"

    async def act(pilot: Pilot[None]) -> None:
        def fail() -> None:
            raise LookupError(planted)

        player.call_later(fail)
        await pilot.pause()

    with pytest.raises(LookupError):
        drive(player, act)
    said = capfd.readouterr()
    assert planted not in said.out + said.err
