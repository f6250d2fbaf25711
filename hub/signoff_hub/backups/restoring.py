"""Making a hub of a backup again: everything is proven first, then written, then caught up.

The database is marked before anything else is written, and until the end: no node works with it
meanwhile, and after a kill the next try empties it and begins again. Rows come first, then what
ended after the backup ends again, and only then the bytes of the rest come back.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.ssh_keygen import parse_public_key
from signoff_collector.consent.terms.audience import canonical_audience
from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
    try_lock,
)
from signoff_collector.system.clock import SystemClock
from signoff_hub.backups.catching_up import Since, catch_up
from signoff_hub.backups.filling import (
    Published,
    has_log,
    is_empty,
    put_early,
    put_rows,
)
from signoff_hub.backups.manifest import KEY, SETTINGS
from signoff_hub.backups.surviving import put_old_heads, refuse_heads
from signoff_hub.database.database import Database
from signoff_hub.database.revision import begin_restoring, end_restoring, is_free, read_mark
from signoff_hub.log.restoring import begins_alike
from signoff_hub.log.verifying import verify_mirror
from signoff_hub.node.node import open_node
from signoff_hub.objects.opening import open_objects
from signoff_hub.place.hub_folder import HubFolder, open_hub_folder
from signoff_hub.place.hub_key import open_hub_key
from signoff_hub.place.looking import is_file, is_there
from signoff_hub.place.settings import read_settings
from signoff_hub.verifying.hubs import verify_hub
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError
from signoff_schemas.hub_log import EntryKind, log_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from signoff_collector.system.clock import Clock
    from signoff_hub.backups.catching_up import CaughtUp
    from signoff_hub.backups.checking import Backup
    from signoff_hub.backups.filling import Filled
    from signoff_hub.node.node import Node, Probe
    from signoff_hub.objects.interface import Objects
    from signoff_hub.verifying.findings import Counts, Finding
    from signoff_schemas.hub_feed import EndedEpisode

    Tell = Callable[[int, int], None]

_MAX_KEY_BYTES: Final = 16 << 10
_FORK: Final = (
    "Do not go on under this key: anyone with an old head could prove two stories. A mirror of"
    " the log brings the lost leaves back: --mirror DIR."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where the hub comes back, and what else is known of it."""

    root: Path
    """Its folder."""
    database_url: str | None = None
    store_url: str | None = None
    key: Path | None = None
    """File with its private key; None: it is in the folder, or in the backup."""
    mirror: Path | None = None
    """A copy of its log, or what is left of its store: tombstones in it count too."""
    heads: Sequence[tuple[bytes, bytes]] = ()
    """That others kept, with their signatures."""
    told: Sequence[EndedEpisode] = ()
    """From pages of its feed, whose signature was checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What became of it."""

    filled: Filled
    caught_up: CaughtUp
    brought_back: int
    """Objects that the store did not have."""
    has_survived: bool
    """Whether the store was still there."""


def _goes_on(_: str) -> None:
    """Be no probe."""


class Restoring:
    """One backup on its way back."""

    def __init__(
        self,
        backup: Backup,
        where: Where,
        *,
        clock: Clock | None = None,
        probe: Probe = _goes_on,
    ) -> None:
        """Look at nothing yet.

        Args:
            backup: proven.
            where: it comes back.
            clock: None: that of the machine.
            probe: of tests.
        """
        self._backup = backup
        self._where = where
        self._clock = clock or SystemClock()
        self._probe = probe
        self._folder = HubFolder(root=where.root)

    def restore(
        self, show: Callable[[Iterator[Finding]], None], counts: Counts, tell: Tell
    ) -> Restored:
        """Bring the hub back, and prove it.

        Args:
            show: called with what the verification finds.
            counts: told what the verification looked at.
            tell: called with how many of how many parts are done.

        Raises:
            RefusedError: the place is not empty, it is another hub's, or the log would fork;
                nothing was written.
            NotFoundError: the key, or the objects, are nowhere.
            DamagedError: the published log is not whole; nothing was written.
            NetworkError: database or store are away; doing it again begins anew.
        """
        key = self._key()
        self._refuse_other_hub()
        with closing(self._database()) as database:
            self._refuse_full(database)
            objects = self._objects()
            has_survived = objects is not None and has_log(objects)
            self._refuse_store(objects, has_survived=has_survived, database=database)
            store = self._published(objects) if has_survived and objects is not None else None
            later = self._later(store)
            make_private_folder(self._where.root)
            lock = try_lock(self._where.root / "restore.lock")
            if lock is None:
                raise RefusedError(
                    "another process brings a hub back here", hint="Wait until it has ended."
                )
            with lock:
                begin_restoring(database, self._backup.name)
                self._probe("database marked")
                self._write_folder(key)
                objects = objects or self._opened()
                try:
                    has_objects = self._backup.manifest.has_objects
                    early = put_early(self._backup, objects) if has_objects else 0
                    filled = put_rows(
                        self._backup,
                        database,
                        published=None if store is None else store.size,
                        later=later,
                        probe=self._probe,
                    )
                    self._probe("rows committed")
                finally:
                    objects.close()
                caught_up = self._go_on(show, counts, tell, has_survived=has_survived)
                end_restoring(database)
                self._probe("unmarked")
        (self._where.root / "restore.lock").unlink(missing_ok=True)
        return Restored(
            filled=filled,
            caught_up=caught_up,
            brought_back=early + caught_up.brought_back,
            has_survived=has_survived,
        )

    def _go_on(
        self,
        show: Callable[[Iterator[Finding]], None],
        counts: Counts,
        tell: Tell,
        *,
        has_survived: bool,
    ) -> CaughtUp:
        node = open_node(
            self._folder,
            database_url=self._where.database_url,
            store_url=self._where.store_url,
            clock=self._clock,
            address=self._backup.manifest.receiver,
            probe=self._probe,
            restoring=self._backup.name,
        )
        try:
            self._note(node)
            mirror = self._where.mirror
            since = Since(
                told=self._where.told,
                mirror=None if mirror is None else open_objects(mirror.absolute()),
                has_survived=has_survived,
            )
            done = catch_up(node, self._backup, since, tell)
            self._probe("caught up")
            node.log.publish()
            put_old_heads(node)
            self._probe("log published")
            show(verify_hub(node, counts, known_heads=self._where.heads, tell=tell))
        finally:
            node.close()
        return done

    def _note(self, node: Node) -> None:
        """Have the log say that a backup was put back: leaves after it may be lost."""
        entry = log_entry(EntryKind.POLICY, self._backup.sha256, node.moment(), "restored")
        with node.database.write() as connection:
            node.log.append(connection, (entry,))

    def _key(self) -> bytes:
        """Return the bytes of the hub's private key, wherever they are.

        Raises:
            NotFoundError: nowhere.
            RefusedError: it is another hub's.
        """
        places = [self._where.root / KEY, self._backup.folder / KEY]
        if self._backup.manifest.file(KEY) is None:
            places.pop()  # what lies there was not signed with the rest
        if self._where.key is not None:
            places.insert(0, self._where.key)
        found = next((one for one in places if is_file(one)), None)
        if self._where.key is not None and found != self._where.key:
            raise NotFoundError(
                f"there is no file {self._where.key}",
                hint="Name the copy of the hub's private key that you kept: --key FILE.",
            )
        if found is None:
            raise NotFoundError(
                "the hub's private key is not in this backup, and not where it was looked for",
                hint="Name the copy that you kept: --key FILE. Without it a hub cannot go on.",
            )
        if open_hub_key(found).public_line != self._backup.manifest.receipt_key:
            raise RefusedError(
                "the key is not that of the hub of this backup",
                hint="Name the right one: --key FILE.",
            )
        own = self._where.root / KEY
        if is_file(own) and open_hub_key(own).public_line != self._backup.manifest.receipt_key:
            raise RefusedError(
                "the folder is that of another hub", hint="Bring this one back into its own."
            )
        return read_regular(found, max_bytes=_MAX_KEY_BYTES)

    def _refuse_other_hub(self) -> None:
        """Refuse settings that would make the hub another one than the backup is of."""
        own = self._where.root / SETTINGS
        saved = self._backup.folder / SETTINGS
        path = own if is_file(own) or self._backup.manifest.file(SETTINGS) is None else saved
        receiver = self._backup.manifest.receiver
        if canonical_audience(read_settings(path).address or receiver) != receiver:
            raise RefusedError(
                f"hub.toml names another address than that of the backup, {receiver}",
                hint="What was signed for one address is no use at another: correct hub.toml.",
            )

    def _database(self) -> Database:
        return Database(self._where.database_url or self._folder.database_url)

    def _refuse_full(self, database: Database) -> None:
        if self._where.database_url is None and not is_there(self._where.root / "hub.sqlite"):
            return
        with database.read() as connection:
            if not is_free(connection, self._backup.name):
                raise RefusedError(
                    "the database is not empty",
                    hint="Give the hub that comes back a database of its own; move an old"
                    " hub.sqlite away first.",
                )

    def _is_begun(self, database: Database) -> bool:
        if self._where.database_url is None and not is_there(self._where.root / "hub.sqlite"):
            return False
        with database.read() as connection:
            return read_mark(connection) is not None

    def _opened(self) -> Objects:
        return open_objects(self._where.store_url or self._folder.objects)

    def _objects(self) -> Objects | None:
        """Return the store, or None where its folder is still to be made."""
        if self._where.store_url is None and not is_there(self._folder.objects):
            return None
        return self._opened()

    def _refuse_store(
        self, objects: Objects | None, *, has_survived: bool, database: Database
    ) -> None:
        if objects is not None and has_survived:
            return
        if not self._backup.manifest.has_objects:
            raise NotFoundError(
                "the backup has the rows alone, and the store is empty",
                hint="Name the store that the hub had: --store URL.",
            )
        is_begun = self._is_begun(database)
        if objects is not None and not is_begun and not is_empty(objects):
            raise RefusedError(
                "the store is neither empty nor does it hold this hub's log",
                hint="Name an empty one, or the one that the hub had.",
            )

    def _published(self, objects: Objects) -> Published:
        """Return the log in the store that is still there.

        Raises:
            DamagedError: it is not whole, or another hub's.
            RefusedError: it and the backup are two stories, or it is older than the backup.
        """
        found = self._proven(objects, "the store")
        known = self._backup.manifest.log_published
        if found.size < known:
            raise RefusedError(
                f"the store has {found.size} leaves of the log, and had {known} when the backup"
                " was made: it went back",
                hint="What is not in it may never have been: use an empty store, or a newer copy.",
            )
        return found

    def _later(self, store: Published | None) -> Published | None:
        """Return the longest log that was published; every head has to be of it.

        Raises:
            DamagedError: the mirror is not whole, or another hub's.
            RefusedError: it and the backup are two stories, or somebody has a longer one.
        """
        found = store
        if self._where.mirror is not None:
            mirror = self._proven(open_objects(self._where.mirror.absolute()), "the mirror")
            if found is None or mirror.size > found.size:
                found = mirror
        told = max((one.leaf + 1 for one in self._where.told), default=0)
        refuse_heads(self._backup, found, self._where.heads, at_least=told, hint=_FORK)
        return found

    def _proven(self, objects: Objects, what: str) -> Published:
        manifest = self._backup.manifest
        key = parse_public_key(manifest.receipt_key)
        report = verify_mirror(objects, public_key=key, address=manifest.receiver)
        if report.faults:
            raise DamagedError(
                f"the log in {what} is not whole: {report.faults[0].what}; nothing was written",
                hint="docs/hub/disaster.md says what to look at.",
            )
        if not begins_alike(self._backup.commitments(), objects, report.leaves):
            raise RefusedError(
                f"the log in {what} and that of the backup are two stories; nothing was written",
                hint="One of them is not this hub's, or was made anew. Find out which before"
                " anything else.",
            )
        return Published(objects=objects, size=report.leaves)

    def _write_folder(self, key: bytes) -> None:
        root = self._where.root
        open_hub_folder(root)
        make_private_folder((root / KEY).parent)
        if not (root / KEY).is_file():
            replace_private(root / KEY, key)
        if not (root / SETTINGS).is_file() and self._backup.manifest.file(SETTINGS) is not None:
            content = read_regular(self._backup.folder / SETTINGS, max_bytes=_MAX_KEY_BYTES << 2)
            replace_private(root / SETTINGS, content)
        address = self._backup.manifest.receiver
        replace_private(root / "address", f"{address}\n".encode())
        self._probe("folder written")
