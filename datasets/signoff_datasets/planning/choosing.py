"""Go through a source once and say of each episode whether it may be in the data set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.moments.moments import Moments
from signoff_datasets.planning.pseudonyms import pseudonym
from signoff_datasets.planning.sessions import Sitting, repeated
from signoff_datasets.screening.checks import CHECKS, left_out_because
from signoff_datasets.screening.splits import Sample
from signoff_datasets.screening.terms import agreed
from signoff_datasets.similarity.near_copies import Sketch, sketch
from signoff_datasets.similarity.written import written_texts
from signoff_schemas.dataset import PlannedEpisode
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.statement import parse_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from signoff_collector.episode.content import Episode
    from signoff_datasets.screening.authority import Authority
    from signoff_datasets.screening.checks import Check
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
    samples: list[Sample] = field(default_factory=list[Sample])
    sketches: list[Sketch] = field(default_factory=list[Sketch])
    """What splits look at; made only where there is more than one."""

    def forget(self, sha256: str) -> None:
        """Take back an episode that was chosen."""
        del self.episodes[sha256]
        self.samples[:] = [one for one in self.samples if one.sha256 != sha256]
        self.sketches[:] = [one for one in self.sketches if one.sha256 != sha256]

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
    *,
    checks: tuple[tuple[str, Check], ...] = CHECKS,
) -> Chosen:
    """Screen every episode of a source; memory does not grow with their sizes.

    Args:
        source: where they are.
        request: what they are for.
        authority: who may sign.
        salt: of the pseudonyms.
        tell: called with how many of how many are done.
        checks: what is asked beyond the terms.
    """
    chosen = Chosen()
    places = tuple(source.places())
    superseded = superseded_in(source, places, authority)
    sittings: list[Sitting] = []
    for number, place in enumerate(places):
        tell(number, len(places))
        found = agreed(source.offered(place), request, authority, superseded)
        if isinstance(found, str):
            chosen.leave_out(place, found)
        elif found.sha256 in chosen.episodes:
            chosen.leave_out(place, "duplicate")
        elif (reason := _fault(chosen, found, request, checks)) is not None:
            chosen.leave_out(place, reason)
        else:
            known = planned(found, salt)
            chosen.episodes[found.sha256] = known
            if chosen.sketches:
                chosen.samples.append(_sample(known, found.episode.header.captured_on))
            sittings.append(_sitting(place, found))
    for one in repeated(sittings, lambda each: _read(source, each.place)):
        chosen.forget(one.sha256)
        chosen.leave_out(one.place, "same-session")
    return chosen


def _fault(
    chosen: Chosen, found: Agreed, request: Request, checks: tuple[tuple[str, Check], ...]
) -> str | None:
    """Return why an episode is left out beyond its terms; else its text is noted for the splits."""
    try:
        reason = left_out_because(found, request, checks)
        if reason is None and sum(map(bool, request.splits.values())) > 1:
            texts = written_texts(found.episode, Moments(found.episode))
            chosen.sketches.append(sketch(found.sha256, texts))
    except DamagedError:
        return "damaged"  # whole, but an edit does not fit its text
    return reason


def _sitting(place: str, found: Agreed) -> Sitting:
    return Sitting(
        sha256=found.sha256,
        place=place,
        contributor=found.contributor,
        session=found.episode.header.session,
        signed=found.predicate.event_time,
    )


def _read(source: Source, place: str) -> Episode | None:
    content = source.content(place)
    try:
        return None if content is None else read_episode(content)
    except DamagedError:
        return None  # changed since a moment ago; the build will say so


def _sample(known: PlannedEpisode, day: str | None) -> Sample:
    return Sample(
        sha256=known.sha256,
        contributor=known.contributor,
        repository=known.repository,
        weight=known.size_bytes,
        day=day,
    )


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
