"""Screen 4 of the terminal review: what is read in the final bytes, and signed; by keys alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.support.hub_terms import HUB, signed_terms
from tests.support.leaks import leaks_in_bytes
from tests.support.review import ASIDE, CLIENT, Screens, at_screens, shared_files
from tests.support.sign_off import sign_at_terminal

from signoff_collector.consent.hub_terms import keep_terms, need_terms
from signoff_collector.consent.review_records import find_review
from signoff_collector.consent.sign_off_files import read_sign_off
from signoff_collector.consent.terms.audience import Audience
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.statement import parse_statement

pytestmark = pytest.mark.slow


def test_declining_leaves_no_record_and_no_file(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "4")
        await screens.wait_for("sha256", "0 of 1 files", "SIGN this")

    at_screens(base, person)
    assert shared_files(base) == []
    assert not list((resolve_home().state / "reviews").glob("*.json"))
    assert not list(resolve_home().state.glob("final-*"))


def test_what_screen_4_showed_is_kept_and_signed_later_by_the_id_of_the_episode(
    base: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()

    async def person(screens: Screens) -> None:
        await screens.press("enter", "3")
        await screens.wait_for("left to you")
        await screens.press("q")
        await screens.wait_for("Leave the review?", "nothing is signed")
        await screens.press("escape", "4")
        await screens.wait_for("sha256", "SIGN this")
        await screens.press("q")
        await screens.wait_for("to sign it later")
        await screens.press("end", "enter")
        await screens.wait_for("left open under To check", "No, decide first")
        await screens.press("escape")
        await screens.wait_for("SIGN this")
        await screens.press("q", "end", "enter")
        await screens.wait_for("left open under To check")
        await screens.press("down", "enter")

    app = at_screens(base, person)
    (shared,) = shared_files(base)
    assert app.outcome == f"kept, not signed: signoff sign {shared.stem} --to STORE"
    record = find_review(resolve_home(), hashlib.sha256(shared.read_bytes()).hexdigest())
    assert record is not None
    assert record.mode == "terminal"
    for name in (base.stem, shared.stem, "last"):
        said = sign_at_terminal(name, "--to", store.as_uri(), "--owner", "mine", cwd=tmp_path)
        assert said.code == 0, said
        assert shared.with_suffix(".signoff.json").exists()
        shared.with_suffix(".signoff.json").unlink()
        shared.with_suffix(".signoff.json.sig").unlink()


def test_what_was_read_before_screen_4_counts_where_nothing_of_it_differs(base: Path) -> None:
    async def person(screens: Screens) -> None:
        await screens.press("enter", "6")
        await screens.wait_for("src/app.py")
        await screens.press("enter", "escape", "4")
        await screens.wait_for("1 of 1 files, 0 of 2 outputs and messages")
        await screens.press("x")
        await screens.wait_for("Value to mask")
        await screens.write(CLIENT)
        await screens.wait_for("0 of 1 files")

    at_screens(base, person)


def test_what_was_looked_at_in_the_final_bytes_is_counted_and_signed(
    base: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()

    async def person(screens: Screens) -> None:
        await screens.press("enter", "4")
        await screens.wait_for("0 of 1 files, 0 of 2 outputs and messages")
        await screens.press("6")
        await screens.wait_for("in the final bytes")
        await screens.press("enter", "escape", "4")
        await screens.wait_for("1 of 1 files, 0 of 2 outputs and messages")
        await screens.press("end", "enter")
        await screens.wait_for("first name the store it is for")
        await screens.press("home", "down", "enter")
        await screens.wait_for("Store it is for")
        await screens.write(store.as_uri())
        await screens.press(*["down"] * 5, "enter")
        await screens.wait_for("Whose code is it?")
        await screens.press("enter")
        await screens.press("end", "enter")
        await screens.wait_for("signed whole; read to its end")
        await screens.press("escape")
        await screens.wait_for("You have not looked at 1 output and 1 message")
        await screens.press("down", "enter")
        await screens.wait_for("1 decision is left open under To check", "No, decide first")
        await screens.press("enter")
        await screens.wait_for("SIGN this")
        assert shared_files(base) == []
        await screens.press("enter")
        await screens.wait_for("1 decision is left open under To check")
        await screens.press("down", "enter")
        await screens.wait_for("Nothing is sent by signing")
        await screens.press("down", "enter")
        await screens.wait_for("statement", "integrity     good", "authority     good")

    at_screens(base, person)
    (shared,) = shared_files(base)
    data = shared.read_bytes()
    assert read_episode(data).header.origin == "shared"
    assert leaks_in_bytes(data, [ASIDE]) == []
    record = find_review(resolve_home(), hashlib.sha256(data).hexdigest())
    assert record is not None
    assert (record.mode, record.files_seen, record.outputs_seen) == ("terminal", 1, 0)
    assert shared.with_suffix(".signoff.json").exists()


def test_a_hubs_terms_are_read_whole_before_it_is_asked_to_sign(base: Path) -> None:
    keep_terms(resolve_home(), Audience(HUB), *signed_terms(text="We keep it, and say so.\n"))

    async def person(screens: Screens) -> None:
        await screens.press("enter", "4")
        await screens.wait_for("SIGN this")
        await screens.press("home", "down", "enter")
        await screens.wait_for("Store it is for")
        await screens.write(HUB)
        await screens.press(*["down"] * 5, "enter")
        await screens.wait_for("Whose code is it?")
        await screens.press("enter")
        await screens.press("end", "enter")
        await screens.wait_for("signed whole; read to its end")
        await screens.press("escape")
        await screens.wait_for(f"Terms of {HUB}", "We keep it, and say so.", "730 days at most")
        await screens.press("escape")
        await screens.wait_for("You have not looked at")
        await screens.press("down", "enter")
        await screens.wait_for("No, decide first")
        await screens.press("down", "enter")
        await screens.wait_for("Nothing is sent", "Sign it")
        assert shared_files(base) == []
        await screens.press("down", "enter")
        await screens.wait_for("statement", "integrity     good", "authority     good")

    at_screens(base, person)
    (shared,) = shared_files(base)
    receiver = parse_statement(read_sign_off(shared).statement).predicate.receiver
    assert receiver is not None
    assert receiver.terms_sha256 == need_terms(resolve_home(), Audience(HUB)).sha256


def test_what_was_confirmed_of_one_task_is_asked_again_for_the_next(
    base: Path, tmp_path: Path
) -> None:
    async def sign_without_looking(screens: Screens) -> None:
        await screens.wait_for("SIGN this")
        await screens.press("end", "enter")

    async def person(screens: Screens) -> None:
        await screens.press("enter", "down", "enter")
        await screens.wait_for("task 2 of 2 included")
        await screens.press("3")
        await screens.wait_for("left to you")
        await screens.press("A", "4")
        await screens.wait_for("SIGN this")
        await screens.press("home", "down", "enter")
        await screens.wait_for("Store it is for")
        await screens.write(tmp_path.as_uri())
        await screens.press(*["down"] * 5, "enter")
        await screens.wait_for("Whose code is it?")
        await screens.press("enter")
        await sign_without_looking(screens)
        await screens.wait_for("signed whole; read to its end")
        await screens.press("escape")
        await screens.wait_for("You have not looked at")
        await screens.press("down", "enter")
        await screens.wait_for("│ Sign it")
        await screens.press("escape")
        await screens.press("{")
        await screens.wait_for("task 1 of 2")
        await sign_without_looking(screens)
        await screens.wait_for("You have not looked at")

    at_screens(base, person)
