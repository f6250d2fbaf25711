"""Go through a source once and say of each episode whether it may be in the data set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_datasets.planning.pseudonyms import pseudonym
from signoff_datasets.screening.checks import left_out_because
from signoff_datasets.screening.terms import agreed
from signoff_schemas.dataset import PlannedEpisode
from signoff_schemas.errors import NotSignedError
from signoff_schemas.statement import parse_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from signoff_datasets.screening.authority import Authority
    from signoff_datasets.screening.terms import Agreed, Superseded
    from signoff_datasets.sources.interface import Source
    from signoff_schemas.dataset import Request
    from signoff_schemas.statement import Predicate


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What came of a source."""

    episodes: dict[str, PlannedEpisode] = field(default_factory=dict[str, PlannedEpisode])
    """By digest."""
    left_out: Counter[str] = field(default_factory=Counter[str])
    named: dict[str, str] = field(default_factory=dict[str, str])
    """Place to reason, of those that were left out."""

    def leave_out(self, place: str, reason: str) -> None:
        """Count an episode, and note where it lies."""
        self.left_out[reason] += 1
        self.named[place] = reason


def superseded_in(source: Source, places: Iterable[str], authority: Authority) -> Superseded:
    """Return which sign-offs a later one in the same source replaces.

    A later one counts if who signed it may sign for the same contributor: a stranger's replaces
    nothing.
    """
    replaced: set[tuple[str, str]] = set()
    for place in places:
        for sign_off in source.sign_offs(place):
            if b'"supersedes"' not in sign_off.statement:
                continue
            try:
                predicate = parse_statement(sign_off.statement).predicate
                if predicate.supersedes is None:
                    continue
                signed = verify_signature(sign_off.statement, sign_off.signature, SIGN_OFF)
            except NotSignedError:
                continue
            if authority.vouches(predicate, signed.public_key):
                replaced.add((authority.person(predicate), predicate.supersedes))

    def superseded(predicate: Predicate) -> bool:
        return (authority.person(predicate), predicate.record_id) in replaced

    return superseded


def choose(
    source: Source,
    request: Request,
    authority: Authority,
    salt: str,
    tell: Callable[[int, int], None],
) -> Chosen:
    """Screen every episode of a source; memory does not grow with their sizes.

    Args:
        source: where they are.
        request: what they are for.
        authority: who may sign.
        salt: of the pseudonyms.
        tell: called with how many of how many are done.
    """
    chosen = Chosen()
    places = tuple(source.places())
    superseded = superseded_in(source, places, authority)
    for number, place in enumerate(places):
        tell(number, len(places))
        found = agreed(source.offered(place), request, authority, superseded)
        if isinstance(found, str):
            chosen.leave_out(place, found)
        elif found.sha256 in chosen.episodes:
            chosen.leave_out(place, "duplicate")
        elif (reason := left_out_because(found, request)) is not None:
            chosen.leave_out(place, reason)
        else:
            chosen.episodes[found.sha256] = planned(found, salt)
    return chosen


def planned(one: Agreed, salt: str) -> PlannedEpisode:
    """Return what a plan says of an episode."""
    predicate = one.predicate
    return PlannedEpisode(
        sha256=one.sha256,
        statement_sha256=one.statement_sha256,
        size_bytes=one.snapshot.size_bytes,
        contributor=pseudonym(salt, "contributor", one.contributor),
        repository=pseudonym(salt, "repository", f"{predicate.audience}\n{predicate.repository}"),
        licence=predicate.licence,
        repository_licence=predicate.rights.repository_licence,
        prohibited_uses=tuple(sorted(set(predicate.prohibited_uses))),
        purposes=tuple(sorted(set(predicate.purposes))),
        expires=predicate.expires,
    )
