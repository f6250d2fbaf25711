"""What a pattern certainly needs: never more than its matches have."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.history.search.matcher import Matcher
from signoff_collector.history.search.pattern_parts import certain_parts
from signoff_schemas.errors import UsageError

BEASTS = "\U0001f98a\U0001f600"
PIECES = (
    "abc", "ab", "c", "X_y", " ", "é", BEASTS, ".", "^", "$", "*", "+", "?", "*?", "{2}", "{0,1}",
    "{,2}", "{", "}", "]", "(", ")", "(?:", "(?P<n>", "(?i)", "(?i:", "|", "[abc]", "[^a]", "[]a]",
    "[[:alpha:]]", "[\\]ab]", "[|(]", "\\.", "\\(", "\\\\", "\\b", "\\d", "\\w", "\\x61", "\\pL",
    "\\141", "\\Qa|b\\E", "\\A", "\\z", "=>", "#", "-",
)  # fmt: skip
patterns = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
texts = st.lists(
    st.sampled_from(("abc", "ab", "c", "X_y", "x", "a", "\n", " ", "é", BEASTS, "(", ".", "=>")),
    max_size=8,
).map("".join)


@given(patterns, texts)
def test_a_match_has_every_certain_part(pattern: str, text: str) -> None:
    options = re2.Options()
    options.log_errors = False
    options.never_nl = True
    try:
        compiled = re2.compile(f"(?m){pattern}", options=options)
    except re2.error:
        return
    for match in compiled.finditer(text):
        for part in certain_parts(pattern):
            assert part in str(match[0]), (pattern, part)


@given(patterns, st.lists(texts, max_size=4))
def test_what_is_in_a_text_may_be_in_its_bytes(pattern: str, lines: list[str]) -> None:
    text = "\n".join((*lines, "half \ud83d of one"))
    for is_regex in (True, False):
        try:
            matcher = Matcher(pattern, is_regex=is_regex)
        except UsageError:
            continue
        for whole in (text, "\n".join(lines)):
            if matcher.first_span(whole) is not None:
                assert matcher.may_be_in(whole.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("letter", "text"),
    [("k", "\u212aelvin"), ("i", "\u0130stanbul"), ("\u00c9", f"\u00e9{BEASTS}")],
)
def test_letters_of_another_case_may_be_in_bytes(letter: str, text: str) -> None:
    assert Matcher(letter).first_span(text) is not None
    assert Matcher(letter).may_be_in(text.encode())


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        (r"AssertionE\w+: self", ("AssertionE", ": self")),
        (r"def parse_(\w+|x)\(self", ("def parse_", "(self")),
        ("colou?r scheme", ("colo", "r scheme")),
        ("abcd+ef", ("abcd",)),
        ("one|other", ()),
        ("(?i)either", ()),
        (r"\Qone|other\E", ()),
        (r"^(?:import|from) os$", (" os",)),
        ("abc{2}{3}", ()),
    ],
)
def test_parts_are_found_outside_of_choices(pattern: str, parts: tuple[str, ...]) -> None:
    assert certain_parts(pattern) == parts
