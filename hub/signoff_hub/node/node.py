"""A node: one process's database, objects, log, key and terms. Any number may run at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.terms.audience import Audience, canonical_audience
from signoff_collector.system.clock import SystemClock
from signoff_hub.database.database import Database
from signoff_hub.database.revision import prepare
from signoff_hub.log.log import Log
from signoff_hub.node.kept_terms import KeptTerms
from signoff_hub.objects.opening import open_objects
from signoff_hub.place.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.system.clock import Clock
    from signoff_hub.objects.interface import Objects
    from signoff_hub.place.hub_folder import HubFolder
    from signoff_hub.place.hub_key import HubKey
    from signoff_hub.place.settings import Settings

    Probe = Callable[[str], None]
    """Called with the name of each point that a node may die at; tests kill it there."""

_SECOND_NS: Final = 1_000_000_000


def _goes_on(_: str) -> None:
    """Be no probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """All that a request or a job needs; safe to use from any thread. Close it."""

    folder: HubFolder
    settings: Settings
    key: HubKey
    database: Database
    objects: Objects
    log: Log
    clock: Clock
    address: Audience
    """Under which contributors sign for this hub."""
    store: str
    """Address of its objects, with which a process of its own opens them."""
    terms: bytes
    """The current terms: exact bytes."""
    terms_signature: bytes
    kept_terms: KeptTerms
    """The current terms, and all that came before."""
    probe: Probe = _goes_on
    bell: Event = field(default_factory=Event)
    """Set where a job was made, so that who waits for one looks at once."""

    def now(self) -> int:
        """Return whole seconds since 1970, UTC."""
        return self.clock.wall_ns() // _SECOND_NS

    def moment(self) -> datetime:
        """Return the same as a date."""
        return datetime.fromtimestamp(self.now(), UTC)

    def close(self) -> None:
        """Let go of every connection."""
        self.database.close()
        self.objects.close()


def open_node(
    folder: HubFolder,
    *,
    database_url: str | None = None,
    store_url: str | None = None,
    clock: Clock | None = None,
    address: str,
    probe: Probe = _goes_on,
    restoring: str | None = None,
) -> Node:
    """Open what a node works with; tables and terms are made where there are none.

    Args:
        folder: settings and key.
        database_url: None: the file in the folder.
        store_url: None: the folder `objects` in the folder.
        clock: None: that of the machine.
        address: under which contributors sign for this hub, where the settings name none.
        probe: of tests.
        restoring: which backup is put back; the database is marked with it.

    Raises:
        NetworkError: database or store do not answer.
        RefusedError: the store overwrites what it holds; a backup is being put back.
        DamagedError: settings, key or terms cannot be read; the database is another program's.
        NewerVersionError: a newer release made the tables.
    """
    settings, clock = folder.settings(), clock or SystemClock()
    audience = canonical_audience(settings.address or address)
    database = Database(database_url or folder.database_url)
    try:
        prepare(database, restoring=restoring)
        key = folder.key()  # where a database is refused, no key is made beside it
        objects = open_objects(store_url or folder.objects)
        store = canonical_audience(store_url or folder.objects.resolve().as_uri())
    except BaseException:
        database.close()
        raise
    try:
        objects.probe()
        kept = KeptTerms(objects, key, audience)
        wanted = terms_of(settings, key, audience, valid_from=clock.wall_ns() // _SECOND_NS)
        current = kept.agree(wanted)
        log = Log(database, objects, key, clock, audience)
    except BaseException:
        objects.close()
        database.close()
        raise
    return Node(
        folder=folder,
        settings=settings,
        key=key,
        database=database,
        objects=objects,
        log=log,
        clock=clock,
        address=audience,
        store=store,
        terms=current.content,
        terms_signature=current.signature,
        kept_terms=kept,
        probe=probe,
    )
