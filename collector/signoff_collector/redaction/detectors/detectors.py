"""Run all detectors over a text and return the hits.

They find tokens of known kinds, literal values beside telling names (`password = "…"`), private
key blocks and random tokens.

Known kinds are data (`rules`), matched together by one engine. A rule matches from a few
characters after its distinctive prefix, so a secret is recognised while it is being typed.
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
from signoff_collector.redaction.detectors.drawings import without_drawings
from signoff_collector.redaction.detectors.engine import RuleSet
from signoff_collector.redaction.detectors.grouped import find_grouped
from signoff_collector.redaction.detectors.key_blocks import GATE as BLOCK_GATE
from signoff_collector.redaction.detectors.key_blocks import key_blocks
from signoff_collector.redaction.detectors.naming import GATE as NAME_GATE
from signoff_collector.redaction.detectors.settings import GATE as PLACE_GATE
from signoff_collector.redaction.detectors.settings import find_settings, find_without_names
from signoff_collector.redaction.randomness.checked_tokens import NOTHING_CHECKED, CheckedTokens
from signoff_collector.redaction.randomness.literals import BLANK
from signoff_collector.redaction.randomness.opaque import find_opaque
from signoff_collector.redaction.randomness.public_data import public_spans
from signoff_collector.redaction.randomness.randomness import random_bits
from signoff_collector.redaction.remembered import Remembered
from signoff_collector.redaction.rules import RULES
from signoff_collector.redaction.rules.shapes import Rule
from signoff_collector.redaction.strings.decoded_views import decoded_views

VERSION: Final = "5"
"""Incremented with every change of what is found; the header of every episode names it."""
PREFIXES: Final = tuple(
    dict.fromkeys(rule.start for rule in RULES if rule.start and rule.kind != "JWT")
)
"""Literal prefixes of the tokens of known issuers: public, so no part of a secret."""
_LONG_STARTS: Final = (
    *(rule.start for rule in RULES if len(rule.start) >= 10),
    "eyJ2ZXIiOiIy", "eyJrIjoi", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
)  # fmt: skip
"""Public prefixes that look random by themselves."""
PLACEHOLDER: Final = re.compile(r"REDACTED_[A-Z]+(?:_\d+)?|WITHHELD")
OPAQUE: Final = "opaque"
"""`Hit.rule` of tokens that were found only because they look random."""
_SHORTEST: Final = 3
_OPAQUE_BITS: Final = 4.0
_SHORTEST_OPAQUE: Final = 6
_SHORTEST_SPREAD: Final = 8
_URL_GATE: Final = "://"
_COMMAND_GATE: Final = r"(?:^|[ \t\"'])-(?:u|U|a|p|w|P|k|-user|-auth|-creds)|-pass|:(?:\d+|\*):"
_PHRASE_GATE: Final = r"(?:[a-z]{3,8}[ ,]{1,2}){5}[a-z]{3,8}"
GATES: Final = (
    NAME_GATE,
    _URL_GATE,
    BLOCK_GATE,
    _COMMAND_GATE,
    _PHRASE_GATE,
    CALL_GATE,
    PLACE_GATE,
)
"""Cheap patterns, matched together with the rules: a detector runs only if its gate matches."""
_WORD: Final = re.compile(r"[A-Za-z]{4}|^[A-Za-z]*$")
_COMMA: Final = re.compile(r"[\"'`][ \t]*,")
_LISTED_LENGTH: Final = 2.5


class Hit(NamedTuple):
    """One recognised secret."""

    start: int
    end: int
    kind: str
    """Middle part of the placeholder, such as `TOKEN`."""
    rule: str = ""
    """How it was recognised: the name of a rule, or of a detector that has no rules."""


class Detectors:
    """All detectors, with some or all rules."""

    def __init__(self, rules: Sequence[Rule] = RULES) -> None:
        self._rules = RuleSet(rules, GATES)
        self._settled = Remembered(self._look_settled)

    def find_secrets(self, text: str) -> list[Hit]:
        """Return secrets recognised by a rule or a name beside them, sorted by offset.

        They may be unfinished, and may overlap.
        """
        text = _blanked(text)
        return _sorted(text, self._known(text))

    def find_settled(self, text: str, checked: CheckedTokens = NOTHING_CHECKED) -> list[Hit]:
        """Return what `find_secrets` does, and random tokens that match no rule.

        Also scans decoded views of the text: escapes undone and adjacent literals joined.
        Remembers texts with a hit, which depends on nothing but the text.
        """
        return list(self._settled.find(_blanked(text, checked)))

    def _look_settled(self, text: str) -> list[Hit]:
        hits = [*self._known(text), *_random(text)]
        for view in decoded_views(text):
            found = [*self._known(view.text), *_random(view.text)]
            for hit in found:
                start, end = view.starts[hit.start], view.ends[hit.end - 1]
                if hit.rule != OPAQUE or not _is_list(text[start:end], hit.end - hit.start):
                    hits.append(hit._replace(start=start, end=end))
        return _sorted(text, hits)

    def find_open(self, text: str) -> list[Hit]:
        """Return only tokens with the prefix of a rule, finished or not."""
        text = _blanked(text)
        tokens, _ = self._rules.look(_plain(text))
        return _sorted(text, _tokens(text, tokens))

    def _known(self, text: str) -> Iterator[Hit]:
        tokens, gates = self._rules.look(_plain(text))
        yield from _tokens(text, tokens)
        if NAME_GATE in gates:
            yield from (Hit(*found, "assignment") for found in find_assigned(text))
            yield from (Hit(*found, "assignment") for found in find_beside(text))
            yield from (Hit(*found, "assignment") for found in find_settings(text))
        if NAME_GATE in gates or not text.isascii():
            yield from (Hit(*found, "assignment") for found in find_foreign(text))
        if _URL_GATE in gates:
            yield from (Hit(*found, "address") for found in find_in_urls(text))
        if BLOCK_GATE in gates:
            yield from find_key_blocks(text)
        if CALL_GATE in gates:
            yield from (Hit(*place, "PASSWORD", "call") for place in find_in_calls(text))
        if PLACE_GATE in gates:
            yield from (Hit(*found, "command") for found in find_without_names(text))
        if _COMMAND_GATE in gates:
            yield from (Hit(*found, "command") for found in find_in_commands(text))
        if _PHRASE_GATE in gates:
            yield from (Hit(*found, "phrase") for found in find_phrases(text))


def find_secrets(text: str) -> list[Hit]:
    """Return the secrets of known kinds in a line or a longer text, sorted by offset.

    Hits may overlap.

    Raises:
        RefusedError: the engine does not load.
    """
    return _standard().find_secrets(text)


def find_settled(text: str, checked: CheckedTokens = NOTHING_CHECKED) -> list[Hit]:
    """Return what `find_secrets` does, and random tokens that match no rule.

    Args:
        text: a line or a longer text.
        checked: tokens that are shown to be no secret.

    Raises:
        RefusedError: the engine does not load.
    """
    return _standard().find_settled(text, checked)


def find_open(text: str) -> list[Hit]:
    """Return only tokens with the prefix of a known issuer, however short.

    Raises:
        RefusedError: the engine does not load.
    """
    return _standard().find_open(text)


def find_key_blocks(text: str) -> list[Hit]:
    """Return the bodies of private keys, finished or not: PEM, PGP or bare DER in base64."""
    return [Hit(start, end, "KEYBLOCK", rule) for start, end, rule in key_blocks(_blanked(text))]


def is_opaque(value: str) -> bool:
    """Return whether a value looks random rather than made of words."""
    return len(value) >= _SHORTEST_OPAQUE and random_bits(value) >= _OPAQUE_BITS


def is_wordlike(value: str) -> bool:
    """Return whether a value may occur in ordinary text by chance (threat 4).

    Such a value is masked where it was recognised, but not wherever it occurs.
    """
    return len(value) < _SHORTEST_SPREAD or not is_opaque(value)


@lru_cache(maxsize=1)
def _standard() -> Detectors:
    return Detectors()


def _plain(text: str) -> bytes:
    """Encode a text for the engine with one byte per character, so that offsets stay equal."""
    return text.encode("ascii", "replace")


def _tokens(text: str, found: Sequence[tuple[Rule, int, int]]) -> Iterator[Hit]:
    for rule, start, end in found:
        own = text[start + len(rule.start) : end]
        # Fewer than four different characters are a dummy such as `ghp_xxxxxxxx`.
        if len(set(own)) >= min(4, len(own)) and not _is_words(own, rule):
            yield Hit(start, end, rule.kind, rule.name)


def _is_words(own: str, rule: Rule) -> bool:
    """Return whether ordinary words follow the prefix of a rule, as in `npm_config`."""
    if any(own.startswith(word.removeprefix(rule.start)) for word in rule.ordinary):
        return True
    if len(own) >= rule.least and not rule.beside:
        return False
    return _WORD.search(own) is not None and random_bits(own) <= 0


def _random(text: str) -> Iterator[Hit]:
    for find in (find_opaque, find_grouped):
        yield from (Hit(*place, "SECRET", OPAQUE) for place in find(text))


def _is_list(written: str, length: int) -> bool:
    """Return whether joined literals are a list of short words, which look random when joined."""
    commas = len(_COMMA.findall(written))
    return commas > 0 and length > _LISTED_LENGTH * (commas + 1)


def _blanked(text: str, checked: CheckedTokens = NOTHING_CHECKED) -> str:
    """Blank out placeholders, checked tokens and public data, so that no detector matches them."""
    if "REDACTED_" in text or "WITHHELD" in text:
        text = PLACEHOLDER.sub(lambda match: BLANK * len(match[0]), text)
    text = checked.without(text, BLANK)
    pieces: list[str] = []
    place = 0
    for start, end in sorted(public_spans(text)):  # once through the text, whatever their number
        if end > place:
            low = max(start, place)
            pieces += (text[place:low], BLANK * (end - low))
            place = end
    return without_drawings("".join((*pieces, text[place:])) if place else text, BLANK)


def _sorted(text: str, hits: Iterable[Hit]) -> list[Hit]:
    """Sort the hits by offset; drop random ones within a hit that names a kind."""
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
