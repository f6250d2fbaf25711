"""What the threat model, the page on redaction and the notice say of all and of none is tested."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from signoff_collector.consent.terms.notices import current_notice

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = (ROOT / "docs" / "claims.md").read_text("utf-8")
_ABSOLUTE = re.compile(
    r"\b(always|never|everywhere|all|only|every|nothing|nobody)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.:;])\s+|\s\|\s")
_NO_CLAIMS = ("## How it is measured", "## Cost", "## What falls short")
SAYS_LESS = (
    "nothing tells.",
    "What was never reviewed by then is not signed by it",
    "whose code it is is nobody's again:",
    "`signoff list` shows sign-offs that were made through our verbs only",
    "a receiver that knows your key takes nothing of it",
    "nearly all of them real addresses",
)
"""Of the attacks that are not prevented, and a figure: nothing is promised here."""


def texts() -> Iterator[str]:
    yield (ROOT / "docs" / "threat_model.md").read_text("utf-8")
    yield (ROOT / "docs" / "redaction.md").read_text("utf-8")
    yield current_notice().text


def claims() -> Iterator[str]:
    """Yield the sentences that say something of all or of none."""
    for text in texts():
        for section in re.split(r"^(?=## )", text, flags=re.MULTILINE):
            if section.startswith(_NO_CLAIMS):
                continue
            for line in section.splitlines():
                if not re.match(r"\| H?\d+ \||#", line):
                    yield from filter(_ABSOLUTE.search, _SENTENCE.split(line))


def rows() -> dict[str, list[str]]:
    """Return the tests by the words of a claim."""
    found = re.findall(r"^\| (?!words|---)(.+?) \| (`tests/.+) \|$", CLAIMS, re.MULTILINE)
    return {words: re.findall(r"`([^`]+)`", named) for words, named in found}


def test_every_claim_has_a_row() -> None:
    known = (*rows(), *SAYS_LESS)
    missing = [one for one in claims() if not any(words in one for words in known)]
    assert missing == []


@pytest.mark.parametrize("words", rows())
def test_every_row_has_its_words_in_a_text_and_tests_that_are_there(words: str) -> None:
    assert any(words in text for text in texts())
    for named in rows()[words]:
        path, _, name = named.partition("::")
        content = (ROOT / path).read_text("utf-8")
        assert not name or re.search(rf"^(def|class) {name}\b", content, re.MULTILINE), named


def test_what_says_less_is_still_said() -> None:
    assert [words for words in SAYS_LESS if not any(words in text for text in texts())] == []
