"""The list of checks of an episode beyond its terms: each gives a reason to leave it out, or None.

A new check is a line here and its reasons in docs/dataset_rules.md. What lies in several episodes
at once (splits, near-copies, k) is asked by `planning`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.quality.quality import quality_of
from signoff_datasets.screening.contamination import listed_repository, overlaps
from signoff_datasets.screening.fingerprints import benchmark_repositories, shipped_fingerprints
from signoff_datasets.screening.licences import licence_reason
from signoff_datasets.similarity.held import held_texts
from signoff_schemas.errors import DamagedError
from signoff_schemas.statement import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_datasets.screening.licences import LicencePolicy
    from signoff_datasets.screening.terms import Agreed
    from signoff_schemas.dataset import Request

    Check = Callable[[Agreed, Request], str | None]


def of_a_benchmark(one: Agreed, request: Request) -> str | None:
    """Return why an episode may teach a model the answers of a public benchmark."""
    if request.purpose != Purpose.MODEL_TRAINING:
        return None
    if listed_repository(one.episode.header.base.repository, benchmark_repositories()):
        return "benchmark-repository"
    try:
        texts = tuple(held_texts(one.episode, Moments(one.episode)))
    except DamagedError:
        return "damaged"
    if any(overlaps(texts, prints) for prints in shipped_fingerprints()):
        return "benchmark-text"
    return None


def of_quality(one: Agreed, request: Request) -> str | None:
    """Return the first gate that was asked for and that an episode does not pass."""
    if not request.gates:
        return None
    failed = quality_of(one.episode).failed(request.gates)
    return None if failed is None else f"quality-{failed}"


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("benchmarks", of_a_benchmark),
    ("quality", of_quality),
)
"""Name and function, in the order in which they are asked."""


def by_policy(policy: LicencePolicy) -> tuple[str, Check]:
    """Return the check that both licences of an episode follow a policy.

    It is asked when a plan is drawn: a build takes an episode only with the licences planned.
    """
    return "licences", lambda one, _: licence_reason(
        policy,
        contribution=one.predicate.licence,
        repository=one.predicate.rights.repository_licence,
    )


def left_out_because(
    one: Agreed, request: Request, checks: tuple[tuple[str, Check], ...] = CHECKS
) -> str | None:
    """Return the reason of the first check that has one, or None."""
    for _, check in checks:
        reason = check(one, request)
        if reason is not None:
            return reason
    return None
