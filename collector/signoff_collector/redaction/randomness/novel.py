"""List tokens that contain no known word, for a person to check.

A secret of an unknown kind still differs from everything that people write. Tokens are split into
pieces. A piece is unknown if it is neither in the vocabulary of everyday code nor in that of the
repository's last commit. Review lists such tokens, and one action masks a token everywhere; with
the `strict` policy sealing masks them all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.detectors.detectors import PLACEHOLDER, is_opaque
from signoff_collector.redaction.detectors.tables import read_table
from signoff_collector.redaction.randomness.checked_tokens import (
    NOTHING_CHECKED,
    checked_tokens_of,
)
from signoff_collector.redaction.randomness.density import find_asked
from signoff_collector.redaction.randomness.numbers import find_drawn_numbers
from signoff_collector.redaction.randomness.randomness import random_bits
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.strings.string_views import ESCAPES
from signoff_collector.redaction.texts.texts import Key, TextStates
from signoff_schemas.steps import EnvironmentStep, SearchStep, StepBase

if TYPE_CHECKING:
    from signoff_collector.episode.content import Edit, Episode
    from signoff_collector.redaction.texts.texts import Text

_TOKEN: Final = re.compile(r"[\w+/~!@#%^&*$?-]{6,512}")
_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_UNKNOWN: Final = 6
"""Minimum number of characters in unknown pieces that makes a token novel."""
_UNKNOWN_SHARE: Final = 0.45
_LONGEST_NUMBER: Final = 4
_FEW_NUMBERS: Final = 2
"""A token with more numbers than this is no identifier; then its short numbers count too."""
_SHORTEST_WORD: Final = 3
_SHORT_ID: Final = re.compile(
    r"(?i)[0-9a-f]{6,9}\Z"
    r"|(?:commit|branch|workspace|session|run-id|agent-session)-[0-9a-f]{12}\Z"
)
"""Abbreviated commits and colours, too short for a secret, and our own pseudonyms."""
_ID: Final = re.compile(
    r"(?i)(?:0x)?(?=[0-9a-f-]*[0-9])(?=[0-9a-f-]*[a-f])[0-9a-f]{10,}\Z"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"
)
"""Digests, commits and UUIDs that nothing in the episode checks; they have no pieces to judge."""
_LEAST_BITS: Final = 2.0
_LEAST_LENGTH: Final = 10
_LEADING: Final = re.compile(r"(?:[A-Za-z]{2,}[-_]){1,4}")
"""What names the issuer of a token, as in `acme-live-`."""
_NUMBER: Final = re.compile(r"[\d.,:/+x#%=~*-]+\Z|\d{4}-?\d\d-?\d\d[T_]?[\dZ.:+-]*\Z")
"""Numbers, dates and timestamps."""
_DIVIDERS: Final = re.compile(r"[-_.]+")
"""What names of packages are compared without (PEP 503)."""
_TOOLS: Final = frozenset({"signoff"})
"""Our own name: whoever records with Signoff has it in commands and settings."""
_VIMS: Final = frozenset({"neovim", "nvim", "vim"})
_MAGIC: Final = re.compile(r"\\[vVmMcC<>]")
r"""Items of Vim's search patterns: `\v` sets the syntax, `\<` and `\>` match word boundaries."""
_EDGE: Final = "=.-/+*~!?#%&^$@"
_ENDINGS: Final = (
    *("s", "es", "ed", "d", "ing", "er", "ers", "or", "ly", "ally", "al", "able", "ation"),
    *("ations", "ion", "ions", "ity", "ment", "ness", "ize", "ized", "izing", "ise", "ised"),
    *("ising", "ies", "ied", "ive", "ous", "ish", "ful", "less", "th"),
)
_BEGINNINGS: Final = (
    *("un", "re", "non", "pre", "sub", "in", "im", "dis", "de", "co", "en", "over", "under"),
    *("mis", "multi", "auto", "super", "inter", "up", "out"),
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_JAPANESE: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})
"""Scripts that one word of Japanese has together."""
_FORMAT: Final = re.compile(
    r"%[-+ #0]?\d{0,3}(?:\.\d{1,2})?(?:[a-zA-Z]|\Z)|(?<![0-9A-Za-z])\d{1,3}[ds](?=[-:T]?%)"
    r"|#[0-9A-Fa-f]{6}(?![0-9A-Za-z])|(?<![0-9A-Za-z])0[xX][0-9A-Fa-f]{1,8}(?![0-9A-Za-z])"
    r"|(?i:0123456789abcdef(?:ghij(?:klmnopqrstuv(?:wxyz)?)?)?)"
)
"""Fields of formats, half typed ones at the end, colours, numbers of 32 bits, and alphabets."""
_RUN: Final = re.compile(r"[^\W_]+")
_CONTEXT: Final = 60
_REACH: Final = 512
_MOST: Final = 2000
"""Longer lists are not reviewed, so the list is capped."""


@dataclass(slots=True)
class NovelToken:
    """One token without a known word, with all its places."""

    value: str
    unknown: int
    """How many of its characters are in unknown pieces: the more, the likelier a secret."""
    places: list[str] = field(default_factory=list)
    context: str = ""
    """The text around its first occurrence."""


@cache
def common_words() -> frozenset[str]:
    """Return the vocabulary of everyday code; see `benchmarks/tables/common_words.py`."""
    return frozenset(read_table("common_words.txt"))


@cache
def library_words() -> frozenset[str]:
    """Return the names of languages and their libraries; see `benchmarks/tables/library_words.py`.

    They explain a piece of a token only as a whole: with endings, or two of them together, they
    would explain too much.
    """
    return frozenset(read_table("library_words.txt"))


@cache
def published_packages() -> frozenset[str]:
    """Return names of packages that everybody can install from PyPI, as PEP 503 writes them.

    A name is added by hand: it has to be on PyPI, and widely used.
    """
    return frozenset(read_table("published_packages.txt"))


def is_published_package(name: str) -> bool:
    """Return whether a package may be named in a shared episode, and nobody be asked about it."""
    return _DIVIDERS.sub("-", name).lower() in published_packages()


def tokens_in(text: str) -> Iterator[str]:
    """Split a text into candidate tokens for `unknown_characters`."""
    return (match[0].strip(_EDGE) for match in _TOKEN.finditer(text))


def asked_in(text: str, words: Container[str] = ()) -> Iterator[str]:
    """Yield what review would ask about in a text."""
    return (value for value, _, _ in _asked_in(text, words))


def unknown_characters(token: str, words: Container[str]) -> int:
    """Count the characters of a token in unknown pieces; 0 if they are too few to matter."""
    if _NUMBER.match(token) or _SHORT_ID.match(token) or _is_mostly_format(token):
        return 0
    if is_id(token):
        return len(token)
    unknown = sum(map(len, unknown_pieces(_without_ordinary(token), words)))
    if unknown >= _UNKNOWN and unknown > _UNKNOWN_SHARE * len(token):
        return unknown
    is_random = len(token) >= _LEAST_LENGTH and random_bits(token) >= _LEAST_BITS
    if is_random and unknown:
        return len(token)
    behind = _LEADING.sub("", token)
    is_named = _LEAST_LENGTH <= len(behind) < len(token)
    return unknown_characters(behind, words) if is_named else 0


def is_id(token: str) -> bool:
    """Return whether a token is spelt as a digest, a commit or a UUID."""
    return _ID.match(token) is not None


def _asked_in(text: str, words: Container[str]) -> Iterator[tuple[str, int, int]]:
    """Yield each asked token, the count of its unknown characters, and its offset.

    These are tokens without a known word, what is as full of signs as no code, and numbers that
    look drawn.
    """
    for match in _TOKEN.finditer(text):
        value = match[0].strip(_EDGE)
        unknown = unknown_characters(value, words)
        if unknown:
            yield value, unknown, match.start()
    for start, end in (*find_asked(text), *find_drawn_numbers(text)):
        if not _is_mostly_format(text[start:end]):
            yield text[start:end], end - start, start


def _is_mostly_format(token: str) -> bool:
    """Return whether a token is formats, colours and the like, with single letters and words.

    A digit beside them makes it more: `%9a` also stands in passwords and in percent-encoded ones.
    """
    rest = _FORMAT.sub(" ", token)
    return rest != token and all(_is_beside_formats(run) for run in _RUN.findall(rest))


def _is_beside_formats(run: str) -> bool:
    return run.isalpha() and (len(run) == 1 or is_known_piece(run))


def unknown_pieces(token: str, words: Container[str]) -> list[str]:
    """Return the pieces of a token that are no known words, in order."""
    pieces: list[str] = _PIECE.findall(token)
    is_mixed = sum(piece.isdigit() for piece in pieces) > _FEW_NUMBERS
    return [
        piece
        for piece in pieces
        if (
            is_mixed
            if piece.isdigit() and len(piece) <= _LONGEST_NUMBER
            else not _is_known(piece, words)
        )
    ]


def novel_tokens(episode: Episode, own_words: Container[str] = ()) -> list[NovelToken]:
    """Return the tokens without a known word, the most opaque first.

    A token counts if a text was opened, replaced or saved with it, if the next edit of its text
    is elsewhere, or if a string contains it. So a token that is being typed counts only once.

    Args:
        episode: masked or not; placeholders count as known.
        own_words: vocabulary of the repository's last commit, in lower case.
    """
    return _Search(own_words).run(episode)


def words_of(contents: Iterable[str]) -> Iterator[str]:
    """Yield the words of texts in the form of `own_words`, with repetitions."""
    for text in contents:
        for piece in _PIECE.findall(text):
            if len(piece) >= _SHORTEST_WORD and not piece.isdigit():
                yield piece.lower()


def is_known_piece(piece: str, words: Container[str] = ()) -> bool:
    """Return whether a piece of a token is a known word, a form of one or two of them together."""
    lowered = piece.lower()
    return _is_word(lowered, words) or _is_compound(lowered, words)


def _is_known(piece: str, words: Container[str]) -> bool:
    lowered = piece.lower()
    return is_known_piece(lowered, words) or lowered in library_words()


def _without_ordinary(token: str) -> str:
    """Return a token without the words of other languages in small letters, which are no names.

    Beside a digit they stay: then they may be a password.
    """
    if token.isascii() or any(map(str.isdigit, token)):
        return token
    return _LETTERS.sub(_unless_ordinary, token)


def _unless_ordinary(match: re.Match[str]) -> str:
    return " " if match[0].islower() and _is_foreign_word(match[0]) else match[0]


def is_of_other_language(token: str, words: Container[str]) -> bool:
    """Return whether the unknown words of a token are of another language than English.

    They may be names, so they are asked about, unless they are in small letters.
    """
    if any(map(str.isdigit, token)):
        return False
    unknown = [one for one in _LETTERS.findall(token) if unknown_pieces(one, words)]
    return bool(unknown) and all(map(_is_foreign_word, unknown))


def _is_foreign_word(word: str) -> bool:
    """Return whether this is one word with a letter that English does not have.

    That is letters alone, of one script, as a word is capitalised: no generator of secrets draws
    from `ü` or from the letters of Greek.
    """
    if word.isascii() or not _LETTERS.fullmatch(word):
        return False
    return _script_of(word) not in {"", "LATIN"} or word[1:].islower() or word.isupper()


@lru_cache(maxsize=4096)
def _script_of(letters: str) -> str:
    """Return the script that all letters have, as Unicode names it; empty if there are several."""
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in letters}
    if scripts <= _JAPANESE:
        return "CJK"
    return scripts.pop() if len(scripts) == 1 else ""


def _is_word(word: str, words: Container[str]) -> bool:
    """Return whether a word is known, also with a usual prefix or suffix."""
    common = common_words()
    if word in common or word in words or word in _TOOLS:
        return True
    stems = [word.removeprefix(start) for start in _BEGINNINGS if word.startswith(start)]
    for stem in (word, *stems):
        bases = [stem[: len(stem) - len(end)] for end in _ENDINGS if stem.endswith(end)]
        for base in (stem, *bases):
            if len(base) > _SHORTEST_WORD and any(
                one in common or one in words for one in (base, f"{base}e", f"{base}y")
            ):
                return True
    return False


def _is_compound(word: str, words: Container[str]) -> bool:
    """Return whether a word is a compound of two known ones."""
    places = range(_SHORTEST_WORD + 1, len(word) - _SHORTEST_WORD)
    return any(_is_word(word[:at], words) and _is_word(word[at:], words) for at in places)


class _Search:
    def __init__(self, own_words: Container[str]) -> None:
        self._words = own_words
        self._found: dict[str, NovelToken] = {}
        self._checked = NOTHING_CHECKED
        self._seen_lines: set[int] = set()
        self._pending: dict[Key, tuple[int, int, str]] = {}
        """By text the token that its last edit touched: start, end and characters."""

    def run(self, episode: Episode) -> list[NovelToken]:
        self._checked = checked_tokens_of(episode)
        states = TextStates(episode)
        for step, touched in states.walk():
            if isinstance(step, StepBase):
                self._leave_all(states)
                for key in touched:
                    if key in states.texts:
                        self._take(states.texts[key].chars, lambda: states.paths[key.file])  # noqa: B023  (called at once)
            else:
                self._edit(states, step)
        self._leave_all(states)
        own: dict[str, object] = {"masks": {}, "versions": {}}
        is_vim = any(editor.name.lower() in _VIMS for editor in episode.header.editors)
        for model in (*episode.steps, episode.header.model_copy(update=own)):
            where = f"step {model.seq}" if isinstance(model, StepBase) else "the header"
            for pointer, text in strings_of(model):
                if isinstance(model, EnvironmentStep) and is_published_package(text):
                    continue
                if is_vim and isinstance(model, SearchStep) and pointer == "/query":
                    text = _MAGIC.sub("  ", text)  # noqa: PLW2901  (as long as before)
                self._take(text, lambda: f"{where} {pointer}")  # noqa: B023  (called at once)
        return self._whole_ones()

    def _edit(self, states: TextStates, edit: Edit) -> None:
        key = Key(edit.file, edit.buffer)
        text = states.texts[key]
        before = self._pending.pop(key, None)
        if before is not None and not _grows(edit, before):
            self._take(before[2], lambda: states.paths[key.file])
        low, high = _token_around(text, edit.start, edit.start + len(edit.text))
        self._pending[key] = (low, high, text.part(low, high))

    def _leave_all(self, states: TextStates) -> None:
        for key, (_, _, chars) in self._pending.items():
            self._take(chars, lambda: states.paths[key.file])  # noqa: B023  (called at once)
        self._pending.clear()

    def _take(self, chars: str, place: Callable[[], str]) -> None:
        for line in chars.split("\n"):
            if hash(line) in self._seen_lines:
                continue
            self._seen_lines.add(hash(line))
            shown = ESCAPES.sub(_blank, PLACEHOLDER.sub(_blank, line))
            shown = self._checked.without(shown, " ")
            for value, unknown, start in _asked_in(shown, self._words):
                self._note(value, unknown, place(), line, start)

    def _note(self, value: str, unknown: int, place: str, line: str, at: int) -> None:
        token = self._found.setdefault(value, NovelToken(value, unknown))
        if place not in token.places:
            token.places.append(place)
        if not token.context:
            low = max(0, at - _CONTEXT)
            token.context = line[low : at + len(value) + _CONTEXT].strip()

    def _whole_ones(self) -> list[NovelToken]:
        """Drop tokens that are part of a longer one; sort the rest, the most opaque first."""
        ranked = sorted(self._found.values(), key=_rank)[:_MOST]
        kept: list[NovelToken] = []
        for token in sorted(ranked, key=lambda one: -len(one.value)):
            if not any(token.value in longer.value for longer in kept):
                kept.append(token)
        return sorted(kept, key=_rank)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _rank(token: NovelToken) -> tuple[bool, int, str]:
    return not is_opaque(token.value), -token.unknown, token.value


def _grows(edit: Edit, token: tuple[int, int, str]) -> bool:
    """Return whether an edit only inserts into or beside the token that was being typed."""
    low, high, _ = token
    return not edit.deleted and low <= edit.start <= high


def _token_around(text: Text, start: int, end: int) -> tuple[int, int]:
    floor = max(0, start - _REACH)
    near = text.part(floor, end + _REACH)
    low, high = start - floor, end - floor
    while low > 0 and not near[low - 1].isspace():
        low -= 1
    while high < len(near) and not near[high].isspace():
        high += 1
    return floor + low, floor + high
