"""Group unknown tokens: words that are in no list, and what looks random."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from signoff_collector.redaction.detectors.detectors import is_opaque
from signoff_collector.redaction.randomness.novel import (
    NovelToken,
    common_words,
    is_of_other_language,
    library_words,
    unknown_pieces,
)
from signoff_collector.redaction.randomness.randomness import random_bits
from signoff_collector.review.checking.group_values import (
    SAMPLES,
    Action,
    Default,
    Draft,
    Item,
    Sample,
    content_name,
    counted,
)
from signoff_collector.review.checking.joined import GRAM, grams_of
from signoff_collector.review.checking.places import BaseTexts
from signoff_schemas.plan import FieldMask, TextMask

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.checking.occurrences import Occurrences
    from signoff_collector.review.checking.places import StringPlaces


class _Kind(NamedTuple):
    """One group of tokens: what it is called, and what becomes of those that nobody decides on."""

    one: str
    many: str
    default: Default
    suggested: Action


_WORDS: Final = _Kind("word that is in no list", "words that are in no list", "decide", "accept")
_FOREIGN: Final = _Kind("word of another language", "words of other languages", "decide", "accept")
_RANDOM: Final = _Kind("token that looks random", "tokens that look random", "mask", "mask")
_WORD_LIKE_BITS: Final = 2.0
"""A word in no list with more `random_bits` than this counts as random; made-up names have less."""
_DIGIT_SHARE: Final = 0.3
_SURE_BEGINNING: Final = 5
"""A shorter beginning of a name of a library, or before a slip, is had by chance."""
_SLIPS: Final = 2
_STEM: Final = 12
"""Length of the common prefix that puts words into one family."""


@dataclass(slots=True)
class _Family:
    """Tokens that share one unknown word: one item."""

    stem: str
    tokens: list[NovelToken] = field(default_factory=list[NovelToken])
    texts: list[TextMask] = field(default_factory=list[TextMask])
    fields: list[FieldMask] = field(default_factory=list[FieldMask])
    samples: list[Sample] = field(default_factory=list[Sample])

    def kind(self, words: Collection[str]) -> _Kind:
        values = [token.value for token in self.tokens]
        if all(is_of_other_language(value, words) for value in values):
            return _FOREIGN
        return _RANDOM if all(_is_random(value) for value in values) else _WORDS


class NovelGroups:
    """Groups the novel tokens of kept tasks.

    Args:
        base: the base episode.
        own_words: words of the repository's last commit.
    """

    def __init__(self, base: BaseWalk, own_words: Collection[str]) -> None:
        self._base = base
        self._texts = BaseTexts(base)
        self._words = own_words
        known = {*common_words(), *own_words}
        self._sorted = sorted(known)
        self._libraries = sorted(library_words())
        self._common = grams_of(known)

    def drafts(
        self, tokens: Sequence[NovelToken], strings: StringPlaces, counted_in: Occurrences
    ) -> list[Draft]:
        """Return the groups: words in no list, words of other languages, and random tokens.

        Args:
            tokens: as `novel_tokens` found them in the kept task without masks.
            strings: where values stand in the kept steps.
            counted_in: that task.
        """
        tokens = [token for token in tokens if not self._is_half_typed(token.value)]
        whole = [token.value for token in tokens]
        pieces = [one for token in tokens for one in self._found_in_part(token)]
        found = self._texts.masks(whole, pieces, self._common)
        said = strings.masks(whole, pieces, self._common)
        families = self._families(tokens, found, said)
        of_kind: dict[_Kind, list[_Family]] = {_WORDS: [], _FOREIGN: [], _RANDOM: []}
        for one in families:
            of_kind[one.kind(self._words)].append(one)
        named: dict[str | _Kind, list[str]] = {one.stem: self._values(one) for one in families}
        for kind, own in of_kind.items():
            named[kind] = [value for one in own for value in named[one.stem]]
        places = counted_in.of_values(named, whole, pieces, self._common)
        drafts: list[Draft] = []
        for kind, own in of_kind.items():
            own.sort(key=lambda one: (-places[one.stem], one.stem))
            items = [self._item(one, places[one.stem]) for one in own]
            if items:
                drafts.append(_group(kind, items, places[kind]))
        return drafts

    def _families(
        self,
        tokens: Iterable[NovelToken],
        found: Mapping[str, Sequence[TextMask]],
        said: Mapping[str, Sequence[FieldMask]],
    ) -> list[_Family]:
        families: dict[str, _Family] = {}
        for token in tokens:
            stem = token.value if _is_random(token.value) else self._stem(token.value)
            family = families.setdefault(stem, _Family(stem))
            named = self._named(token)
            texts = [mask for one in named for mask in found.get(one, ())]
            fields = [mask for one in named for mask in said.get(one, ())]
            family.tokens.append(token)
            family.texts += texts
            family.fields += fields
            family.samples.append(self._sample(token, texts, fields))
        return list(families.values())

    def _found_in_part(self, token: NovelToken) -> list[str]:
        """Return what counts also where only a piece of it stands, such as half-typed."""
        return [token.value] if _is_random(token.value) else self._pieces(token.value)

    def _named(self, token: NovelToken) -> tuple[str, ...]:
        """Return what is masked for a token: itself, and its unknown words wherever they stand."""
        return tuple(dict.fromkeys((token.value, *self._found_in_part(token))))

    def _values(self, family: _Family) -> list[str]:
        return [value for token in family.tokens for value in self._named(token)]

    def _item(self, family: _Family, places: int) -> Item:
        names = sorted({token.value for token in family.tokens}, key=lambda one: (len(one), one))
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        held = [self._base.paths[mask.file] for mask in family.texts]
        held += [f"step {mask.seq} {mask.field}" for mask in family.fields]
        return Item(
            what=content_name([family.stem, *names]),
            title=f"{names[0]}{more}",
            sample=family.samples[0],
            places=places,
            where=tuple(dict.fromkeys(held))[:SAMPLES],
            texts=tuple(dict.fromkeys(family.texts)),
            fields=tuple(dict.fromkeys(family.fields)),
        )

    def _is_half_typed(self, value: str) -> bool:
        """Return whether the unknown parts of a token only begin known words, with a slip or two.

        So they stand in a text while a word is being typed, and until a slip is taken back.
        """
        pieces = [piece.lower() for piece in unknown_pieces(value, self._words)]
        return all(self._begins_word(piece) for piece in pieces)

    def _begins_word(self, piece: str) -> bool:
        if _begins_one(piece, self._sorted):
            return True
        least = max(_SURE_BEGINNING, len(piece) - _SLIPS)
        begun = [piece[:size] for size in range(least, len(piece) + 1)]
        return any(_begins_one(one, self._sorted) for one in begun) or any(
            _begins_one(one, self._libraries) for one in begun
        )

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


def _begins_one(piece: str, words: Sequence[str]) -> bool:
    """Return whether one of some sorted words begins with a piece."""
    place = bisect_left(words, piece)
    return place < len(words) and words[place].startswith(piece)


def _is_random(value: str) -> bool:
    digits = sum(map(str.isdigit, value))
    return (
        is_opaque(value)
        or digits > _DIGIT_SHARE * len(value)
        or random_bits(value) > _WORD_LIKE_BITS
    )


def _group(kind: _Kind, items: Sequence[Item], places: int) -> Draft:
    return Draft(
        kind="novel",
        name=kind.one,
        title=counted(len(items), kind.one, kind.many),
        items=tuple(items),
        shared_places=places,
        default=kind.default,
        suggested=kind.suggested,
    )
