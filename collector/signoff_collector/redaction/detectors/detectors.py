"""What looks like a secret in a text.

Found are tokens of known kinds, values beside telling names, key blocks, and tokens that
are random.

Kinds are data (`rules`), looked for together by one engine. All of them match from the
first few characters after a distinctive start, so that a secret is recognised while it is
still being typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from signoff_collector.redaction.detectors.assigned import (
    find_assigned,
    find_in_commands,
    find_in_urls,
    find_phrases,
)
from signoff_collector.redaction.detectors.beside import find_beside, find_foreign
from signoff_collector.redaction.detectors.calls import GATE as CALL_GATE
from signoff_collector.redaction.detectors.calls import find_in_calls
from signoff_collector.redaction.detectors.engine import RuleSet
from signoff_collector.redaction.detectors.grouped import find_grouped
from signoff_collector.redaction.detectors.key_blocks import GATE as BLOCK_GATE
from signoff_collector.redaction.detectors.key_blocks import key_blocks
from signoff_collector.redaction.detectors.naming import GATE as NAME_GATE
from signoff_collector.redaction.randomness.literals import BLANK
from signoff_collector.redaction.randomness.opaque import find_opaque
from signoff_collector.redaction.randomness.randomness import random_bits
from signoff_collector.redaction.rules import RULES
from signoff_collector.redaction.rules.shapes import Rule
from signoff_collector.redaction.strings.decoded_views import decoded_views

VERSION: Final = "3"
"""Rises with every change of what is found; named in the header of every episode."""
PREFIXES: Final = tuple(
    dict.fromkeys(rule.start for rule in RULES if rule.start and rule.kind != "JWT")
)
"""How tokens of known issuers begin; public, so no part of a secret."""
_LONG_STARTS: Final = (
    *(rule.start for rule in RULES if len(rule.start) >= 10),
    "eyJ2ZXIiOiIy", "eyJrIjoi", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
)  # fmt: skip
"""Starts that look random by themselves."""
PLACEHOLDER: Final = re.compile(r"REDACTED_[A-Z]+(?:_\d+)?|WITHHELD")
OPAQUE: Final = "opaque"
"""Says of a hit that nothing gives it away but how random it is."""
_SHORTEST: Final = 3
_OPAQUE_BITS: Final = 4.0
_SHORTEST_OPAQUE: Final = 6
_SHORTEST_SPREAD: Final = 8
_URL_GATE: Final = "://"
_COMMAND_GATE: Final = r"(?:^|[ \t\"'])-(?:u|U|a|p|w|P|k|-user|-auth|-creds)|-pass|:(?:\d+|\*):"
_PHRASE_GATE: Final = r"(?:[a-z]{3,8}[ ,]{1,2}){5}[a-z]{3,8}"
GATES: Final = (NAME_GATE, _URL_GATE, BLOCK_GATE, _COMMAND_GATE, _PHRASE_GATE, CALL_GATE)
"""Patterns that open the detectors without rules."""
_WORD: Final = re.compile(r"[A-Za-z]{4}|^[A-Za-z]*$")
_COMMA: Final = re.compile(r"[\"'`][ \t]*,")
_LISTED_LENGTH: Final = 2.5
_EMBEDDED: Final = re.compile(
    r"data:[\w/+.-]{1,80};base64,[A-Za-z0-9+/=]*|\bAAAA(?:[BC]3Nza|E2Vj)[A-Za-z0-9+/=]*"
)
"""Data in an address, and public keys of SSH."""


class Hit(NamedTuple):
    """One recognised secret."""

    start: int
    end: int
    kind: str
    """Middle part of the placeholder, such as `TOKEN`."""
    rule: str = ""
    """How it was recognised: the name of a rule, or of a detector without rules."""


class Detectors:
    """All detectors, with some or all rules."""

    def __init__(self, rules: Sequence[Rule] = RULES) -> None:
        self._rules = RuleSet(rules, GATES)

    def find_secrets(self, text: str) -> list[Hit]:
        """Return what a rule or a name gives away, finished or not, by place; may overlap."""
        text = _blanked(text)
        return _sorted(text, self._known(text))

    def find_settled(self, text: str) -> list[Hit]:
        """Return what `find_secrets` does, and random tokens of kinds that no rule knows.

        Escapes are read as what they stand for and literals joined as they will be.
        """
        text = _blanked(text)
        hits = [*self._known(text), *_random(text)]
        for view in decoded_views(text):
            found = [*self._known(view.text), *_random(view.text)]
            for hit in found:
                start, end = view.starts[hit.start], view.ends[hit.end - 1]
                if hit.rule != OPAQUE or not _is_list(text[start:end], hit.end - hit.start):
                    hits.append(hit._replace(start=start, end=end))
        return _sorted(text, hits)

    def find_open(self, text: str) -> list[Hit]:
        """Return only tokens with a known start, finished or not."""
        text = _blanked(text)
        tokens, _ = self._rules.look(_plain(text))
        return _sorted(text, _tokens(text, tokens))

    def _known(self, text: str) -> Iterator[Hit]:
        tokens, gates = self._rules.look(_plain(text))
        yield from _tokens(text, tokens)
        if NAME_GATE in gates:
            yield from (Hit(*found, "assignment") for found in find_assigned(text))
            yield from (Hit(*found, "assignment") for found in find_beside(text))
        if NAME_GATE in gates or not text.isascii():
            yield from (Hit(*found, "assignment") for found in find_foreign(text))
        if _URL_GATE in gates:
            yield from (Hit(*found, "address") for found in find_in_urls(text))
        if BLOCK_GATE in gates:
            yield from find_key_blocks(text)
        if CALL_GATE in gates:
            yield from (Hit(*place, "PASSWORD", "call") for place in find_in_calls(text))
        if _COMMAND_GATE in gates:
            yield from (Hit(*found, "command") for found in find_in_commands(text))
        if _PHRASE_GATE in gates:
            yield from (Hit(*found, "phrase") for found in find_phrases(text))


def find_secrets(text: str) -> list[Hit]:
    """Return what looks like a secret of a known kind in a line or a longer text, by place.

    Hits may overlap.

    Raises:
        RefusedError: the engine does not load.
    """
    return _standard().find_secrets(text)


def find_settled(text: str) -> list[Hit]:
    """Return what `find_secrets` does, and tokens of kinds that no rule knows.

    Raises:
        RefusedError: the engine does not load.
    """
    return _standard().find_settled(text)


def find_open(text: str) -> list[Hit]:
    """Return only what begins like a token of a known issuer, however little of it.

    Raises:
        RefusedError: the engine does not load.
    """
    return _standard().find_open(text)


def find_key_blocks(text: str) -> list[Hit]:
    """Return the bodies of private keys, finished or not, in armour or in DER."""
    return [Hit(start, end, "KEYBLOCK", rule) for start, end, rule in key_blocks(_blanked(text))]


def is_opaque(value: str) -> bool:
    """Return whether a value looks made by a machine rather than of words."""
    return len(value) >= _SHORTEST_OPAQUE and random_bits(value) >= _OPAQUE_BITS


def is_wordlike(value: str) -> bool:
    """Return whether a value could stand in ordinary text by accident (threat 4).

    Such a value is masked where it was recognised, not wherever it occurs.
    """
    return len(value) < _SHORTEST_SPREAD or not is_opaque(value)


@lru_cache(maxsize=1)
def _standard() -> Detectors:
    return Detectors()


def _plain(text: str) -> bytes:
    """Return a text for the engine: one byte a character, so that places are the same."""
    return text.encode("ascii", "replace")


def _tokens(text: str, found: Sequence[tuple[Rule, int, int]]) -> Iterator[Hit]:
    for rule, start, end in found:
        own = text[start + len(rule.start) : end]
        if len(set(own)) >= min(4, len(own)) and not _is_words(own, rule):
            yield Hit(start, end, rule.kind, rule.name)


def _is_words(own: str, rule: Rule) -> bool:
    """Return whether what follows a token's start is words, as in `npm_config`."""
    if any(own.startswith(word.removeprefix(rule.start)) for word in rule.ordinary):
        return True
    if len(own) >= rule.least and not rule.beside:
        return False
    return _WORD.search(own) is not None and random_bits(own) <= 0


def _random(text: str) -> Iterator[Hit]:
    for find in (find_opaque, find_grouped):
        yield from (Hit(*place, "SECRET", OPAQUE) for place in find(text))


def _is_list(written: str, length: int) -> bool:
    """Return whether what looks random when joined is a list of short words."""
    commas = len(_COMMA.findall(written))
    return commas > 0 and length > _LISTED_LENGTH * (commas + 1)


def _blanked(text: str) -> str:
    """Return a text without placeholders, which are no names and no values, and embedded data."""
    if "REDACTED_" in text or "WITHHELD" in text:
        text = PLACEHOLDER.sub(lambda match: BLANK * len(match[0]), text)
    if ";base64," in text or "AAAA" in text:
        text = _EMBEDDED.sub(lambda match: BLANK * len(match[0]), text)
    return text


def _sorted(text: str, hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits by place, the random ones only where nothing says more."""
    known: list[Hit] = []
    for hit in sorted(set(hits), key=_order):
        value = text[hit.start : hit.end]
        if (
            len(value) < _SHORTEST
            or not value.strip(BLANK)
            or any(value.rstrip("X") in start for start in _LONG_STARTS)
        ):
            continue
        if hit.rule == OPAQUE and any(
            one.start <= hit.start and hit.end <= one.end for one in known
        ):
            continue
        known.append(hit)
    return sorted(known, key=lambda hit: (hit.start, hit.rule == OPAQUE, hit))


def _order(hit: Hit) -> tuple[bool, Hit]:
    return hit.rule == OPAQUE, hit
