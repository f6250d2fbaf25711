"""Changes between two whole texts, as a client with ranges would have sent them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signoff_bridge.documents.differences import changes_between
from signoff_collector.text.line_text import LineText
from signoff_collector.text.positions import Encoding

EMOJI = "\U0001f600\U0001f9ea"
pieces = st.sampled_from(
    ["a", "b", "\n", "\r\n", "\r", EMOJI, "é", "\u2028", "\x0c", "\ud83d", "\ude00", "line\n"]
)
texts = st.lists(pieces, max_size=30).map("".join)


def applied(old: str, new: str, encoding: Encoding) -> str:
    text = LineText(old)
    for change in changes_between(old, new, encoding):
        start, end = change["range"]["start"], change["range"]["end"]
        text.change(
            start["line"],
            start["character"],
            end["line"],
            end["character"],
            change["text"],
            encoding,
        )
    return str(text)


def joined(text: str) -> str:
    """Return a text with its half emoji joined where they meet, as editors show it."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@given(texts, texts, st.sampled_from(list(Encoding)))
def test_the_changes_turn_the_old_text_into_the_new(old: str, new: str, encoding: Encoding) -> None:
    assert applied(joined(old), joined(new), encoding) == joined(new)


def test_one_place_is_one_small_change() -> None:
    old = f"one\n{EMOJI} two\nthree\n"
    (change,) = changes_between(old, old.replace("two", "two!"), Encoding.UTF16)
    place = {"line": 1, "character": 8}
    assert change == {"range": {"start": place, "end": place}, "text": "!"}


def test_two_places_are_two_changes_the_last_first() -> None:
    old = f"{EMOJI}a\nsame\nsame too\n{EMOJI}b\n"
    changes = changes_between(old, old.replace("a\n", "A\n", 1).replace("b", "B"), Encoding.UTF8)
    assert [change["range"]["start"]["line"] for change in changes] == [3, 0]


def test_a_large_change_far_apart_stays_one_change() -> None:
    old = "".join(f"{number}\n" for number in range(5000))
    new = "x" + old[:-1] + "y\n"
    assert len(changes_between(old, new, Encoding.UTF16)) == 1
