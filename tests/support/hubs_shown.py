"""A hub that did a bit of everything, for whoever looks at its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.datasets import Person
from tests.support.hubs import DAY_S, bad_content, send, sign, signed
from tests.support.hubs_built import PEOPLE, built, run_builds, share
from tests.support.hubs_ended import ReaderHere, admitted, by_key, run_jobs

from signoff_hub.admitting.admission import admit
from signoff_hub.building.grants import Held
from signoff_hub.building.readings import note_reading
from signoff_hub.statistics.snapshots import freeze
from signoff_hub.withdrawing.holds import hold
from signoff_hub.withdrawing.sweeping import sweep
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.statement import Purpose, format_time, parse_statement

if TYPE_CHECKING:
    from tests.support.clock import FakeClock

    from signoff_hub.node.node import Node

WHO = 1
"""The person who has an episode in every state."""


def did_much(node: Node, clock: FakeClock) -> None:
    """Have people share, a data set built, read and made anew, and one person see every state."""
    shared = share(node, range(PEOPLE))
    research = {"person": WHO, "purposes": (Purpose.RESEARCH,)}
    soon = format_time(node.moment().replace(day=node.moment().day + 2))
    admitted(node, signed(node, 61, expires=soon, **research))  # it will have expired
    replaced = signed(node, 62, **research)
    admitted(node, replaced)
    record = parse_statement(replaced.sign_off.statement).predicate.record_id
    admitted(node, signed(node, 63, supersedes=record, **research))
    refused = sign(node, Person(number=WHO), bad_content(64))
    send(node, refused)
    admit(node, refused.statement_sha256, ReaderHere())  # type: ignore[arg-type]  # no pool
    held = signed(node, 65, **research)
    admitted(node, held)
    hold(node, held.sha256, reason="file 12/26", until=node.now() + 400 * DAY_S)
    built(node)
    for _ in range(2):
        note_reading(node, Held(id="1" * 32, dataset="made", purpose="model-training"), 1)
        clock.advance(DAY_S)
    withdraw(node, by_key(held))
    withdraw(node, by_key(shared[PEOPLE - 1]))
    clock.advance(2 * DAY_S)
    sweep(node)
    for _ in range(3):
        run_jobs(node)
        run_builds(node)
    freeze(node.database, now=node.now(), k=node.settings.k)
    node.log.sign_head()
