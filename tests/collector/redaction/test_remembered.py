"""What a search of a text remembers is what a fresh search finds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.redaction.detectors import detectors
from signoff_collector.redaction.detectors.detectors import Detectors, Hit
from signoff_collector.redaction.interface import Identities, RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.remembered import Remembered
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable

DETECTORS = Detectors()
SEEDS = st.integers(0, 2**32)
SAVES = 3


def code(draw: random.Random, length: int, secrets: Sequence[str] = ()) -> str:
    """Return dense code without blanks, of about that length, with some secrets in it."""
    pieces: list[str] = []
    while sum(map(len, pieces)) < length:
        name = "".join(draw.choices("abcdetoken😀", k=draw.randint(1, 4)))
        value = draw.choice([*secrets, "!0", "e.t", "[]", "'ab\\x41c'", '"x","y"', "t.key"])
        pieces.append(draw.choice([f"{name}={value};", f"var {name}={value},", f"{{key:{value}}}"]))
    return "".join(pieces)


@given(texts=st.lists(st.text("ab\n1", max_size=1200), min_size=1, max_size=20), seed=SEEDS)
def test_a_remembered_result_is_that_of_a_fresh_search(texts: list[str], seed: int) -> None:
    def search(text: str) -> list[int]:
        return [place for place, char in enumerate(text) if char == "1"]

    remembered = Remembered(search, most=30)
    draw = random.Random(seed)  # noqa: S311  test data
    for text in draw.choices(texts, k=40):
        assert list(remembered.find(text)) == search(text)
        assert remembered.size <= 30


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, lengths=st.lists(st.integers(0, 6000), min_size=1, max_size=4))
def test_detectors_find_the_same_in_a_line_they_remember(seed: int, lengths: list[int]) -> None:
    draw = random.Random(seed)  # noqa: S311  test data
    secret = "ghp_" + random_secret(seed, 36)
    for line in [code(draw, length, [f'"{secret}"']) for length in lengths] * 2:
        assert list(DETECTORS.find_settled(line)) == Detectors._look_settled(DETECTORS, line)


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, lengths=st.lists(st.integers(0, 6000), min_size=1, max_size=4))
def test_known_values_are_found_as_by_a_table_that_remembers_nothing(
    seed: int, lengths: list[int]
) -> None:
    """Also when values are learnt in between, and in lines beyond the length for byte windows."""
    draw = random.Random(seed)  # noqa: S311  test data
    secrets = [random_secret(seed + place, 20) + draw.choice(["", "é", "😀"]) for place in range(3)]
    lines = [code(draw, length, secrets) + "\n" for length in lengths]
    table = SecretsTable(IdentityPatterns(Identities()))
    learnt: list[str] = []
    for secret in secrets:
        table.learn("SECRET", secret, is_exact=True)
        learnt.append(secret)
        for _ in range(2):
            fresh = SecretsTable(IdentityPatterns(Identities()))
            for one in learnt:
                fresh.learn("SECRET", one, is_exact=True)
            text = "".join(draw.sample(lines, len(lines)))
            found, place = [], 0
            for line in text.splitlines(keepends=True):
                for low in range(0, len(line), 1500):  # short pieces: no byte windows
                    piece = fresh.find_raw(line[low : low + 1500 + 80])
                    found += [(place + low + one.start, place + low + one.end) for one in piece]
                place += len(line)
            assert covered(table.find(text)) == covered(found)


def covered(spans: Sequence[tuple[int, ...]]) -> set[int]:
    """Return the offsets that spans cover."""
    return {at for span in spans for at in range(span[0], span[1])}


def test_a_dense_line_is_scanned_once_however_often_it_is_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: Counter[str] = Counter()
    look = Detectors._look_settled

    def count(self: Detectors, text: str) -> list[Hit]:
        looked[text] += 1
        return look(self, text)

    monkeypatch.setattr(Detectors, "_look_settled", count)
    detectors._standard.cache_clear()  # the next one has the counter
    draw = random.Random(7)  # noqa: S311  test data
    secret = "ghp_" + random_secret(7, 36)
    typist = Typist()
    typist.open("a.min.js", code(draw, 20_000, [f'"{secret}"']) + "\nconst a = 1;\n")
    for _ in range(SAVES):
        typist.edit("a.min.js", len(typist.texts["a.min.js"]), 0, "x")
        typist.save("a.min.js")
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    detectors._standard.cache_clear()
    assert leaks_in_episode(redacted, [secret]) == []
    dense = [count for text, count in looked.items() if len(text) > 10_000]
    assert dense
    assert set(dense) == {1}
