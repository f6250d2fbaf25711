"""Doing the action of each pair on its frame, and what happened then, gives the next frame."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields, replace
from itertools import pairwise

import pytest
from benchmarks.made_days.known_day import known_day
from hypothesis import given
from hypothesis import strategies as st
from tests.collector.picture.test_pictures import check_words
from tests.support.episodes import ASTRAL, episodes, jumping_episode, later_episode, sample_episode
from tests.support.hands import HAND, MACHINE, TEXTS, read_action, work_by_hand
from tests.support.pictures import Desk, hard_texts, working_day
from tests.support.random_work import work

from signoff_collector.episode.content import Edit, Episode
from signoff_collector.picture.layout import Size
from signoff_collector.picture.looking import Caret
from signoff_collector.picture.painters.svg import svg_text
from signoff_collector.picture.scene import Scene, Scenes
from signoff_datasets.frames.acts import EDITOR_COMMAND, SAVE
from signoff_datasets.frames.doing import do
from signoff_datasets.frames.painting import Painting
from signoff_datasets.frames.pairs import OTHER_OUTCOME, Frame, frames_of
from signoff_datasets.frames.records import SIZE, action_of
from signoff_datasets.frames.world import happen, happenings
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import (
    CloseStep,
    DiskStep,
    FilesStep,
    FileStep,
    OpenStep,
    SaveStep,
    SeenStep,
    SelectStep,
    ViewStep,
)
from signoff_schemas.words import ACTOR_CLASSES, ActorClass

OWN = {ActorClass.TYPED, ActorClass.PASTED, ActorClass.COMPLETION}
SIZES = st.sampled_from(
    [SIZE, Size(width=640, height=400), Size(width=300, height=200, font_px=10)]
)


def frames(episode: Episode, size: Size = SIZE) -> tuple[list[Frame], Counter[str]]:
    left_out = Counter[str]()
    span = (0, max(episode.step_count - 1, 0))
    return list(frames_of(episode, size, span, left_out)), left_out


def done_again(found: list[Frame]) -> None:
    """Do every action from its JSON alone; the result is the next frame, cell for cell."""
    for one, following in pairwise(found):
        assert one.pair is not None
        action = read_action(json.dumps(action_of(one.pair.doing)))
        done = do(one.world, action)
        after = one.world.bench.drawn(happen(done, one.pair.happened))
        layout = following.world.layout
        assert (after.rows, after.areas, after.cursor) == (
            layout.rows, layout.areas, layout.cursor
        )  # fmt: skip


def told(found: list[Frame]) -> list[tuple[str, str, bool]]:
    """Return kind, text or key, and whether it was inferred, of every action."""
    return [
        (one.pair.doing.kind, one.pair.doing.text or one.pair.doing.key, one.pair.act.is_inferred)
        for one in found
        if one.pair is not None
    ]


@given(st.one_of(work_by_hand(), work(), episodes()), SIZES)
def test_doing_an_action_and_what_happened_then_gives_the_next_frame(
    episode: Episode, size: Size
) -> None:
    found, _ = frames(episode, size)
    assert found[-1].pair is None
    done_again(found)


MADE = {
    "day": working_day, "hard": hard_texts, "sample": sample_episode, "jumping": jumping_episode,
    "later": later_episode, "known": lambda: known_day(1000, tasks=2)[0],
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_made_days_are_done_again_too(name: str) -> None:
    found, _ = frames(MADE[name]())
    done_again(found)


def test_a_frame_that_is_done_has_the_very_pixels_of_the_next_one() -> None:
    found, _ = frames(working_day())
    painting = Painting("0" * 64)
    for one, following in pairwise(found):
        assert one.pair is not None
        scene = happen(do(one.world, one.pair.doing), one.pair.happened)
        world = one.world.bench.as_drawn(following.world.moment, scene)
        assert painting.png(world) == painting.png(following.world)


@given(work_by_hand())
def test_what_a_person_wrote_is_the_actions_doing_and_never_what_happened(
    episode: Episode,
) -> None:
    """Texts change otherwise only where something else is recorded that may change them."""
    found, left_out = frames(episode)
    assert not left_out[OTHER_OUTCOME]
    steps = list(episode.ordered())
    for one, following in pairwise(found):
        assert one.pair is not None
        parts = {part.part for part in one.pair.happened}
        within = steps[one.pair.act.first : following.world.moment.seq + 1]
        others = [step for step in within if not _is_of_hand(step)]
        moves = [step for step in others if not isinstance(step, SelectStep)]
        assert not parts & {"text", "front"} or moves, (one.pair, within)
        assert "caret" not in parts or others, (one.pair, within)
        assert "view" not in parts or others, (one.pair, within)
        assert "tabs" not in parts or others or not _is_unsaved(following), (one.pair, within)
        assert "terminal" not in parts or any(isinstance(step, DiskStep) for step in within)


def _is_unsaved(frame: Frame) -> bool:
    """Say whether the file in front has the mark of the unsaved; as it was saved it has not."""
    scene = frame.world.scene
    return any(one.is_unsaved for one in scene.open_files if one.path == scene.path)


def _is_of_hand(step: object) -> bool:
    """Say whether a step changes no text but by the hands of a person whose acts are drawn."""
    if isinstance(step, Edit):
        return ACTOR_CLASSES[step.actor] in OWN
    return not isinstance(step, (FileStep, DiskStep, SeenStep)) or isinstance(step, SaveStep)


@given(work_by_hand())
def test_every_edit_of_a_person_is_in_one_action_or_left_out_with_a_reason(
    episode: Episode,
) -> None:
    found, left_out = frames(episode)
    spans = [
        (one.pair.act.first, one.pair.act.last)
        for one in found
        if one.pair is not None and not one.pair.act.is_inferred
    ]
    assert all(one[1] < two[0] for one, two in pairwise(spans))
    missing = [
        edit
        for edit in episode.edits.edits()
        if ACTOR_CLASSES[edit.actor] in OWN | {ActorClass.UNDO, ActorClass.REDO}
        and not any(first <= edit.seq <= last for first, last in spans)
    ]
    assert not missing or left_out.total() > left_out[EDITOR_COMMAND]


@given(work_by_hand())
def test_every_word_of_a_frame_is_of_the_masked_texts(episode: Episode) -> None:
    found, _ = frames(episode)
    for one in found:
        check_words(one.world.scene, svg_text(one.world.layout, "light", {"seq": 0}))


def test_every_field_of_a_scene_is_a_part_that_may_become_otherwise() -> None:
    before = Scene(seq=0, t_ns=0)
    for field in fields(Scene):
        after = replace(before, **{field.name: ("other",)})
        if field.name == "caret":
            after = replace(before, caret=Caret(cursor=1))
        assert happen(before, happenings(before, after)) == after, field.name


def opened(*, cursors: bool = False) -> Desk:
    desk = Desk(cursors=cursors)
    desk.add(FilesStep, changed=tuple(
        {"path": path, "blob": desk.blob(text.encode())} for path, text in TEXTS.items()
    ), is_base=True)  # fmt: skip
    return desk


def test_typing_rubbing_out_and_typing_on_are_three_actions() -> None:
    desk = opened()
    desk.open("a.py", TEXTS["a.py"])
    end = desk.type("a.py", 2, f"z{ASTRAL}y")
    desk.backspace("a.py", end, 2)
    desk.type("a.py", end - 2, "!\n")
    found, left_out = frames(desk.episode())
    assert told(found) == [
        ("open_file", "", False),
        ("type_text", f"z{ASTRAL}y", False),
        ("press_key", "Backspace", False),
        ("type_text", "!\n", False),
    ]
    assert not left_out
    assert [one.pair.doing.count for one in found[:-1] if one.pair] == [1, 1, 2, 1]
    where = [one.pair.doing.points[0].kind for one in found[:-1] if one.pair]
    assert where == ["file", "text", "caret", "caret"]


def test_a_select_step_after_every_key_is_no_action() -> None:
    desk = opened(cursors=True)
    desk.open("a.py", TEXTS["a.py"])
    desk.type("a.py", 2, f"one {ASTRAL}")
    found, _ = frames(desk.episode())
    assert told(found)[1:] == [("type_text", f"one {ASTRAL}", False)]


def test_what_is_selected_is_typed_over_without_pointing_again() -> None:
    desk = opened()
    desk.open("a.py", TEXTS["a.py"])
    desk.add(SelectStep, path="a.py", buffer=0, cursor=7, selections=((2, 4), (2, 4)))
    desk.add(SelectStep, path="a.py", buffer=0, cursor=7, selections=((5, 7),))
    desk.edit("a.py", 5, 2, f"two {ASTRAL}")
    found, left_out = frames(desk.episode())
    assert told(found)[1:] == [("select_range", "", False), ("type_text", f"two {ASTRAL}", False)]
    assert [len(one.pair.doing.points) for one in found[1:-1] if one.pair] == [2, 1]
    assert left_out == {"several_selections": 1}
    done_again(found)


def test_another_file_is_brought_to_the_front_first_and_a_far_line_gone_to() -> None:
    desk = opened()
    for path in ("deep/many.txt", "src/long.txt"):
        desk.open(path, TEXTS[path])
    end = len(TEXTS["deep/many.txt"]) - 4
    desk.type("deep/many.txt", end, ASTRAL)
    desk.type("src/long.txt", 9_000, ASTRAL)
    found, left_out = frames(desk.episode())
    assert told(found)[2:] == [
        ("open_file", "", True), ("go_to", "", True), ("type_text", ASTRAL, False),
        ("open_file", "", True), ("go_to", "", True), ("type_text", ASTRAL, False),
    ]  # fmt: skip
    assert not left_out
    inferred = [one.pair for one in found if one.pair and one.pair.act.is_inferred]
    assert {one.weighed.weight for one in inferred} == {0}
    assert [one.pair.weighed.weight for one in found if one.pair and one.pair.doing.text] == [1, 1]
    assert (inferred[1].doing.line, inferred[3].doing.column) == (90, 9_001)
    done_again(found)


def test_what_a_program_did_is_no_action() -> None:
    desk = opened()
    desk.open("a.py", TEXTS["a.py"])
    desk.edit("a.py", 0, 0, f"theirs {ASTRAL}", ActorClass.ASSISTANT)
    desk.edit("a.py", 0, 0, f"whose {ASTRAL}", ActorClass.UNKNOWN)
    desk.edit("a.py", 0, 0, "\t", ActorClass.COMMAND)
    desk.command(("rm",), "gone\n", actor=MACHINE)
    desk.add(CloseStep, path="a.py", buffer=0)
    found, left_out = frames(desk.episode())
    assert told(found) == [("open_file", "", False)]
    assert left_out == {EDITOR_COMMAND: 1}
    done_again(found)


def test_a_command_of_the_persons_is_typed_at_the_prompt_and_its_output_happens() -> None:
    desk = opened()
    desk.command(("echo", ASTRAL), f"{ASTRAL}\n", actor=HAND)
    found, _ = frames(desk.episode())
    (pair,) = (one.pair for one in found if one.pair is not None)
    assert (pair.doing.kind, pair.doing.text) == ("run_command", f"echo '{ASTRAL}'")
    assert "terminal" in {one.part for one in pair.happened}
    done = do(found[0].world, pair.doing)
    assert [one.text for one in done.terminal] == [f"echo '{ASTRAL}'"]


def test_undoing_is_a_key_that_the_editor_answers() -> None:
    desk = opened()
    desk.open("a.py", TEXTS["a.py"])
    desk.type("a.py", 0, ASTRAL)
    desk.wait(5_000)
    desk.edit("a.py", 0, 2, "", ActorClass.UNDO)
    desk.save("a.py")
    found, _ = frames(desk.episode())
    assert told(found)[2:] == [("press_key", "Control+Z", False), ("press_key", SAVE, False)]
    pair = found[2].pair
    assert pair is not None
    assert "text" in {one.part for one in pair.happened}


def test_an_action_that_points_at_nothing_is_refused() -> None:
    desk = opened()
    desk.open("a.py", TEXTS["a.py"])
    desk.type("a.py", 2, ASTRAL)
    found, _ = frames(desk.episode())
    assert found[1].pair is not None
    action = action_of(found[1].pair.doing)
    for x, y in ((0, 799), (1279, 1), (5_000, 5_000), (300, 700)):
        action["target"] = {"on": "text", "x": x, "y": y, "box": [x, y, 1, 1]}
        with pytest.raises(DamagedError, match="is drawn where it points"):
            do(found[1].world, read_action(json.dumps(action)))


def test_a_person_scrolls_and_opens() -> None:
    desk = opened()
    for path in ("deep/many.txt", "a.py"):
        desk.open(path, TEXTS[path])
    desk.add(ViewStep, path="deep/many.txt", buffer=0, visible=({"first": 40, "last": 70},))
    found, _ = frames(desk.episode())
    assert [kind for kind, _, _ in told(found)] == ["open_file", "open_file", "open_file", "scroll"]
    done_again(found)
    assert Scenes(desk.episode()).at(3).path == "deep/many.txt"
    assert isinstance(desk.steps[1], OpenStep)
