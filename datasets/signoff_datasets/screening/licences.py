"""Licences: whether the licences of an episode fit what a policy lets a data set hold.

An episode has two: that of the contribution, which its author gave, and that of the repository
whose code it shows. Whoever receives a row has to follow both, so one set of the policy must hold
what they ask together: of `A OR B` one, of `A AND B` both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

NO_ASSERTION: Final = "NOASSERTION"
LONGEST: Final = 200
"""Characters of an expression, as in a statement."""

LicenceReason = Literal[
    "licence-unnamed",
    "licence-unreadable",
    "licence-not-allowed",
    "licences-not-together",
    "repository-licence-unnamed",
    "repository-licence-unreadable",
    "repository-licence-not-allowed",
]
_Fault = Literal["unnamed", "unreadable", "not-allowed"]
_OF_CONTRIBUTION: Final[dict[_Fault, LicenceReason]] = {
    "unnamed": "licence-unnamed",
    "unreadable": "licence-unreadable",
    "not-allowed": "licence-not-allowed",
}
_OF_REPOSITORY: Final[dict[_Fault, LicenceReason]] = {
    "unnamed": "repository-licence-unnamed",
    "unreadable": "repository-licence-unreadable",
    "not-allowed": "repository-licence-not-allowed",
}
_TOKEN: Final = re.compile(r"[()]|[^\s()]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceSet:
    """Licences that may lie beside each other."""

    licences: frozenset[str]
    """In SPDX's own spelling; also `X WITH E`, and `LicenseRef-…`."""
    exceptions: frozenset[str] = frozenset()
    """Exceptions that may stand behind any of them."""

    def holds(self, licence: str, exception: str | None) -> bool:
        """Say whether a licence, with its exception, is one of the set.

        `X+` is held where `X` is: whoever receives it may choose that version.
        """
        if exception is not None:
            named = f"{licence} WITH {exception}" in self.licences
            return named or (exception in self.exceptions and self.holds(licence, None))
        return licence in self.licences or licence.removesuffix("+") in self.licences


@dataclass(frozen=True, slots=True, kw_only=True)
class LicencePolicy:
    """What a data set may hold. `policies` reads one from a file."""

    name: str
    sha256: str
    """Of the file."""
    sets: tuple[LicenceSet, ...]
    unnamed_contribution: bool = False
    """Whether a contribution without a licence may be held, on the words of its sign-off alone."""
    unnamed_repository: bool = False

    @property
    def identity(self) -> str:
        """Name it in a plan: another content under the same name is another policy."""
        return f"{self.name}@{self.sha256[:32]}"


def licence_reason(
    policy: LicencePolicy, *, contribution: str, repository: str
) -> LicenceReason | None:
    """Return why an episode with these licences is left out, or None if it may be held.

    The reason is one of a list; it repeats nothing of the expressions.
    """
    fault = _fault(policy, contribution, unnamed=policy.unnamed_contribution)
    if fault is not None:
        return _OF_CONTRIBUTION[fault]
    fault = _fault(policy, repository, unnamed=policy.unnamed_repository)
    if fault is not None:
        return _OF_REPOSITORY[fault]
    both = [_parsed(one) for one in (contribution, repository) if one != NO_ASSERTION]
    if any(all(fits(one) for fits in both) for one in policy.sets):
        return None
    return "licences-not-together"


def _fault(policy: LicencePolicy, expression: str, *, unnamed: bool) -> _Fault | None:
    if expression == NO_ASSERTION:
        return None if unnamed else "unnamed"
    try:
        fits = _parsed(expression)
    except InvalidLicenseExpression:
        return "unreadable"
    return None if any(fits(one) for one in policy.sets) else "not-allowed"


_Fits = Callable[[LicenceSet], bool]


def _parsed(expression: str) -> _Fits:
    """Return the question whether a set holds what an expression asks.

    Raises:
        InvalidLicenseExpression: it is none, or too long.
    """
    if len(expression) > LONGEST:
        raise InvalidLicenseExpression("too long")
    tokens: list[str] = _TOKEN.findall(str(canonicalize_license_expression(expression)))
    return _either(tokens[::-1])


# `WITH` binds closest, then AND, then OR (SPDX 2.3, annex D). The tokens lie on a stack; the
# grammar was checked by `canonicalize_license_expression`.
def _either(tokens: list[str]) -> _Fits:
    parts = [_both(tokens)]
    while tokens and tokens[-1] == "OR":
        tokens.pop()
        parts.append(_both(tokens))
    return lambda one: any(fits(one) for fits in parts)


def _both(tokens: list[str]) -> _Fits:
    parts = [_one(tokens)]
    while tokens and tokens[-1] == "AND":
        tokens.pop()
        parts.append(_one(tokens))
    return lambda one: all(fits(one) for fits in parts)


def _one(tokens: list[str]) -> _Fits:
    licence = tokens.pop()
    if licence == "(":
        inside = _either(tokens)
        tokens.pop()
        return inside
    exception: str | None = None
    if tokens and tokens[-1] == "WITH":
        tokens.pop()
        exception = tokens.pop()
    return lambda one: one.holds(licence, exception)
