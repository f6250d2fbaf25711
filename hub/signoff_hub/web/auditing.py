"""Pages for auditors beside the log: versions of data sets, frozen statistics, the feed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, tuple_

from signoff_hub.database.tables import DATASET_VERSION
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.statistics.snapshots import read_snapshot, snapshots
from signoff_hub.web.frame import facts, file, mono, page, section, table, when
from signoff_hub.web.markup import Content, Markup, tag
from signoff_hub.web.words import BUILDS, moment, plain
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
    last = found[_PAGE - 1] if len(found) > _PAGE else None
    return page(
        visit,
        "Data sets",
        tag(
            "p",
            "Every version, by name. The log has a leaf for each plan, build and ending: look for"
            " these digests there.",
        ),
        [
            section(
                f"{row.name} {row.version}",
                facts(
                    ("Purpose", plain(row.purpose)),
                    ("State", BUILDS.get(row.state, row.state)),
                    ("Made", moment(row.made_at)),
                    ("Replaced or ended", moment(row.replaced_at)),
                    ("Plan", mono(row.plan)),
                    ("Manifest", row.manifest_sha256 and mono(row.manifest_sha256)),
                ),
            )
            for row in found[:_PAGE]
        ],
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
        (line.what, plain(line.purpose), line.language, "not said" if line.value is None
         else f"{line.value} or more")
        for line in lines
    ]  # fmt: skip
    return page(
        visit,
        f"Statistics of {name}",
        tag(
            "p",
            "What was here when this snapshot was made, after the end of the quarter, rounded down"
            " to tens. Nothing is said where a figure would tell of too few contributors, or could"
            " be compared with another one to do so.",
        ),
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
        (_leaf(visit, one.leaf), when(one.on), one.because, mono(one.sha256))
        for one in said.episodes
    ]
    replaced: list[tuple[Content, ...]] = [
        (
            _leaf(visit, one.leaf),
            when(one.on),
            f"{one.name} {one.version}",
            None if one.manifest_sha256 is None else mono(one.manifest_sha256),
        )
        for one in said.datasets
    ]
    return page(
        visit,
        "What ended",
        tag(
            "p",
            "Episodes that were taken back or whose time was over, and versions of data sets that"
            " ended with them, in the order of the log: none of it may be used any longer.",
        ),
        tag(
            "p",
            f"This page begins with leaf {after} of the log; what comes later begins with leaf"
            f" {said.next}.",
        )
        if said.next > after
        else None,
        section(
            "Episodes",
            table("Episodes that ended", ("Leaf", "On", "Because", "Episode"), ended)
            if ended
            else tag("p", "None on this page."),
        ),
        section(
            "Data sets",
            table("Versions that ended", ("Leaf", "On", "Data set", "Manifest"), replaced)
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
