"""Find names and e-mail addresses of people by exact value, through an index of their words.

The cost of a line does not grow with the number of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signoff_collector.redaction.interface import Identities

_GENERIC_LIST: Final = (
    "root user users admin administrator test tester testing home dev devel developer main"
    " demo runner runneradmin ubuntu debian vagrant node app apps web guest nobody public"
    " shared data name default python build builder jenkins circleci travis gitpod codespace"
    " vscode docker host local localhost localdomain server client linux macbook system none"
    " null example ec2-user username service worker base code work coder agent model machine"
    " computer desktop github gitlab bitbucket dependabot renovate github-actions bot unknown"
    " author committer"
)
_GENERIC: Final = frozenset(_GENERIC_LIST.split())
_WORD: Final = re.compile(r"[^\W_]+")
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]\"',;:|\\]{1,64}(?:@|%40)[^\s<>()\[\]\"',;:|\\/]{1,255}")
_GAPS: Final = frozenset(" ._-,'\u2019\u00a0")
_LONGEST_GAP: Final = 2
_SHORTEST_NAME: Final = 4


def is_generic(name: str) -> bool:
    """Return whether a name is a usual one of machines and services, so identifies nobody."""
    lowered = name.lower()
    return lowered in _GENERIC or lowered.endswith("[bot]")


class PeopleIndex:
    """Index of names by their first word and of addresses by their text."""

    def __init__(self, identities: Identities) -> None:
        names = [one for one in identities.person_names if _is_name(one)]
        self._names: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in sorted(names, key=lambda one: (-len(one), one)):
            words = tuple(word.lower() for word in _WORD.findall(name))
            self._names.setdefault(words[0], []).append((words, name))
        self._addresses = {
            one.lower() for one in identities.email_addresses if "@" in one and _is_mail(one)
        }
        self._persons = _number_people(identities.own_values, identities.people)

    def person_of(self, value: str) -> int | None:
        """Return the number of the person with this name or address; None if unknown."""
        return self._persons.get(value.lower())

    def find(self, text: str) -> list[tuple[int, int, str, str]]:
        """Return start, end, kind and value of every name and address."""
        hits: list[tuple[int, int, str, str]] = []
        if self._addresses and ("@" in text or "%40" in text):
            hits.extend(self._addresses_in(text))
        if self._names:
            hits.extend(self._names_in(text))
        return hits

    def _addresses_in(self, text: str) -> Iterable[tuple[int, int, str, str]]:
        for match in _ADDRESS.finditer(text):
            spelled = match[0].replace("%40", "@").lower()
            shorter = spelled.rstrip(".!?*`=&")
            for one in (spelled, shorter):
                start = max(one.rfind("="), one.rfind("/"), one.rfind("`"), one.rfind("*")) + 1
                if one[start:] in self._addresses:
                    end = match.end() - (len(spelled) - len(one))
                    yield match.start() + start, end, "EMAIL", one[start:]
                    break

    def _names_in(self, text: str) -> Iterable[tuple[int, int, str, str]]:
        if self._names.keys().isdisjoint(_WORD.findall(text.lower())):
            return
        words = list(_WORD.finditer(text))
        for place, first in enumerate(words):
            for wanted, name in self._names.get(first[0].lower(), ()):
                run = words[place : place + len(wanted)]
                if [word[0].lower() for word in run] != list(wanted) or not _are_near(text, run):
                    continue
                if len(wanted) > 1 or first[0] == name:
                    yield first.start(), run[-1].end(), "NAME", name.lower()
                    break


def _is_name(name: str) -> bool:
    words = _WORD.findall(name)
    return len(name) >= _SHORTEST_NAME and bool(words) and not is_generic(name)


def _is_mail(address: str) -> bool:
    return not address.lower().startswith(("noreply@", "no-reply@", "git@"))


def _are_near(text: str, run: list[re.Match[str]]) -> bool:
    gaps = [text[one.end() : other.start()] for one, other in pairwise(run)]
    return all(len(gap) <= _LONGEST_GAP and _GAPS.issuperset(gap) for gap in gaps)


def _number_people(own: Iterable[str], people: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """Number the people by value (union-find): entries that share a value are one person."""
    leader: dict[str, str] = {}

    def find(value: str) -> str:
        while (above := leader.setdefault(value, value)) != value:
            leader[value] = value = leader[above]
        return value

    for person in [(_SELF, *own), *people]:
        values = [value.lower() for value in person if not is_generic(value)]
        for value in values:
            leader[find(value)] = find(values[0])
    numbers = {find(_SELF): 0}
    return {value: numbers.setdefault(find(value), len(numbers)) for value in list(leader)}


_SELF: Final = "\0"
"""Key of the developer, who exists even if no name or address of theirs is known."""
