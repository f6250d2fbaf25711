"""Pages for auditors beside the log: versions of data sets, frozen statistics, the feed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, tuple_

from signoff_hub.database.tables import DATASET_VERSION
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.statistics.snapshots import read_snapshot, snapshots
from signoff_hub.web.frame import facts, file, mono, page, section, table
from signoff_hub.web.markup import Content, Markup, tag
from signoff_hub.web.words import BUILDS, moment
from signoff_hub.withdrawing.feed import feed as page_of_feed
from signoff_schemas.hub_feed import FeedPage

if TYPE_CHECKING:
    from starlette.responses import Response

    from signoff_hub.web.visits import Visit

_PAGE: Final = 50
_NAME: Final = re.compile(r"[!-~]{1,80}")


def builds(visit: Visit) -> Response:
    """List versions of data sets, by name."""
    columns = DATASET_VERSION.c
    wanted = select(DATASET_VERSION).order_by(columns.name, columns.version).limit(_PAGE + 1)
    name = visit.query.get("name", "")
    if _NAME.fullmatch(name):
        at = (name, visit.number("version"))
        wanted = wanted.where(tuple_(columns.name, columns.version) > at)
    with visit.node.database.read() as connection:
        found = connection.execute(wanted).all()
    if not found:
        return page(visit, "Data sets", tag("p", "No data set was built here."), at="builds")
    rows: list[tuple[Content, ...]] = [
        (
            f"{row.name} {row.version}",
            row.purpose,
            BUILDS.get(row.state, row.state),
            moment(row.made_at),
            moment(row.replaced_at),
            None if row.manifest_sha256 is None else mono(row.manifest_sha256),
            mono(row.plan),
        )
        for row in found[:_PAGE]
    ]
    names = ("Data set", "Purpose", "State", "Made", "Replaced", "Manifest", "Plan")
    last = found[_PAGE - 1] if len(found) > _PAGE else None
    return page(
        visit,
        "Data sets",
        tag("p", "Each was planned, built and replaced in the log: look for these digests there."),
        table("Versions, by name", names, rows),
        _more(visit, "builds", "Further versions", name=last.name, version=last.version)
        if last is not None
        else None,
        at="builds",
    )


def statistics(visit: Visit) -> Response:
    """List the frozen snapshots; there are no other figures."""
    names = snapshots(visit.node.database)
    return page(
        visit,
        "Statistics",
        tag(
            "p",
            "Once a quarter figures are frozen, in tens and of at least"
            f" {max(10, visit.node.settings.k)} contributors; smaller ones are never said. There"
            " are no others.",
        ),
        tag(
            "ul",
            (
                tag("li", tag("a", name, href=visit.link(f"statistics/{name}")))
                for name in reversed(names)
            ),
        )
        if names
        else tag("p", "No snapshot was made yet."),
        at="statistics",
    )


def snapshot(visit: Visit) -> Response:
    """Show one snapshot."""
    name = visit.path["snapshot"]
    lines = read_snapshot(visit.node.database, name)
    if lines is None:
        raise HubFault(FaultCode.NOT_FOUND, "there is no snapshot of that quarter")
    rows: list[tuple[Content, ...]] = [
        (line.what, line.purpose, line.language, "not said" if line.value is None
         else f"{line.value} or more")
        for line in lines
    ]  # fmt: skip
    return page(
        visit,
        f"Statistics of {name}",
        table("Frozen figures", ("What", "Purpose", "Language", "How many"), rows)
        if rows
        else tag("p", "Of this quarter nothing can be said: too few contributors."),
        at="statistics",
    )


def feed(visit: Visit) -> Response:
    """Show a page of the feed: what may be used no longer."""
    after = visit.number("after", 0)
    signed = page_of_feed(visit.node, after)
    said = FeedPage.model_validate_json(signed.content)
    ended: list[tuple[Content, ...]] = [
        (_leaf(visit, one.leaf), one.on, one.because, mono(one.sha256)) for one in said.episodes
    ]
    replaced: list[tuple[Content, ...]] = [
        (
            _leaf(visit, one.leaf),
            one.on,
            f"{one.name} {one.version}",
            None if one.manifest_sha256 is None else mono(one.manifest_sha256),
        )
        for one in said.datasets
    ]
    return page(
        visit,
        "Withdrawals",
        tag("p", "What may be used no longer, in the order of the log. Data sets follow it."),
        facts(("From leaf", str(after)), ("Next page from leaf", str(said.next))),
        section(
            "Episodes that ended",
            table("Ended", ("Leaf", "On", "Because", "Episode"), ended)
            if ended
            else tag("p", "None on this page."),
        ),
        section(
            "Data sets that were replaced",
            table("Replaced", ("Leaf", "On", "Data set", "Manifest"), replaced)
            if replaced
            else tag("p", "None on this page."),
        ),
        tag(
            "nav",
            tag("a", "This page as a signed file", href=visit.link("feed.json", after=after)),
            None if said.is_last else tag("a", "Next", href=visit.link("feed", after=said.next)),
            class_="more",
            aria_label="Files and pages",
        ),
        at="feed",
    )


def feed_file(visit: Visit) -> Response:
    """Return a page of the feed with its signature, as clients get it."""
    after = visit.number("after", 0)
    return file(page_of_feed(visit.node, after).model_dump_json(), f"feed-{after}.json")


def _leaf(visit: Visit, n: int) -> Markup:
    return tag("a", str(n), href=visit.link(f"log/{n}"))


def _more(visit: Visit, place: str, words: str, **query: object) -> Markup:
    link = tag("a", words, href=visit.link(place, **query))
    return tag("nav", link, class_="more", aria_label="More")
