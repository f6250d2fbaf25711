"""Match all rules at once with google-re2 (decision 12).

It takes linear time for any text: no input makes it backtrack. It works on bytes. Texts are
encoded with `?` for every character beyond ASCII, so that byte offsets are text offsets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol, cast

from signoff_collector.system.extras import how_to_install
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from signoff_collector.redaction.rules.shapes import Rule

_MAX_MEMORY_BYTES: Final = 16 << 20
_BUNCH: Final = 20_000
"""Maximum length of one alternation of literals, in characters."""


class RuleSet:
    """Rules compiled into one multi-pattern matcher, with the gates of other detectors."""

    def __init__(self, rules: Sequence[Rule], gates: Sequence[str] = ()) -> None:
        self.rules = tuple(rules)
        self._gates = tuple(gates)
        self._options = _options()
        self._set = self._make_set()
        self._patterns: dict[int, _Pattern] = {}

    def look(self, plain: bytes) -> tuple[list[tuple[Rule, int, int]], frozenset[str]]:
        """Return the matches of all rules with their ranges, and the gates that match.

        Matches of different rules may overlap. A gate matches anywhere in the text.
        """
        tokens: list[tuple[Rule, int, int]] = []
        gates: set[str] = set()
        for place in self._matching(plain):
            if place >= len(self.rules):
                gates.add(self._gates[place - len(self.rules)])
                continue
            rule = self.rules[place]
            found = self._pattern(place).finditer(plain)
            tokens.extend((rule, *match.span(1)) for match in found)
        return tokens, frozenset(gates)

    def _matching(self, plain: bytes) -> Sequence[int]:
        """Return the indices of the patterns that match; all of them if the engine fails.

        When it runs out of memory, re2 reports no match. The empty pattern at the end always
        matches, so its absence reveals the failure.
        """
        always = len(self.rules) + len(self._gates)
        found = self._set.Match(plain) or ()
        if always not in found:
            return range(always)
        return [place for place in found if place != always]

    def _make_set(self) -> _Set:
        import re2

        made: _Set = re2.Set.SearchSet(self._options)
        for pattern in (*(rule.pattern for rule in self.rules), *self._gates, ""):
            made.Add(pattern)
        made.Compile()
        return made

    def _pattern(self, place: int) -> _Pattern:
        pattern = self._patterns.get(place)
        if pattern is None:
            import re2

            pattern = cast(
                "_Pattern", re2.compile(self.rules[place].pattern.encode(), self._options)
            )
            self._patterns[place] = pattern
        return pattern


class Literals:
    """Tests whether a content contains any of many literals, in time linear in the content."""

    def __init__(self, texts: Iterable[str]) -> None:
        options = _options()
        import re2

        self._patterns: list[_Sought] = []
        for some in _bunches([re.escape(text) for text in dict.fromkeys(texts) if text]):
            pattern = re2.compile("|".join(some).encode("utf-8", "surrogatepass"), options)
            self._patterns.append(cast("_Sought", pattern))

    def stand_in(self, content: bytes) -> bool:
        """Return whether a content in UTF-8 contains one of the literals."""
        return any(pattern.search(content) is not None for pattern in self._patterns)


def _bunches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Split the literals into alternations of up to `_BUNCH` characters."""
    bunch: list[str] = []
    length = 0
    for text in texts:
        if bunch and length + len(text) > _BUNCH:
            yield bunch
            bunch, length = [], 0
        bunch.append(text)
        length += len(text)
    if bunch:
        yield bunch


class _Sought(Protocol):
    def search(self, text: bytes, /) -> object | None: ...


class _Match(Protocol):
    def span(self, group: int, /) -> tuple[int, int]: ...


class _Pattern(Protocol):
    def finditer(self, text: bytes, /) -> Iterator[_Match]: ...


class _Set(Protocol):
    def Add(self, pattern: str, /) -> int: ...  # noqa: N802
    def Compile(self) -> None: ...  # noqa: N802
    def Match(self, text: bytes, /) -> list[int] | None: ...  # noqa: N802


def _options() -> object:
    try:
        import re2
    except ImportError as error:
        raise RefusedError(
            "google-re2, which recognises secrets, does not load; no episode was made",
            hint=f"Nothing is sealed or shown without it. {how_to_install('seal')}",
        ) from error
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    return options
