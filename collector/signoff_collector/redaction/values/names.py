"""Find names and e-mail addresses of people by exact value, through an index of their words.

The cost of a line does not grow with the number of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.values.name_forms import Form, handle_of, name_forms

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
_JOINS: Final = frozenset("._-")
_LONGEST_GAP: Final = 2
_SHORTEST_NAME: Final = 4
_SIGNED: Final = re.compile(
    r"(?<!\w)(?:TODO|todo|FIXME|fixme|XXX|HACK|NOTE)[ \t]?[(\[:@-][ \t]?@?"
    r"(?P<initials>[A-Za-z]{2,5})(?!\w)"
)
_POINTED: Final = re.compile(r"(?<![\w.])(?P<initials>[A-Z]\.(?:[ \u00a0]?[A-Z]\.){1,4})(?!\w)")
_NO_LETTER: Final = re.compile(r"[^A-Za-z]")


def is_generic(name: str) -> bool:
    """Return whether a name is a usual one of machines and services, so identifies nobody."""
    lowered = name.lower()
    return lowered in _GENERIC or lowered.endswith("[bot]")


class PeopleIndex:
    """Index of names by a word of each form and of addresses by their text."""

    def __init__(self, identities: Identities) -> None:
        own = {value.lower() for value in identities.own_values}
        self._names: dict[str, list[tuple[int, Form, str]]] = {}
        """By the longest word of each form: its place in the form, the form, the person's name."""
        for name in sorted(filter(_is_name, identities.person_names), key=_longest_first):
            for form in name_forms(name, is_own=name.lower() in own):
                self._add(form, name)
        for address in sorted(identities.email_addresses):
            handle = handle_of(address, is_own=address.lower() in own)
            if handle is not None and not is_generic(handle):
                self._add(Form(tuple(_WORD.findall(handle.lower()))), address)
        for forms in self._names.values():
            forms.sort(key=lambda one: -len(one[1].words))
        self._initials = _own_initials(filter(_is_name, identities.own_values))
        self._addresses = {
            one.lower() for one in identities.email_addresses if "@" in one and _is_mail(one)
        }
        self._persons = _number_people(identities.own_values, identities.people)

    def _add(self, form: Form, name: str) -> None:
        place = max(range(len(form.words)), key=lambda at: len(form.words[at]))
        forms = self._names.setdefault(form.words[place], [])
        if all(form != known for _, known, _ in forms):
            forms.append((place, form, name))

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
        hits.extend(self._initials_in(text))
        return [hit for hit in hits if not _is_within(hit, hits)]

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
        for at, word in enumerate(words):
            for place, form, name in self._names.get(word[0].lower(), ()):
                first = at - place
                run = words[max(0, first) : first + len(form.words)]
                if _is_form(text, run, form) and (
                    len(run) > 1 or form.words != (name.lower(),) or word[0] == name
                ):
                    yield run[0].start(), _behind_initial(text, run[-1]), "NAME", name.lower()
                    break

    def _initials_in(self, text: str) -> Iterable[tuple[int, int, str, str]]:
        for pattern in (_SIGNED, _POINTED) if self._initials else ():
            for match in pattern.finditer(text):
                name = self._initials.get(_NO_LETTER.sub("", match["initials"]).lower())
                if name is not None:
                    yield *match.span("initials"), "NAME", name


def _is_within(hit: tuple[int, int, str, str], others: list[tuple[int, int, str, str]]) -> bool:
    """Return whether a longer hit contains this one."""
    start, end = hit[:2]
    return any(
        low <= start and end <= high and high - low > end - start for low, high, *_ in others
    )


def _longest_first(name: str) -> tuple[int, str]:
    return -len(name), name


def _is_form(text: str, run: list[re.Match[str]], form: Form) -> bool:
    """Return whether words of a text are a form of a name."""
    if tuple(word[0].lower() for word in run) != form.words or not _are_near(text, run):
        return False
    if form.is_capital and not all(word[0][0].isupper() for word in run):
        return False
    if form.sign == ",":
        return text[run[0].end()] == ","
    if form.sign == "_":
        return all(text[one.end() : other.start()] in _JOINS for one, other in pairwise(run))
    short = [word for word in run if len(word[0]) == 1]
    return not form.sign or all(text[word.end() : word.end() + 1] == "." for word in short)


def _behind_initial(text: str, last: re.Match[str]) -> int:
    """Return the end of a name, with the point of an initial at its end."""
    is_point = len(last[0]) == 1 and text[last.end() : last.end() + 1] == "."
    return last.end() + is_point


def _own_initials(names: Iterable[str]) -> dict[str, str]:
    """Return the developer's initials, in small letters, with and without middle names."""
    found: dict[str, str] = {}
    for name in sorted(names):
        letters = [word[0].lower() for word in _WORD.findall(name)]
        if len(letters) > 1 and "@" not in name:
            found |= {one: name.lower() for one in ("".join(letters), letters[0] + letters[-1])}
    return found


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
