"""A base that everybody has: nothing that is masked can be read back from it (threat 4)."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from tests.support.leaks import all_states, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.public_base import BaseMarks, BaseText
from signoff_collector.redaction.texts.texts import Key, TextStates
from signoff_collector.redaction.values.identities import machine_identities
from signoff_schemas.steps import CommandStep, GapStep

SEEDS = range(6)
HOLE = re.compile(r"REDACTED_[A-Z]+_\d+|\bself\b|\bother\d+\b")
IDENTITIES = machine_identities(
    {"HOME": "/home/wilhelmine", "USER": "wilhelmine", "HOSTNAME": "wl-laptop7"},
    Path("/srv/proj/repo"),
    authors=[("Wilma Q. Roth", "wroth@firm.example")],
    own=["Wilma Q. Roth"],
)


class Case:
    """A base with everything in it that would be masked elsewhere, and a session on it."""

    def __init__(self, seed: int) -> None:
        print(f"seed {seed}")  # noqa: T201
        source = random.Random(f"base {seed}")  # noqa: S311
        self.secret = random_secret(seed, 28)
        self.word = "correct-horse"
        self.phone = f"+49 30 {source.randrange(10**6, 10**7)}"
        self.people = (
            "# by Wilma Q. Roth <wroth@firm.example> 😀🚀\n"
            f"PHONE = '{self.phone}'\nmail = 'a.{source.randrange(999)}k@firma{seed}.de'\n"
            f"word = '{self.word}'\nhost = 'wl-laptop7'\nend = 1\n"
        )
        self.keys = f"first = 1\nKEY = '{self.secret}'\n"
        self.base = {"a.py": self.people, "k.py": self.keys}
        self.typist = Typist(cursors=True)

    def session(self) -> Episode:
        typist = self.typist
        typist.open("a.py", self.people)
        typist.type("a.py", len(self.people) - 8, "x = 2\n")
        typist.backspace("a.py", self.people.index("Roth") + 4, 4)
        typist.type("a.py", self.people.index("Roth"), "Roth")
        typist.type_at_end("a.py", f"# {self.word} wroth@firm.example {self.phone}\n")
        typist.save("a.py")
        typist.open("k.py", self.keys)
        typist.type_at_end("k.py", "second = 2\n")
        typist.save("k.py")
        typist.open("new.py", "# new 😀🚀\n")
        typist.type_at_end("new.py", f"copy = '{self.secret}'\nby = 'Wilma Q. Roth'\n")
        typist.command(["cat", "a.py"], self.people)
        typist.command(["git", "diff"], f"@@ -1,2 +1,3 @@\n {self.people.splitlines()[0]}\n+x\n")
        typist.command(["grep", "-n", "KEY"], f"k.py:2:{self.keys.splitlines()[1]}\n")
        typist.command(["cat", "k.py"], self.keys)
        return typist.episode()

    def redactor(self, *, is_public: bool) -> Redactor:
        return Redactor(
            RedactionPolicy(
                exact_values=of_values([self.secret, self.word]),
                identities=IDENTITIES,
                base=BaseText(texts=self.base, is_public=is_public),
            )
        )


def shown_texts(episode: Episode) -> list[str]:
    strings = [text for step in episode.steps for _, text in strings_of(step)]
    return [*all_states(episode), *strings, *(b.decode() for b in episode.blobs)]


def read_back(shown: str, base: dict[str, str]) -> list[str]:
    """Return what stood in the holes of a shown text, as somebody with the base finds it."""
    found: list[str] = []
    known = [line for text in base.values() for line in text.splitlines() if line.strip()]
    for line in shown.splitlines():
        parts = HOLE.split(line)
        if len(parts) > 1 and any(len(part.strip()) > 2 for part in parts):
            pattern = re.compile("(.+)".join(re.escape(part.strip(" +-")) for part in parts))
            found += [m[1] for one in known for m in [pattern.fullmatch(one.strip())] if m]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_has_the_public_base_reads_no_masked_value_back(seed: int) -> None:
    case = Case(seed)
    redacted = case.redactor(is_public=True).redact_episode(case.session())
    assert leaks_in_episode(redacted, [case.secret]) == []
    assert [value for shown in shown_texts(redacted) for value in read_back(shown, case.base)] == []
    assert any(HOLE.search(shown) for shown in shown_texts(redacted))


def test_the_attack_works_on_a_base_that_is_masked() -> None:
    case = Case(0)
    redacted = case.redactor(is_public=False).redact_episode(case.session())
    found = [value for shown in shown_texts(redacted) for value in read_back(shown, case.base)]
    assert case.secret in found


@pytest.mark.parametrize("seed", SEEDS)
def test_text_of_a_public_base_stays_and_what_is_typed_is_masked(seed: int) -> None:
    case = Case(seed)
    redacted = case.redactor(is_public=True).redact_episode(case.session())
    states = TextStates(redacted)
    for _ in states.walk():
        pass
    shown = states.texts[Key(0, 0)].chars
    assert shown.startswith(case.people[:-8])
    assert shown.splitlines()[-1] == "# REDACTED_SECRET_1 REDACTED_EMAIL_1 REDACTED_PHONE_1"
    outputs = [step.output.head for step in redacted.steps
               if isinstance(step, CommandStep) and step.output]  # fmt: skip
    assert outputs[0] == case.people
    assert "Wilma Q. Roth" in outputs[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_file_of_a_public_base_that_holds_a_secret_is_left_out(seed: int) -> None:
    case = Case(seed)
    redactor = case.redactor(is_public=True)
    redacted = redactor.redact_episode(case.session())
    gaps = [step for step in redacted.steps if isinstance(step, GapStep)]
    assert [gap.reason for gap in gaps] == ["redacted"]
    assert not any(step.path == "k.py" for step in redacted.steps)
    assert "second" not in redacted.edits.text
    assert [(one.kind, one.place) for one in redactor.to_check if "rotate" in one.reason] == [
        ("SECRET", "k.py line 2 of the public base")
    ]
    assert ("VALUE", "a.py line 4 of the public base") in [
        (one.kind, one.place) for one in redactor.to_check
    ]
    assert case.secret not in repr(redactor.to_check)
    outputs = [step.output.head for step in redacted.steps
               if isinstance(step, CommandStep) and step.output]  # fmt: skip
    assert all(HOLE.fullmatch(output) for output in outputs[2:])
    assert check_replay(redacted).mismatches == ()


def test_shapes_of_a_private_base_stay_unless_the_session_adds_them_again() -> None:
    case = Case(1)
    redacted = case.redactor(is_public=False).redact_episode(case.session())
    states = TextStates(redacted)
    for _ in states.walk():
        pass
    shown = states.texts[Key(0, 0)].chars
    assert shown.startswith("# by REDACTED_NAME_1 <REDACTED_EMAIL_1> 😀🚀\n")
    assert re.search(r"PHONE = 'REDACTED_PHONE_\d'\nmail = 'a\.", shown)
    assert "word = 'REDACTED_SECRET_1'\nhost = 'REDACTED_HOST_1'" in shown
    assert leaks_in_episode(redacted, [case.secret]) == []


def test_a_line_typed_again_as_the_base_has_it_is_text_of_the_base() -> None:
    typist = Typist()
    typist.open("a.py", "x = 1\n😀🚀\n")
    end = typist.type("a.py", 0, "y = 'p@q.de'\n")
    episode = typist.episode()
    marks = BaseMarks(episode, BaseText(texts={"a.py": "y = 'p@q.de'\n😀🚀\n"}))
    states = TextStates(episode)
    for _ in states.walk():
        pass
    ids = states.texts[Key(0, 0)].ids
    assert marks.covers(ids[:end])
    assert not marks.covers(ids)
    assert list(marks.own(ids)) == list(ids[end : end + len("x = 1\n")])
