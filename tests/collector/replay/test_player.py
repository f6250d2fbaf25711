"""Playback as lines, and the words for each kind of step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.episodes import ASTRAL, SOURCE, edit, open_episode, sample_episode

from signoff_collector.episode.content import Episode
from signoff_collector.replay.describing import clock_text, describe_edit, describe_step, short
from signoff_collector.replay.player import MAX_WAIT_S, play, transcript
from signoff_collector.replay.reel import Reel
from signoff_schemas.steps import (
    AgentStep,
    AssistStep,
    CommandStep,
    DiagnosticsStep,
    FocusStep,
    SearchStep,
    SelectStep,
    StepBase,
    ViewStep,
)


def _lines(episode: Episode, first: int = 0, last: int = 10**6) -> list[str]:
    return [line.text for line in transcript(Reel(episode), first, last)]


def test_typing_without_a_pause_is_one_line_with_its_result() -> None:
    lines = _lines(sample_episode())
    assert lines[:4] == [
        f"task        fix it {ASTRAL}",
        "opened      src/app.py",
        "typed       src/app.py:3 +7 -1",
        "saved       src/app.py",
    ]
    assert "tests       ✗ pytest: 1 failed, 1 passed; first: t::a" in lines
    assert "gap         … recording was paused for 0.0 s" in lines


def test_a_pause_or_another_file_begins_a_new_line() -> None:
    edits = [edit(1, 0, 0, "a"), edit(2, 1, 0, ASTRAL, t_ms=5000), edit(3, 3, 0, "b", t_ms=5100)]
    assert _lines(open_episode("", edits)) == [
        "opened      a.txt",
        "typed       a.txt:1 +1 -0  a",
        f"typed       a.txt:1 +3 -0  a{ASTRAL}b",
    ]


def test_only_the_asked_for_steps_are_played() -> None:
    assert _lines(sample_episode(), 9, 10) == [
        "saved       src/app.py",
        "── still red: a",
        "tests       ✗ pytest: 1 failed, 1 passed; first: t::a",
    ]


def test_pauses_are_waited_for_at_the_asked_speed_but_never_long() -> None:
    edits = [edit(1, 0, 0, "a", t_ms=3000), edit(2, 1, 0, "b", t_ms=100_000)]
    episode = open_episode("", edits)
    waited: list[float] = []
    said: list[str] = []
    count = play(
        transcript(Reel(episode)),
        lambda line, _: said.append(line),
        speed=2.0,
        sleep=waited.append,
    )
    assert count == len(said) == 4
    assert waited == [1.5, 0.0, MAX_WAIT_S]
    assert said[2] == " 0:00:03       1              … 97 s later"
    assert said[3] == " 0:01:40       2  typed       a.txt:1 +1 -0  ab"


def _make(model: type[StepBase], **fields: object) -> StepBase:
    return model.model_validate({"seq": 0, "t_ns": 0, "source": SOURCE, **fields})


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (_make(ViewStep, path="a", visible=({"first": 0, "last": 9},)), "view        a lines 1-10"),
        (_make(FocusStep, gained=False, to="terminal"), "focus       lost to terminal"),
        (_make(SearchStep, query=ASTRAL, scope="file"), f"search      {ASTRAL!r} in file"),
        (
            _make(DiagnosticsStep, appeared=({"message": "bad"},)),
            "diagnostics 1 appeared, 0 cleared: bad",
        ),
        (_make(AssistStep, feature="rename", outcome="accepted"), "assist      rename accepted"),
        (_make(AgentStep, tool="t", event="prompt", text="do"), "agent       t prompt do"),
        (_make(CommandStep, argv=("a", "b c")), "command     a 'b c' -> end not seen"),
        (_make(CommandStep, line=f"x {ASTRAL}", exit_code=1), f"command     x {ASTRAL} -> exit 1"),
    ],
)
def test_each_kind_has_its_words(step: StepBase, words: str) -> None:
    assert describe_step(step) == words


def test_edits_and_times_have_their_words() -> None:
    assert describe_edit(edit(0, 4, 2, ASTRAL), "a") == f"edit        a at 4 -2 +{ASTRAL!r}"
    assert clock_text(3_723_000_000_000) == "1:02:03"
    assert short("x" * 200) == "x" * 59 + "…"


def test_cursor_moves_between_keystrokes_are_left_out_unless_asked_for() -> None:
    episode = open_episode("", [edit(1, 0, 0, "a"), edit(3, 1, 0, ASTRAL)])
    moved = SelectStep(seq=2, t_ns=2_000_000_000, source=SOURCE, path="a.txt", cursor=1)
    both = replace(episode, steps=(*episode.steps, moved))
    assert _lines(both) == ["opened      a.txt", f"typed       a.txt:1 +3 -0  a{ASTRAL}"]
    everything = list(transcript(Reel(both), with_sides=True))
    assert [line.seq for line in everything] == [0, 1, 2, 3]
