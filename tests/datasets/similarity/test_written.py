"""What was written is the lines that edits brought, in the order of the file at the end."""

from __future__ import annotations

import pytest
from tests.support.typist import Typist

from signoff_collector.episode.moments.moments import Moments
from signoff_datasets.similarity.written import written_texts
from signoff_schemas.words import ActorClass

FOX = "\U0001f98a\U00010348"


def written(typist: Typist) -> list[str]:
    episode = typist.episode()
    return written_texts(episode, Moments(episode))


def test_it_does_not_matter_which_line_was_written_first() -> None:
    down, up = Typist(), Typist()
    for typist in (down, up):
        typist.open("a.py", "before\nafter\n")
    down.type("a.py", 7, f"one {FOX}\n")
    down.wait(9000)
    down.type("a.py", 7 + len(f"one {FOX}\n"), "two\n")
    up.type("a.py", 7, "two\n")
    up.wait(9000)
    up.type("a.py", 7, f"one {FOX}\n")
    assert written(down) == written(up) == [f"one {FOX}\ntwo"]


def test_a_line_that_was_there_is_not_written_and_one_that_did_not_stay_is() -> None:
    typist = Typist()
    typist.open("b.py", "same\nsame\n")
    typist.open("a.py", "")
    typist.type_at_end("b.py", "tried\n")
    typist.wait(9000)
    typist.backspace("b.py", len(typist.texts["b.py"]), len("tried\n"))
    typist.wait(9000)
    typist.type("b.py", 5, "stayed\n")
    typist.wait(9000)
    typist.type_at_end("a.py", "first")
    assert written(typist) == ["first", "stayed\ntried"]


@pytest.mark.parametrize("actor", list(ActorClass))
def test_what_git_or_a_formatter_puts_there_is_not_written(actor: ActorClass) -> None:
    typist = Typist()
    typist.open("a.py", "")
    typist.edit("a.py", 0, 0, "brought\n", actor)
    is_written = actor not in {ActorClass.GIT, ActorClass.FORMATTER, ActorClass.PREEXISTING}
    assert written(typist) == (["brought"] if is_written else [])
