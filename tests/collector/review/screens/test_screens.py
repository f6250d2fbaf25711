"""Every screen of the terminal review, by keys alone, at 80 by 24."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.support.repaired import repaired_base
from tests.support.review import ASTRAL, CLIENT, TOKEN, Screens, at_screens, put_base, shared_files
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.capture.opt_in.owners import Owners
from signoff_collector.own_files.home import resolve_home
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.review.plan.plan_store import PlanStore
from signoff_collector.review.screens.reading import Reading
from signoff_collector.review.screens.rows_view import RowsView
from signoff_schemas.errors import OutdatedError
from signoff_schemas.keys import TITLES

pytestmark = pytest.mark.slow


def plan_of(base: Path) -> dict[str, object]:
    sha256 = hashlib.sha256(base.read_bytes()).hexdigest()
    plan = PlanStore(resolve_home(), sha256).load().plan
    return json.loads(plan.model_dump_json())


def test_nothing_is_kept_at_first_and_enter_keeps_and_drops_a_task(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.wait_for(
            "[ ]         fix the parser", "[ ]         private things", "nothing included"
        )
        await screens.press("enter")
        await screens.wait_for("[included]  fix the parser", "task 1 of 1 included")
        await screens.press("enter")
        await screens.wait_for("[ ]         fix the parser", "no longer included")
        await screens.press("u")
        await screens.wait_for("[included]  fix the parser", "undone")

    at_screens(base, person)
    (keep,) = plan_of(base)["keeps"]
    assert keep["from_seq"] == 0


def test_every_screen_says_which_recording_it_is(home: Path) -> None:
    base = put_base()
    Owners(resolve_home()).keep_recorded(
        hashlib.sha256(base.read_bytes()).hexdigest(), home / f"shop {ASTRAL}", None
    )

    async def person(screens: Screens) -> None:
        for number, title in enumerate(TITLES, start=1):
            await screens.press(str(number))
            await screens.wait_for(f"[{number} {title}]", f"shop {ASTRAL} · no date in it")
        await screens.press("?")
        await screens.wait_for("What the keys do", f"shop {ASTRAL} · no date in it")

    at_screens(base, person)


def test_three_moments_are_asked_about_and_enter_on_nothing_skips(home: Path) -> None:
    assert not home.exists()
    base = repaired_base()

    async def person(screens: Screens) -> None:
        await screens.press("2", "n")
        await screens.wait_for("include")
        await screens.press("1", "enter", "2")
        await screens.wait_for("[2 Overview]", "useful")
        await screens.press("n")
        await screens.wait_for("1 of 3", "did not stay", "What were you thinking here?")
        await screens.press("enter")
        await screens.wait_for("2 of 3", "took your time")
        await screens.write(f"it was the order {ASTRAL}")
        await screens.wait_for("3 of 3", "the test passed", "y = right()", "Enter on nothing skips")
        await screens.press("enter")
        await screens.wait_for("one note was changed")
        await screens.press("n", "enter")
        await screens.wait_for("2 of 3", f"it was the order {ASTRAL}")
        await screens.press("escape")
        await screens.wait_for("no note was changed")
        await screens.press("u")
        await screens.wait_for("undone")

    at_screens(base, person)
    assert plan_of(base)["notes"] == []


def test_a_task_is_split_joined_named_and_its_outcome_said(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.wait_for("[ ]         fix the parser")
        await screens.press("n")
        await screens.wait_for("include it first")
        await screens.press("p")
        await screens.wait_for("First step of the second part")
        await screens.write("30")
        await screens.wait_for("split in two", "steps 0-29")
        await screens.press("enter")
        await screens.wait_for("[included]")
        await screens.press("j")
        await screens.wait_for("joined", "steps 0-51")
        await screens.press("p")
        await screens.write("9999")
        await screens.wait_for("cannot split the task at step 9999")
        await screens.press("n")
        await screens.write(f"mend [red]it {ASTRAL}")
        await screens.wait_for(f"[included]  mend [red]it {ASTRAL}", "named")
        await screens.press("e")
        await screens.wait_for("How did it end?")
        await screens.press("down", "enter")
        await screens.wait_for("said", "solved")

    at_screens(base, person)
    (keep,) = plan_of(base)["keeps"]
    assert (keep["title"], keep["outcome"]) == (f"mend [red]it {ASTRAL}", "solved")


def test_the_summary_says_what_a_kept_task_holds(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("2")
        await screens.wait_for("nothing is included yet")
        await screens.press("1", "enter", "2")
        await screens.wait_for("src/app.py", "who wrote", "$ pytest -q", "checkpoints match")

    at_screens(base, person)


def test_groups_to_check_are_decided_by_one_key_each(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "3")
        await screens.wait_for("decide", "unknown words: 1 word", TOKEN, "1 decision left to you")
        await screens.press("enter")
        await screens.wait_for("/ search", TOKEN)
        await screens.press("slash")
        await screens.wait_for("Items with these words")
        await screens.write("no such thing")
        await screens.wait_for("0 with")
        await screens.press("slash", *["backspace"] * 13, "enter")
        await screens.wait_for("decide", TOKEN)
        await screens.press("x")
        await screens.wait_for("masked", TOKEN)
        await screens.press("u")
        await screens.wait_for("undone", "decide")
        await screens.press("escape", "A")
        await screens.wait_for("what was left is shared as it is", "accepted")
        await screens.press("X")
        await screens.wait_for("nothing that waits can be masked", "accepted")
        await screens.press("u", "x")
        await screens.wait_for("masked everywhere")
        await screens.press("w")
        await screens.wait_for("this was not masked by sealing")

    at_screens(base, person)


def test_a_file_is_seen_between_moments_as_it_was_and_a_selection_is_masked(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "6")
        await screens.wait_for("src/app.py", "as it would be shared")
        await screens.press("enter")
        await screens.wait_for(f"+client = '{CLIENT}'", "from the start")
        await screens.press("M")
        await screens.wait_for("The earlier moment:")
        await screens.press("end", "enter")
        await screens.wait_for("no difference between these two moments")
        await screens.press("left")
        await screens.wait_for("from")
        await screens.press("escape", "b")
        await screens.wait_for("files as recorded")
        await screens.press("enter", "w")
        await screens.wait_for("as it was at", f"client = '{CLIENT}'")
        await screens.press("v", "down", *["right"] * 10, "v", *["right"] * 11, "x")
        await screens.wait_for("12 characters are masked everywhere")
        await screens.press("escape", "b", "enter")
        await screens.wait_for("as it would be shared", "client = '[masked text 1]'")

    at_screens(base, person)
    (mask,) = plan_of(base)["mask_texts"]
    assert mask["length"] == len(CLIENT)


def test_a_value_that_is_typed_unseen_is_masked_everywhere(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "x")
        await screens.wait_for("Value to mask everywhere")
        for char in CLIENT:
            await screens.press(char)
        shown = await screens.wait_for("•" * len(CLIENT))
        assert CLIENT not in shown
        await screens.press("enter")
        await screens.wait_for("in files and", "masked")
        await screens.press("6", "enter")
        await screens.wait_for("[masked text 1]")

    at_screens(base, person)
    assert CLIENT not in json.dumps(plan_of(base))


def test_steps_kinds_files_and_times_are_chosen_and_taken_back(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "2", "t")
        await screens.wait_for("cut steps …", "steps of kind select", "file src/app.py")
        await screens.press("enter")
        await screens.write("3-5")
        await screens.wait_for("[cut] steps 3-5", "steps 3 to 5 are cut")
        await screens.press("enter")
        await screens.write("banana")
        await screens.wait_for("there are no steps banana")
        await screens.press("down", "enter")
        await screens.wait_for("they are back")
        await screens.press("enter")
        await screens.wait_for("[cut] all 59 steps of kind select")
        await screens.press("end", "up", "up", "enter")
        await screens.wait_for("[share] the day it began, in UTC")
        await screens.press("end", "up", "up", "up", "enter")
        await screens.wait_for("How exact should times be?")
        await screens.press("down", "enter")
        await screens.wait_for("times: 100ms")

    at_screens(base, person)
    plan = plan_of(base)
    assert plan["cut_ranges"] == []
    assert plan["cut_kinds"] == ["select"]
    assert plan["time_resolution"] == "100ms"
    assert plan["wall_clock"] is True


def test_the_timeline_goes_to_steps_by_the_keys_of_the_film_and_takes_them_out(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "2", "v")
        await screens.wait_for("[5 Timeline]", "lines as it would be shared")
        await screens.press("home", "r", "enter")
        await screens.wait_for("$ pytest -q", "Esc back")
        await screens.press("escape", "delete")
        await screens.wait_for("press b first")
        await screens.press("b", "home", "r", "v", "right", "delete")
        await screens.wait_for("are cut; `8` lists")

    at_screens(base, person)
    (cut,) = plan_of(base)["cut_ranges"]
    assert cut["from_seq"] <= cut["to_seq"]


def test_the_timeline_goes_from_chapter_to_chapter_and_stops_at_the_last(home: Path) -> None:
    typist = Typist(cursors=True)
    typist.begin_task("mend it")
    typist.open("a.py", f"# {ASTRAL}\n")
    run_tests(typist, {"t.py::a": "failed"})
    typist.type_at_end("a.py", "x = 1\n")
    typist.save("a.py")
    run_tests(typist, {"t.py::a": "passed"})
    typist.commit("Keep it")

    async def person(screens: Screens) -> None:
        await screens.press("enter", "2", "v")
        await screens.wait_for("[5 Timeline]", "lines as it would be shared")
        await screens.press("home", "s")
        await screens.wait_for("red → green: a")
        await screens.press("s")
        await screens.wait_for("commit: Keep it")
        await screens.press("s")
        await screens.wait_for("no more chapter that way")
        await screens.press("S")
        await screens.wait_for("red → green: a")
        await screens.press("S")
        await screens.wait_for("task: mend it")

    at_screens(put_base(Redactor(RedactionPolicy()).redact_episode(typist.episode())), person)


def test_everything_is_searched_and_the_search_is_left(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "8", "slash")
        await screens.wait_for("Search all text")
        await screens.write(CLIENT)
        await screens.wait_for("places as it would be shared", "src/app.py", CLIENT)
        await screens.press("enter")
        await screens.wait_for("client = ")
        await screens.press("escape", "escape")
        await screens.wait_for("come from steps that are not included")

    at_screens(base, person)


def test_the_changes_of_a_file_are_gone_through_and_behind_the_last_is_the_next_file(
    base: Path,
) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "6", "enter")
        await screens.wait_for("from the start")
        await screens.press("right_square_bracket")
        await screens.wait_for("@@")
        await screens.press(*["right_square_bracket"] * 20)
        await screens.wait_for("there is no further file that way")

    at_screens(base, person)


def test_text_that_came_in_is_listed_and_masked_whole(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("down", "enter", "8")
        await screens.wait_for("shared", "src/app.py")
        await screens.press("enter")
        await screens.wait_for("masked whole")

    at_screens(base, person)
    assert plan_of(base)["mask_texts"]


def test_recorded_text_is_shown_as_it_stands_and_runs_nothing(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("7")
        await screens.wait_for("$ pytest -q")
        await screens.press("down", "enter")
        shown = await screens.wait_for("[red]no[/] [@click=app.bell]x[/] [link=u]y[/]")
        assert "␛[8mhid␛[0m␍over<U+200B> <U+202E>gnp.exe" in shown.replace("\n↪", "").replace(
            " " * 3, ""
        )
        raw = "".join(shown)
        assert not {"\x1b", "\r", "\u200b", "\u202e"} & set(raw)

    at_screens(base, person)


def test_a_plan_that_another_window_changed_is_loaded_again(base: Path) -> None:
    sha256 = hashlib.sha256(base.read_bytes()).hexdigest()

    async def person(screens: Screens) -> None:
        store = PlanStore(resolve_home(), sha256)
        stored = store.load()
        store.change(
            stored.revision, plan=stored.plan.model_copy(update={"time_resolution": "100ms"})
        )
        await screens.press("enter")
        await screens.wait_for("another window changed the plan", "times 100ms")
        await screens.press("enter")
        await screens.wait_for("[included]  fix the parser")
        with pytest.raises(OutdatedError):
            store.change(stored.revision, plan=stored.plan)

    at_screens(base, person)


def test_a_review_that_was_left_goes_on(base: Path) -> None:
    async def first(screens: Screens) -> None:
        await screens.press("enter")
        await screens.wait_for("[included]  fix the parser")
        await screens.press("q")
        await screens.wait_for("Leave the review?")
        await screens.press("down", "enter")

    async def second(screens: Screens) -> None:
        await screens.wait_for("[included]  fix the parser")

    assert at_screens(base, first).return_value == 0
    at_screens(base, second)
    assert shared_files(base) == []


def test_a_mask_made_by_default_is_not_said_to_be_by_hand(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "x")
        await screens.wait_for("Value to mask")
        await screens.write(CLIENT)
        await screens.press("2")
        await screens.wait_for("text masked in the review (decided under To check, or by you")

    at_screens(base, person)


def test_an_episode_is_discarded_after_two_questions(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("q")
        await screens.wait_for("Leave the review?")
        await screens.press("end", "enter")
        await screens.wait_for("Delete this episode")
        await screens.press("down", "enter")

    app = at_screens(base, person)
    assert "discarded" in app.outcome
    assert not base.exists()


def test_a_hundred_megabytes_of_output_are_shown_before_all_of_them_are_gone_through(
    base: Path,
) -> None:
    text = f"a plain line of a long build {ASTRAL}\n" * 3_200_000

    async def person(screens: Screens) -> None:
        screens.app.push_screen(Reading("100 MB", text))
        await screens.wait_for("a plain line of a long build")
        await screens.press("pagedown")
        assert not screens.app.screen.query_one(RowsView).is_complete
        await screens.press("escape")
        await screens.wait_for("1 Tasks")

    at_screens(base, person)


def test_a_mask_has_a_sign_and_what_only_looks_like_one_has_none(home: Path) -> None:
    typist = Typist()
    typist.open("src/app.py", f"# {ASTRAL}\n")
    typist.begin_task("mend the address")
    typist.type_at_end("src/app.py", "typed = 'REDACTED_HOST_1'\n")
    typist.type_at_end("src/app.py", "host = 'build01.corp.example.com'\n")
    typist.save("src/app.py")
    typist.command(["make"], "from build01.corp.example.com\n")
    base = put_base(Redactor(RedactionPolicy()).redact_episode(typist.episode()))
    masked = "[masked host 2].example.com"

    async def person(screens: Screens) -> None:
        await screens.press("enter", "3")
        await screens.wait_for(
            "1 masked: name of a computer (it has the form of one", "host = '»[masked host 2]«"
        )
        await screens.press("6", "enter")
        await screens.wait_for("+typed = 'REDACTED_HOST_1'", f"+host = '{masked}'")
        await screens.press("w")
        await screens.wait_for(f"\n host = '{masked}'")
        await screens.press("escape", "7", "down", "enter")
        await screens.wait_for(f"from {masked}")

    at_screens(base, person)
