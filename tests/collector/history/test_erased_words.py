"""Whatever a change took out of a text has a word that the index knows as erased."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.history.erased_words import words_lost
from signoff_collector.history.words import demands_of

PIECES = ("foo", "bar", "a", " ", "  ", "_", "(", ", ", "\n", "Foo", "\U0001f98a\U0001f600", "x1")
texts = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


@given(texts, texts, texts, texts)
def test_a_text_that_went_has_a_word_that_was_lost(
    ahead: str, gone: str, came: str, behind: str
) -> None:
    old, new = f"{ahead}{gone}{behind}", f"{ahead}{came}{behind}"
    lost = words_lost(old, new)
    for line in old.lower().split("\n"):
        for low in range(len(line)):
            for high in range(low + 1, len(line) + 1):
                text = line[low:high]
                if old.lower().count(text) > new.lower().count(text) and demands_of(text):
                    fitting = (one.fits(word) for one in demands_of(text) for word in lost)
                    assert any(fitting), (old, new, text, lost)


def test_only_words_beside_the_place_were_lost() -> None:
    assert words_lost("import os", "import os, sys") == set()
    assert words_lost("one two three four", "one two X three four") == {"three"}
    assert words_lost("one two three four", "one two four") == {"three", "four"}
