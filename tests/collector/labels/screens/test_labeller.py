"""The player with keys that label: what its screen says, and what is on the disk after each key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.episodes import ASTRAL
from tests.support.labels import WORDS, home_at, opened_by, put_day
from tests.support.leaks import random_secret
from tests.support.player import drive, screen_text
from textual.pilot import Pilot

from signoff_collector.labels.comparing import disagreements
from signoff_collector.labels.label_file import labels_path
from signoff_collector.labels.opening import Opened, with_others
from signoff_collector.labels.schema_files import parse_yaml_schema
from signoff_collector.labels.screens.labeller import Labeller
from signoff_collector.own_files.home import Home
from signoff_collector.replay.reel import Reel
from signoff_schemas.keys import LABELLER, PLAYER, rows_of
from signoff_schemas.labels import Label, parse_label_set

pytestmark = pytest.mark.slow
SIZE = (100, 30)


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_at(tmp_path_factory.mktemp("me") / "home")


@pytest.fixture
def opened(me: Home, tmp_path: Path) -> Opened:
    return opened_by(me, put_day(tmp_path / "work"))


def after(
    opened: Opened, *keys: str, size: tuple[int, int] = SIZE, seq: int = 20, **more: object
) -> list[str]:
    """Return what the screen said at first, and after each key; `text:…` is typed."""
    reel = Reel(opened.episode)
    player = Labeller(reel, opened, place=reel.place_of_seq(seq), **more)  # type: ignore[arg-type]
    said: list[str] = []

    async def act(pilot: Pilot[None]) -> None:
        said.append(screen_text(player))
        for key in keys:
            if key.startswith("text:"):
                player.screen.query_one("Input").value = key[5:]  # type: ignore[attr-defined]
            else:
                await pilot.press(key)
            await pilot.pause()
            said.append(screen_text(player))

    drive(player, act, size)
    return said


def on_disk(opened: Opened) -> tuple[Label, ...]:
    path = labels_path(opened.path)
    return parse_label_set(path.read_bytes()).labels if path.exists() else ()


def facts(labels: Sequence[Label]) -> list[tuple[str, object, int, int]]:
    return [(one.field, one.value, one.first, one.last) for one in labels]


def test_the_keys_of_labels_are_on_the_screen_and_in_the_help(opened: Opened) -> None:
    first, helped = after(opened, "question_mark", size=(100, 80))
    for words in ("1 good", "2 mistake", "9 validate", "e difficulty", "w intent", "u undo"):
        assert words in first
    assert "this burst: 18 to 74: no label" in first
    assert "labels of signoff-default" in helped
    assert "play, stop" in helped
    assert "accept what is proposed here" in helped


def test_a_key_labels_the_burst_that_is_shown(opened: Opened) -> None:
    said = after(opened, "2")
    assert "this burst: 18 to 74: judgement mistake" in said[1]
    assert facts(on_disk(opened)) == [("judgement", "mistake", 17, 73)]
    assert opened.file.marks.labels == on_disk(opened)


def test_undo_remove_and_again(opened: Opened) -> None:
    said = after(opened, "1", "7", "u", "delete", "u", "u", "u", "delete")
    assert "judgement good, phase localise" in said[2]
    assert "taken back" in said[3]
    assert "removed: judgement good" in said[4]
    assert "judgement good" in said[5]
    assert "no label" in said[6]
    assert "nothing to take back" in said[7]
    assert "no label here" in said[8]
    assert on_disk(opened) == ()


def test_numbers_and_words_are_asked_for(opened: Opened) -> None:
    said = after(
        opened, "e", "text:9", "enter", "e", "text:4", "enter", "w", f"text:{WORDS}", "enter",
        "e", "text:x", "enter", "w", "escape",
    )  # fmt: skip
    assert "difficulty 1 to 5:" in said[1]
    assert "difficulty is a number from 1 to 5" in said[3]
    assert "difficulty 4" in said[6]
    assert ASTRAL in said[9]
    assert "difficulty is a number 1 to 5" in said[12]
    assert facts(on_disk(opened)) == [("difficulty", 4, 17, 73), ("intent", WORDS, 17, 73)]


def test_a_span_goes_from_the_first_step_of_one_unit_to_the_last_of_another(
    opened: Opened,
) -> None:
    said = after(opened, "v", "b", "b", "8", "v", "v")
    assert "go to its other end" in said[1]
    (label,) = on_disk(opened)
    first = opened.units.at(20)
    assert first is not None
    assert (label.field, label.first) == ("phase", first.first)
    assert label.last > first.last
    assert label.last in {unit.last for unit in opened.units.all}
    assert "this step: 75: no label   (within: phase patch)" in said[4]
    assert "from here" in said[5]
    assert "from here" not in said[6]


def test_what_is_proposed_waits_for_a_decision(opened: Opened) -> None:
    said = after(opened, "p", "y", "x", "u", "u")
    assert "1 of " in said[1]
    assert "proposed: judgement" in said[1]
    assert "accepted:" in said[2]
    assert "2 of " in said[2]
    assert "turned down:" in said[3]
    assert opened.file.marks.labels == ()
    assert opened.file.marks.rejected == ()


def test_a_place_stays_while_one_looks_around_in_it_and_no_longer(opened: Opened) -> None:
    said = after(opened, "p", "z", "right", "right", "y", "u", "home", "p", "B", "B", "B", "y")
    first = said[1].split("to look at: ")[-1].split(":")[0]
    begin, end = (int(one) for one in first.split(" to "))
    assert f"step {end}/" in said[1]
    assert f"step {begin}/" in said[2]
    assert f"to look at: {first}: no label" in said[4]
    assert "accepted:" in said[5]
    assert on_disk(opened) == () or on_disk(opened)[0].first != begin - 1
    assert f"to look at: {first}" not in said[11]


def test_z_goes_to_the_first_step_and_back(opened: Opened) -> None:
    said = after(opened, "z", "z", "2")
    assert "step 18/" in said[1]
    assert "step 74/" in said[2]
    assert facts(on_disk(opened)) == [("judgement", "mistake", 17, 73)]


def test_only_accepting_makes_a_proposal_a_label(opened: Opened) -> None:
    after(opened, "p", "p", "P", "b", "B", "h", "escape", "question_mark", "escape", "x")
    assert on_disk(opened) == ()
    after(opened, "p", "y")
    (label,) = on_disk(opened)
    assert label.accepted is not None
    assert label.origin == "person"


def test_all_proposals_can_be_gone_through(opened: Opened) -> None:
    count = len(opened.proposals)
    said = after(opened, "p", *["x"] * count, "p", "y")
    assert "nothing waits to be looked at" in said[-2]
    assert "nothing is proposed here" in said[-1]
    assert on_disk(opened) == ()


def test_what_labellers_see_differently_is_looked_at_first(
    me: Home, opened: Opened, tmp_path: Path
) -> None:
    ada = opened_by(home_at(tmp_path / "ada"), put_day(tmp_path / "adas"))
    ada.file.set_label("judgement", "mistake", 17, 73)
    ada.file.sign()
    opened.file.set_label("judgement", "good", 17, 73)
    differing = list(disagreements(with_others(opened, [ada.file.path]), opened.units.all))
    said = after(opened, "p", "4", seq=0, differing=differing)
    assert "labellers differ: good / mistake" in said[1]
    assert facts(on_disk(opened)) == [("judgement", "unnecessary", 17, 73)]


def test_labels_are_listed_and_gone_to(opened: Opened) -> None:
    opened.file.set_label("judgement", "good", 17, 73)
    said = after(opened, "h", "enter", seq=300)
    assert "1 label: Enter goes there" in said[1]
    assert "18 to 74  judgement good" in said[1]
    assert "this burst: 18 to 74: judgement good" in said[2]


def test_a_label_that_the_schema_does_not_allow_here_is_said(me: Home, tmp_path: Path) -> None:
    schema = parse_yaml_schema(
        b"{label_schema: 1, name: o, fields: [{kind: tag, name: turn, where: step,"
        b" values: [{name: wrong, key: 1}]}]}"
    )
    opened = opened_by(me, put_day(tmp_path / "work"), schema)
    said = after(opened, "1")
    assert "turn is said of one step, not of a span" in said[1]
    assert on_disk(opened) == ()


def test_another_programs_change_is_said_and_not_overwritten(me: Home, opened: Opened) -> None:
    other = opened_by(me, opened.path)
    other.file.set_label("judgement", "good", 1, 1)
    said = after(opened, "2")
    assert "was changed by another program" in said[1]
    assert facts(on_disk(opened)) == [("judgement", "good", 1, 1)]


@pytest.mark.parametrize("size", [(60, 12), (80, 24), (200, 50)])
def test_it_fits_windows_of_any_size(opened: Opened, size: tuple[int, int]) -> None:
    said = after(opened, "2", size=size)[1]
    assert "judgement mistake" in said
    assert "step 21/" in said
    assert all(len(line) <= size[0] for line in said.split("\n"))


def test_words_are_masked_and_never_drawn_as_orders(me: Home, tmp_path: Path) -> None:
    from tests.support.clock import FakeClock

    from signoff_collector.labels.opening import open_labels
    from signoff_collector.redaction.shape_mask import ShapeMask

    secret = random_secret(24)
    path = put_day(tmp_path / "work")
    opened = open_labels(me, str(path), chosen=None, mask=ShapeMask().mask, clock=FakeClock())
    said = after(opened, "w", f"text:token = '{secret}'", "enter")
    assert secret not in said[3]
    assert secret.encode() not in labels_path(path).read_bytes()


def test_every_key_of_the_player_means_the_same_here() -> None:
    player = {key for row in rows_of(PLAYER) for key, _ in row.each()}
    own = {key for row in rows_of(LABELLER) for key, _ in row.each()}
    assert not player & own
