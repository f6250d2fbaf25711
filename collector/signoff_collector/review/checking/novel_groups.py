"""Group unknown tokens: random ones, families of similar words, and the rest."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.detectors.detectors import is_opaque
from signoff_collector.redaction.randomness.novel import NovelToken, common_words, unknown_pieces
from signoff_collector.review.checking.group_values import (
    SAMPLES,
    Draft,
    Sample,
    content_name,
    counted,
)
from signoff_collector.review.checking.joined import GRAM, grams_of
from signoff_schemas.plan import FieldMask, TextMask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.checking.places import StringPlaces, TextPlaces

_RARER: Final = ("rarer word that is in no list", "rarer words that are in no list")
_RANDOM: Final = ("token that looks random", "tokens that look random")
FAMILIES: Final = 6
"""The most frequent unknown words get a group of their own; so many of them."""
_DIGIT_SHARE: Final = 0.3
_STEM: Final = 12
"""Length of the common prefix that puts words into one family."""


@dataclass(slots=True)
class _Family:
    """Tokens that share one unknown word."""

    stem: str
    tokens: list[NovelToken] = field(default_factory=list[NovelToken])
    texts: list[TextMask] = field(default_factory=list[TextMask])
    fields: list[FieldMask] = field(default_factory=list[FieldMask])
    samples: list[Sample] = field(default_factory=list[Sample])

    @property
    def places(self) -> int:
        return len(self.texts) + len(self.fields)

    @property
    def what(self) -> str:
        """Return the identity of the family; a new member changes it, so it is asked again."""
        return content_name([self.stem, *(token.value for token in self.tokens)])


class NovelGroups:
    """Groups the novel tokens of kept tasks.

    Args:
        base: the base episode.
        texts: where values stand in its files.
        own_words: words of the repository's last commit.
    """

    def __init__(
        self,
        base: BaseWalk,
        texts: TextPlaces,
        own_words: Collection[str],
    ) -> None:
        self._base = base
        self._texts = texts
        self._words = own_words
        self._sorted = sorted({*common_words(), *own_words})
        self._common = grams_of(self._sorted)

    def drafts(
        self,
        tokens: Sequence[NovelToken],
        strings: StringPlaces,
        is_decided: Callable[[str], bool],
    ) -> list[Draft]:
        """Return the groups.

        Args:
            tokens: as `novel_tokens` found them in the kept task without masks.
            strings: where values stand in the kept steps.
            is_decided: says of a family's `what` whether it was accepted: it keeps a group of
                its own.
        """
        tokens = [token for token in tokens if not self._is_half_typed(token.value)]
        random = [token for token in tokens if _is_random(token.value)]
        words = [token for token in tokens if not _is_random(token.value)]
        whole = [token.value for token in words]
        pieces = [token.value for token in random]
        pieces += [piece for value in whole for piece in self._pieces(value)]
        found = self._texts.masks(whole, pieces, self._common)
        said = strings.masks(whole, pieces, self._common)
        families = self._families(words, found, said)
        ranked = sorted(families, key=lambda one: (-one.places, one.stem))
        asked = ranked[:FAMILIES] + [one for one in ranked[FAMILIES:] if is_decided(one.what)]
        drafts = [_family_draft(one) for one in asked]
        rest = [one for one in ranked[FAMILIES:] if not is_decided(one.what)]
        if rest:
            drafts.append(_joined(_RARER, rest))
        if random:
            tokens_of = self._families(random, found, said, is_random=True)
            drafts.append(_joined(_RANDOM, tokens_of))
        return drafts

    def _families(
        self,
        tokens: Iterable[NovelToken],
        found: Mapping[str, Sequence[TextMask]],
        said: Mapping[str, Sequence[FieldMask]],
        *,
        is_random: bool = False,
    ) -> list[_Family]:
        families: dict[str, _Family] = {}
        for token in tokens:
            stem = token.value if is_random else self._stem(token.value)
            family = families.setdefault(stem, _Family(stem))
            named = (token.value, *(() if is_random else self._pieces(token.value)))
            texts = [mask for one in named for mask in found.get(one, ())]
            fields = [mask for one in named for mask in said.get(one, ())]
            family.tokens.append(token)
            family.texts += texts
            family.fields += fields
            if len(family.samples) < SAMPLES:
                family.samples.append(self._sample(token, texts, fields))
        return list(families.values())

    def _is_half_typed(self, value: str) -> bool:
        """Return whether the unknown part of a token is only a prefix of a known word."""
        pieces = [piece.lower() for piece in unknown_pieces(value, self._words)]
        return all(self._begins_word(piece) for piece in pieces)

    def _begins_word(self, piece: str) -> bool:
        place = bisect_left(self._sorted, piece)
        return place < len(self._sorted) and self._sorted[place].startswith(piece)

    def _pieces(self, value: str) -> list[str]:
        """Return the unknown words of a token."""
        return [piece for piece in unknown_pieces(value, self._words) if len(piece) >= GRAM]

    def _stem(self, value: str) -> str:
        pieces = unknown_pieces(value, self._words) or [value]
        return max(pieces, key=len).lower()[:_STEM]

    def _sample(
        self, token: NovelToken, texts: Sequence[TextMask], fields: Sequence[FieldMask]
    ) -> Sample:
        seq, path = None, token.places[0] if token.places else ""
        if texts:
            seq, path = texts[0].after_seq, self._base.paths[texts[0].file]
        elif fields:
            seq, path = fields[0].seq, fields[0].field
        start = token.context.find(token.value)
        length = len(token.value) if start >= 0 else 0
        return Sample(seq=seq, path=path, context=token.context, start=max(0, start), length=length)


def _is_random(value: str) -> bool:
    digits = sum(map(str.isdigit, value))
    return is_opaque(value) or digits > _DIGIT_SHARE * len(value)


def _family_draft(family: _Family) -> Draft:
    names = sorted({token.value for token in family.tokens}, key=lambda one: (len(one), one))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return Draft(
        kind="novel",
        what=family.what,
        title=f"{names[0]}{more}: in no list of words",
        samples=tuple(family.samples),
        count=len(names),
        default="decide",
        texts=tuple(dict.fromkeys(family.texts)),
        fields=tuple(dict.fromkeys(family.fields)),
    )


def _joined(said: tuple[str, str], families: Sequence[_Family]) -> Draft:
    names = sorted({token.value for family in families for token in family.tokens})
    samples = [family.samples[0] for family in families[:SAMPLES]]
    return Draft(
        kind="novel",
        what=content_name([*said, *names]),
        title=counted(len(names), *said),
        samples=tuple(samples),
        count=len(names),
        default="mask",
        texts=tuple(dict.fromkeys(mask for family in families for mask in family.texts)),
        fields=tuple(dict.fromkeys(mask for family in families for mask in family.fields)),
    )
