"""Screen chosen episodes of a source again: what was agreed to once may have ended since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_datasets.planning.choosing import superseded_in
from signoff_datasets.screening.checks import left_out_because
from signoff_datasets.screening.terms import agreed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_datasets.screening.authority import Authority
    from signoff_datasets.screening.terms import Agreed
    from signoff_datasets.sources.interface import Source
    from signoff_schemas.dataset import Request


def screened(
    source: Source, wanted: Mapping[str, str], request: Request, authority: Authority
) -> Iterator[tuple[str, str, Agreed | str]]:
    """Yield digest, place, and the episode or why it may not be taken; one is held at a time.

    One that lies in several places is yielded until it was found good; one that lies nowhere is
    not yielded.

    Args:
        source: where they are.
        wanted: digest of an episode to that of the only statement that counts for it.
        request: what they are for, and the day.
        authority: who may sign.
    """
    every = tuple(source.places())
    superseded = superseded_in(source, every, authority)
    good: set[str] = set()
    for place in every:
        offered = source.offered(place)
        digest = place if offered.snapshot is None else offered.snapshot.sha256
        if digest not in wanted or digest in good:
            continue
        found = agreed(offered, request, authority, superseded, wanted=wanted[digest])
        reason = found if isinstance(found, str) else left_out_because(found, request)
        if reason is None:
            good.add(digest)
        yield digest, place, found if reason is None else reason
