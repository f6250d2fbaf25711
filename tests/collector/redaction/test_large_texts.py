"""A large file is looked at once, however often it is saved."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.support.leaks import leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.redaction.detectors.detectors import Hit, find_settled
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.randomness.checked_tokens import (
    NOTHING_CHECKED,
    CheckedTokens,
)
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.texts import learning
from signoff_collector.redaction.texts.pieces import PIECE
from signoff_collector.redaction.verifying import verification

pytestmark = pytest.mark.slow

LINES = 110_000
"""More than were remembered once: from then on each save looked at every line again."""
SAVES = 3


def test_more_saves_of_many_lines_look_at_no_line_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = {learning: 0, verification: 0}
    detectors = {learning: "find_settled", verification: "find_settled"}

    for module in looked:

        def count(
            line: str, checked: CheckedTokens = NOTHING_CHECKED, *, of: object = module
        ) -> Sequence[Hit]:
            looked[of] += 1  # type: ignore[index]
            return find_settled(line, checked)

        monkeypatch.setattr(module, detectors[module], count)
    typist = Typist()
    typist.open("data.txt", "".join(f"{number}😀🚀\n" for number in range(LINES)))
    for number in range(SAVES):
        typist.edit("data.txt", 0, 0, f"{number} ")
        typist.save("data.txt")
    Redactor(RedactionPolicy()).redact_episode(typist.episode())
    assert LINES <= looked[learning] < LINES + 100
    assert looked[verification] < 100, "lines in which nothing was found are not read again"


def test_a_secret_typed_across_two_pieces_of_a_large_text_is_gone() -> None:
    """Texts are cut up when they are edited; what is cut through is still one secret."""
    secret = "ghp_" + random_secret(1, 36)
    line = "filler 😀🚀 of a large file\n"
    typist = Typist()
    typist.open("a.txt", line * (4 * PIECE // len(line)))
    place = PIECE - len(secret) // 2
    for offset, key in enumerate(secret):
        typist.edit("a.txt", place + offset, 0, key)
    typist.save("a.txt")
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    assert leaks_in_episode(redacted, [secret]) == []
