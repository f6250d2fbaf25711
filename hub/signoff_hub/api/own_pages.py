"""All that a hub tells a contributor of their own sign-offs, a page at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from signoff_hub.api.uploading import second, shown_with
from signoff_hub.building.uses import uses_of
from signoff_hub.receiving.states import read_own_states
from signoff_schemas.hub_api import OwnSignOff, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_hub.building.uses import UsedIn
    from signoff_hub.node.node import Node

PAGE: Final = 500
"""Sign-offs that are read at once."""


def own_pages(node: Node, account: str, most: int = PAGE) -> Iterator[tuple[OwnSignOff, ...]]:
    """Yield every sign-off of an account with receipt, proof and uses.

    A page costs the same few questions to the database however many sign-offs it has.

    Args:
        node: which hub.
        account: whose; nothing of anybody else is read.
        most: sign-offs of a page.
    """
    last = ""
    while True:
        with node.database.read() as connection:
            states = read_own_states(connection, account, last, most)
            uses = uses_of(connection, states)
        proofs = node.log.proofs_of([one.leaf for one in states if one.leaf is not None])
        page: list[OwnSignOff] = []
        for state in states:
            proof = None if state.leaf is None else proofs.get(state.leaf)
            told = shown_with(node, state, proof)
            page.append(
                OwnSignOff(
                    **dict(told),
                    received_on=second(state.received_at),
                    uses=tuple(map(_use, uses.get(state.statement_sha256, ()))),
                )
            )
        if page:
            yield tuple(page)
        if len(states) < most:
            return
        last = states[-1].statement_sha256


def _use(use: UsedIn) -> Use:
    return Use(
        dataset=use.dataset,
        version=use.version,
        purpose=use.purpose,
        read_on=tuple(f"{datetime.fromtimestamp(day, UTC):%Y-%m-%d}" for day in use.read_on),
    )
