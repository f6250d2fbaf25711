"""What is seen at a place: the text, what just changed in it, and where the cursor is."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from tests.support.episodes import ASTRAL, MS, SOURCE, edit, open_episode, sample_episode, typing
from tests.support.player import only_edits

from signoff_collector.episode.content import Edit, Episode
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.scenes import Scene, scene_at
from signoff_schemas.steps import (
    DeleteStep,
    NoteStep,
    ResyncStep,
    SelectStep,
    StepBase,
    ViewStep,
)
from signoff_schemas.values import LineSpan
from signoff_schemas.words import ActorClass


def scene(episode: Episode, place: int) -> Scene:
    return scene_at(Reel(episode), place)


@given(typing(max_size=40))
def test_the_text_is_that_of_the_moment_and_changes_lie_inside_it(
    typed: tuple[str, list[Edit], list[str]],
) -> None:
    opened, edits, states = typed
    reel = Reel(open_episode(opened, edits))
    assert scene_at(reel, 0).text == opened
    for place, state in enumerate(states, start=1):
        seen = scene_at(reel, place)
        assert seen.text == state
        assert all(0 <= one.start <= one.end <= len(state) for one in seen.changes)
        put = edits[place - 1]
        assert any(
            one.start <= put.start and put.start + len(put.text) <= one.end for one in seen.changes
        )


def test_a_burst_of_one_actor_is_one_change_and_a_pause_begins_another() -> None:
    typed = only_edits(
        edit(1, 0, 0, "a", t_ms=100),
        edit(2, 1, 0, ASTRAL, t_ms=200),
        edit(3, 0, 0, "pasted", t_ms=300, actor=1),
        edit(4, 0, 0, "later", t_ms=9000),
    )
    assert [(c.start, c.end) for c in scene(typed, 2).changes] == [(0, 3)]
    two = scene(typed, 3).changes
    assert [(c.start, c.end, c.actor) for c in two] == [
        (0, 6, ActorClass.PASTED),
        (6, 9, ActorClass.TYPED),
    ]
    assert [(c.start, c.end) for c in scene(typed, 4).changes] == [(0, 5)]
    assert scene(typed, 4).cursor == 5


def test_what_was_removed_leaves_a_place_without_characters() -> None:
    episode = open_episode(f"one{ASTRAL}two", [edit(1, 3, 2, "", t_ms=50)])
    assert [(c.start, c.end) for c in scene(episode, 1).changes] == [(3, 3)]


def _with(episode: Episode, *steps: StepBase) -> Episode:
    return replace(episode, steps=(*episode.steps, *steps))


def test_a_text_set_anew_shows_the_lines_that_differ() -> None:
    whole = f"a\nb\nc {ASTRAL}\n"
    episode = replace(open_episode("a\nc\n", []), blobs=(b"a\nc\n", whole.encode()))
    anew = ResyncStep(
        seq=1, t_ns=MS, source=SOURCE, path="a.txt", buffer=1, target="buffer", reason="git", blob=1
    )
    seen = scene(_with(episode, anew), 1)
    assert seen.text == whole
    assert len(seen.changes) == 1
    assert whole[seen.changes[0].start : seen.changes[0].end].startswith("b\n")


def test_a_selection_moves_the_cursor_and_a_view_the_eye() -> None:
    episode = open_episode("a\nb\n", [edit(1, 0, 0, ASTRAL)])
    moved = SelectStep(seq=2, t_ns=MS, source=SOURCE, path="a.txt", cursor=1)
    looked = ViewStep(
        seq=3, t_ns=MS, source=SOURCE, path="a.txt", visible=(LineSpan(first=1, last=2),)
    )
    both = _with(episode, moved, looked)
    assert scene(both, 1).cursor == 2
    assert scene(both, 2).cursor == 1
    assert scene(both, 3).first_line == 1


def test_where_there_is_no_text_the_reason_is_said() -> None:
    assert scene(sample_episode(), -1).why_not == "not opened yet"
    gone = DeleteStep(seq=22, t_ns=3000 * MS, source=SOURCE, path="src/app.py")
    assert scene(_with(sample_episode(), gone), 22).why_not == "there is no such file now"
    assert scene(sample_episode(), 16).why_not == "2 bytes that are not text"
    note = NoteStep(seq=0, t_ns=0, source=SOURCE, text=ASTRAL)
    alone = replace(open_episode("", []), steps=(note,), files=())
    assert scene(alone, 0).why_not == "no file has been looked at"


def test_an_edit_that_does_not_fit_its_text_is_said() -> None:
    episode = open_episode(ASTRAL, [edit(1, 50, 0, "x")])
    assert "cannot be rebuilt" in scene(episode, 1).why_not
