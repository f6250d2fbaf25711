"""Personal data that is typed: key by key, given up half-way, typed again, moved about."""

from __future__ import annotations

import random

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode
from tests.support.typist import Typist

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_schemas.words import ActorClass

SEEDS = range(8)
START = "x = 1\n# 😀🚀\n"


def _person(seed: int) -> list[tuple[str, str]]:
    """Return kind and value of what names a person, made from a printed seed."""
    print(f"seed {seed}")  # noqa: T201
    source = random.Random(f"person {seed}")  # noqa: S311

    def digits(count: int) -> str:
        return "".join(source.choice("23456789") for _ in range(count))

    name = "".join(source.choice("dlmnrst") + source.choice("aeiou") for _ in range(4))
    body = digits(18)
    check = 98 - int(body + "131400") % 97  # D is 13, E is 14
    return [
        ("EMAIL", f"{name}.{digits(2)}@{name[::-1]}.de"),
        ("PHONE", f"+49 30 {digits(7)}"),
        ("IP", f"{source.randrange(80, 120)}.{source.randrange(99, 250)}.77.{digits(2)}"),
        ("IBAN", f"DE{check:02}{body}"),
    ]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("seed", SEEDS)
def test_no_window_of_what_names_a_person_is_left_in_what_was_typed(seed: int, place: int) -> None:
    kind, value = _person(seed)[place]
    typist = Typist(cursors=True)
    typist.open("a.py", START)
    half = len(value) * 2 // 3
    typist.type_at_end("a.py", f"who = '{value[:half]}")
    typist.wait(9_000)
    typist.backspace("a.py", len(typist.texts["a.py"]), half)
    typist.type_at_end("a.py", f"{value}'\n")
    typist.save("a.py")
    typist.open("b.py", START)
    typist.edit("b.py", 0, 0, f"# {value}\n", ActorClass.PASTED)
    typist.edit("b.py", 0, len(value) + 3, "", ActorClass.UNDO)
    typist.type("b.py", 0, value)
    typist.command(["notify", value], f"sent to {value}\n")
    typist.commit(f"ask {value} 😀🚀")
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    windows = [value[: value.find("@")] if kind == "EMAIL" else value]
    assert leaks_in_episode(redacted, windows) == []
    assert leaks_in_bytes(write_episode(redacted), windows) == []
    assert kind in redacted.header.redaction
    assert check_replay(redacted).mismatches == ()
