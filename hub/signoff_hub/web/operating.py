"""The page of whoever runs the hub: health, storage, queue, refusals by reason; never of somebody.

It shows what /metrics tells, rounded as there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_hub.jobs.queue import FAILED
from signoff_hub.operating.figures import figures_of
from signoff_hub.operating.health import health_of
from signoff_hub.web.frame import facts, mono, note, page, section, table
from signoff_hub.web.markup import Content, tag
from signoff_hub.web.words import REASONS
from signoff_schemas.errors import NetworkError

if TYPE_CHECKING:
    from starlette.responses import Response

    from signoff_hub.operating.figures import Figures
    from signoff_hub.web.visits import Visit

_PARTS: Final = {
    "database": ("Database", "it answers", "it does not answer"),
    "store": ("Store", "it answers", "it does not answer"),
    "disk": ("Disk", "there is room", "there is too little room, or it cannot be written"),
}
"""Its name, and what is said of it when it can be worked with, and when not."""
_FEW: Final = "fewer than 10"


def operate(visit: Visit) -> Response:
    """Show it; also while the database is away, as far as that can be."""
    health = health_of(visit.node).model_dump()
    away = [part for part, holds in health.items() if not holds]
    try:
        figures = figures_of(visit.node)
    except NetworkError:
        figures = None
    return page(
        visit,
        "Operation",
        note("bad", tag("p", f"Cannot be worked with now: {', '.join(away)}."))
        if away
        else note("good", tag("p", "Everything can be worked with.")),
        facts(
            *(
                (name, holds if health[part] else fails)
                for part, (name, holds, fails) in _PARTS.items()
                if part in health
            ),
            ("Key of this hub", mono(visit.node.key.fingerprint)),
        ),
        tag("p", "Figures could not be read.") if figures is None else _figures(figures),
        at="operate",
    )


def _figures(figures: Figures) -> Content:
    kept = tag(
        "p",
        f"The store keeps old versions of up to {figures.kept_versions} episodes that were erased:"
        " a lock or a policy of the bucket forbids to erase them. They are hidden, and each sweep"
        " tries again. Contributors are told of it.",
    )
    return (
        note("warn", kept) if figures.kept_versions else None,
        section(
            "Storage",
            facts(
                ("Bytes of episodes", _mebibytes(figures.stored_mebibytes)),
                ("Leaves of the log", _tens(figures.log_leaves)),
            ),
            _table(
                "Episodes by state, in tens",
                ("State", "How many"),
                [(state, _tens(count)) for state, count in sorted(figures.episodes.items())],
            ),
        ),
        section(
            "Queue",
            tag(
                "p",
                "What is done is not counted. A job that failed was tried five times, and the"
                " journal of the node has the error.",
            ),
            _table(
                "Jobs by kind",
                ("Kind", "State", "How many"),
                [
                    (kind, state, str(n) if state == FAILED else f"up to {n}")
                    for (kind, state), n in sorted(figures.jobs.items())
                ],
            ),
        ),
        section(
            "Refusals",
            tag("p", "Of all time and of everybody, in tens, so that they tell of no one."),
            _table(
                "Refused sign-offs by reason",
                ("Because", "Code", "How many"),
                [
                    (REASONS.get(code, ""), mono(code), _tens(count))
                    for code, count in sorted(figures.refused.items())
                ],
            ),
        ),
    )


def _table(caption: str, names: tuple[str, ...], rows: list[tuple[Content, ...]]) -> Content:
    return table(caption, names, rows) if rows else tag("p", f"{caption}: none.")


def _mebibytes(count: int) -> str:
    return f"{count} MiB" if count else "less than 1 MiB"


def _tens(count: int) -> str:
    return f"{count} or more" if count else _FEW
