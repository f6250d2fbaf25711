"""The terminal review in a real terminal of 80 by 24: keep, look, mask, cut, sign, verify."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.editors import Terminal, terminal
from tests.support.leaks import leaks_in_bytes
from tests.support.review import ASIDE, ASTRAL, CLIENT, put_base

from signoff_collector.consent.review_records import find_review
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.plan.plan_store import PlanStore
from signoff_schemas.plan import plan_bytes

pytestmark = pytest.mark.slow

SIGNOFF = [sys.executable, "-I", "-m", "signoff_collector"]
LAST_WORD = "the screens are gone"


@pytest.fixture
def base(home: Path) -> Path:
    """A sealed day in a fresh home."""
    return put_base()


class Person:
    """Presses keys at a real terminal and reads its screen."""

    def __init__(self, seat: Terminal) -> None:
        self._seat = seat

    def press(self, *keys: str) -> None:
        self._seat.keys(*keys)

    def write(self, text: str, *, is_hidden: bool = False) -> None:
        """Type a line, see it in the field, and press Enter."""
        self._seat.keys(text, literal=True)
        self.sees("\u2022" * len(text) if is_hidden else text[-40:])
        self._seat.keys("Enter")

    def sees_no(self, *texts: str) -> None:
        """Wait until none of the texts is on the screen."""
        wait_until(
            lambda: not any(text in self._seat.screen() for text in texts),
            f"the screen shows nothing of {texts}",
        )

    def sees(self, *texts: str) -> str:
        """Wait until all texts are on the screen, and return it."""
        screen = ""

        def are_there() -> bool:
            nonlocal screen
            screen = self._seat.screen()
            return all(text in screen for text in texts)

        try:
            wait_until(are_there, f"the screen shows {texts}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{screen}") from None
        return screen


@contextmanager
def at_review(folder: Path, **environ: str) -> Iterator[Person]:
    """Run `signoff review --terminal` in a terminal; it stays open when the review ends."""
    words = " ".join(shlex.quote(word) for word in [*SIGNOFF, "review", "--terminal"])
    script = f'{words}; echo "{LAST_WORD}: $?"; exec cat'
    known = {"SIGNOFF_HOME": os.environ["SIGNOFF_HOME"], **environ}
    with terminal(["/bin/sh", "-c", script], folder, known, size=(80, 24)) as seat:
        yield Person(seat)


def shared_files(base: Path) -> list[Path]:
    return sorted(path for path in base.parent.glob("*.episode") if path != base)


def signoff(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SIGNOFF, *arguments],
        capture_output=True,
        text=True,
        timeout=deadline(),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_a_task_is_kept_looked_at_masked_cut_signed_and_verified(
    base: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    with at_review(tmp_path) as person:
        person.sees("1 Tasks", "[ ]         fix the parser", "nothing included")
        person.press("Enter")
        person.sees("[included]  fix the parser")
        person.press("n")
        person.sees("What was it")
        person.write(f"mend the parser {ASTRAL}")
        person.sees(f"[included]  mend the parser {ASTRAL}")
        person.press("6", "Enter")
        person.sees(f"+client = '{CLIENT}'")
        person.press("Escape")
        person.sees("looked at src/app.py")
        person.press("x")
        person.sees("Value to mask")
        person.write(CLIENT, is_hidden=True)
        person.sees("other steps masked")
        person.press("2", "t", "Enter")
        person.sees("Steps to cut")
        person.write("3-6")
        person.sees("[cut] steps 3-6")
        person.press("4")
        person.sees("sha256", "SIGN this", "0 of 1 files")
        person.press("6", "Enter")
        person.sees("in the final bytes", "[masked text 1]")
        person.press("Escape")
        person.sees("looked at src/app.py")
        person.press("7", "Enter")
        person.sees("mend the parser")
        person.press("Escape")
        person.sees("looked at")
        person.press("4")
        person.sees("1 of 1 files, 1 of 3 outputs and messages")
        person.press("Down", "Enter")
        person.sees("Store it is for")
        person.write(store.as_uri())
        person.sees_no("Store it is for", "(say which)")
        person.sees("code       (say whose)")
        person.press(*["Down"] * 5, "Enter")
        person.sees("Whose code is it?")
        person.press("Enter")
        person.sees("code       mine")
        person.press("End", "Enter")
        person.sees("signed whole; read to its end")
        person.press("End", "Escape")
        person.sees("You have not looked at")
        person.press("Down", "Enter")
        person.sees("left open under To check")
        person.press("Down", "Enter")
        person.sees("Sign it")
        person.press("Down", "Enter")
        person.sees("integrity     good", "authenticity  good", "authority     good")
        person.press("Escape")
        person.sees("signed: how to check it")
        person.press("q")
        person.sees("what you signed is kept")
        person.sees_no("unsigned", "nothing is signed")
        person.press("Down", "Enter")
        person.sees(f"{LAST_WORD}: 0", "signed    ", "Your recovery code, shown this once")
    (shared,) = shared_files(base)
    data = shared.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    assert leaks_in_bytes(data, [CLIENT, ASIDE]) == []
    assert read_episode(data).header.origin == "shared"
    record = find_review(resolve_home(), sha256)
    assert record is not None
    assert (record.mode, record.files_seen, record.outputs_seen) == ("terminal", 1, 1)
    verified = signoff("verify", str(shared))
    assert verified.returncode == 0, verified.stderr
    assert not list(resolve_home().state.glob("final-*"))


def test_a_plan_file_gives_the_bytes_that_the_terminal_signs(base: Path, tmp_path: Path) -> None:
    with at_review(tmp_path) as person:
        person.sees("[ ]         fix the parser")
        person.press("Enter")
        person.sees("[included]  fix the parser")
        person.press("2", "t", "Enter")
        person.sees("Steps to cut")
        person.write("4-9")
        person.sees("[cut] steps 4-9")
        person.press("4")
        digest = re.search(r"sha256 +([0-9a-f]{64})", person.sees("sha256", "SIGN this"))
        assert digest is not None
        person.press("q")
        person.sees("Leave the review?")
        person.press("Down", "Enter")
        person.sees(f"{LAST_WORD}: 0", "nothing is signed; the plan is saved")
    base_sha256 = hashlib.sha256(base.read_bytes()).hexdigest()
    plan = tmp_path / "plan.json"
    plan.write_bytes(plan_bytes(PlanStore(resolve_home(), base_sha256).load().plan))
    done = signoff("review", "--plan", str(plan), "--leave-open", "9")
    assert done.returncode == 0, done.stderr
    (shared,) = shared_files(base)
    assert hashlib.sha256(shared.read_bytes()).hexdigest() == digest[1]


def test_no_colour_is_no_loss_and_the_environment_presses_no_keys(
    base: Path, tmp_path: Path
) -> None:
    hostile = {
        "NO_COLOR": "1",
        "TEXTUAL": "debug",
        "TEXTUAL_PRESS": "enter",
        "TEXTUAL_DRIVER": "os:abort",
        "TEXTUAL_LOG": str(tmp_path / "log"),
    }
    with at_review(tmp_path, **hostile) as person:
        person.sees("[ ]         fix the parser", "nothing included")
        person.press("?")
        person.sees("What the keys do")
        person.press("Escape")
        person.sees("[ ]         fix the parser", "nothing included")
        person.press("q")
        person.sees("Leave the review?")
        person.press("Down", "Enter")
        person.sees(f"{LAST_WORD}: 0")
    assert not (tmp_path / "log").exists()


def test_a_dumb_terminal_gets_the_dialogue_of_lines(base: Path, tmp_path: Path) -> None:
    with at_review(tmp_path, SIGNOFF_PLAIN="1") as person:
        person.sees("review>", "fix the parser")
        person.write("include 0")
        person.sees("included: task 0")
        person.write("quit")
        person.sees(f"{LAST_WORD}: 0")
