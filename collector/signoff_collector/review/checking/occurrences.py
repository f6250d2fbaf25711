"""Count the occurrences that an action changes, in a kept task as it would be without masks.

An occurrence in a text is what shares a character, at whatever moments it stood there: a word
that is typed key by key, or that stays for a day, is one. In a string of a step each place is one.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.review.applying.base_walk import PLACEHOLDER
from signoff_collector.review.checking.places import StringPlaces, TextPlaces
from signoff_collector.review.plan.linking import apart, linked

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from signoff_collector.episode.content import Episode

Name = TypeVar("Name")


class Occurrences:
    """Occurrences in one episode. Walks it once."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._texts = TextPlaces(episode)
        self._strings = StringPlaces(episode.steps)

    def of_values(
        self,
        named: Mapping[Name, Iterable[str]],
        whole: Iterable[str],
        pieces: Iterable[str],
        common: Container[str],
    ) -> Counter[Name]:
        """Return how often the values of each item occur.

        Args:
            named: the values of each item or group, by its name.
            whole: as in `BaseTexts.masks`.
            pieces: as there.
            common: as there.
        """
        whole, pieces = tuple(whole), tuple(pieces)
        runs: dict[str, list[Iterable[int]]] = {}
        for one, ids in self._texts.runs(whole, pieces, common):
            runs.setdefault(one.value, []).append(ids)
        spans = self._strings.masks(whole, pieces, common)
        found: Counter[Name] = Counter()
        for name, values in named.items():
            own = dict.fromkeys(values)
            found[name] = linked(ids for one in own for ids in runs.get(one, ()))
            found[name] += apart(span for one in own for span in spans.get(one, ()))
        return found

    def of_masks(self) -> Counter[str]:
        """Return how often each placeholder of sealing occurs, as it stands in the episode."""
        runs: dict[str, list[Iterable[int]]] = {}
        for match, ids in self._texts.matches(PLACEHOLDER):
            runs.setdefault(match[0], []).append(ids)
        found = Counter({label: linked(ids) for label, ids in runs.items()})
        for step in self._episode.steps:
            for _, text in strings_of(step):
                if "REDACTED_" in text:
                    found.update(match[0] for match in PLACEHOLDER.finditer(text))
        return found
