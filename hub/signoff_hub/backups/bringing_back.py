"""Objects of a backup that the store does not have come back, but for what has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from signoff_collector.upload.stores.layout import BLOBS, RECEIPTS, SIGN_OFFS
from signoff_datasets.building.workplace import MANIFEST
from signoff_hub.backups.manifest import OBJECT_FOLDER, OBJECTS
from signoff_hub.building.places import dataset_key, erase_version, plan_key
from signoff_hub.building.versions import all_held, end_version
from signoff_hub.database.tables import DATASET_VERSION, LEGAL_HOLD, SIGN_OFF
from signoff_hub.receiving.in_datasets import READY
from signoff_hub.withdrawing.endings import HOLDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_hub.backups.checking import Backup
    from signoff_hub.node.node import Node

    Tell = Callable[[int, int], None]

_DATASETS: Final = "datasets"
_OF_EPISODES: Final = (BLOBS, SIGN_OFFS, RECEIPTS)


def bring_back(node: Node, backup: Backup, tell: Tell) -> int:
    """Put back what the store does not have; return how many objects.

    Bytes of episodes come last: where they are, all statements are that will be.

    Args:
        node: of a hub in which all that has ended is told by its rows.
        backup: proven.
        tell: called with how many of how many objects are looked at.
    """
    if not backup.manifest.has_objects:
        return 0
    ended = _end_versions(node)
    kept = _Kept(node)
    listed = backup.manifest.file(OBJECTS)
    total = 2 * (0 if listed is None else listed.rows or 0)
    count, number = 0, 0
    for is_last in (False, True):
        for one in backup.objects():
            number += 1
            tell(number, total)
            top = one.key.split("/")[0]
            if (top in (BLOBS, _DATASETS)) != is_last or one.key.startswith(ended):
                continue
            if top not in _OF_EPISODES or kept.has(one.key):
                path = backup.folder / OBJECT_FOLDER / one.key
                count += node.objects.create_from(one.key, path)
                node.probe("object brought back")
    return count


def _end_versions(node: Node) -> tuple[str, ...]:
    """End the data sets that are gone and hold what has ended; return where they would lie."""
    with node.database.read() as connection:
        ready = connection.execute(
            select(DATASET_VERSION.c.name, DATASET_VERSION.c.version, DATASET_VERSION.c.plan)
            .where(DATASET_VERSION.c.state == READY)
            .order_by(DATASET_VERSION.c.name, DATASET_VERSION.c.version)
        ).all()
    found: list[str] = []
    for name, version, plan in ready:
        is_there = node.objects.size(dataset_key(name, version, MANIFEST)) is not None
        if not is_there and not all_held(node, name, version):
            end_version(node, name, version)
            erase_version(node, name, version)
            node.objects.remove(plan_key(plan))
            found += (f"{dataset_key(name, version)}/", plan_key(plan))
    return tuple(found)


class _Kept:
    """Which objects of episodes may be here, by the rows; asks once for each episode."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._sha256 = ""
        self._statements: frozenset[str] = frozenset()
        self._is_held = False

    def has(self, key: str) -> bool:
        """Tell whether a sign-off that holds needs an object, or the law."""
        top, _, sha256, *name = key.split("/")
        if sha256 != self._sha256:
            self._read(sha256)
        if self._is_held or top == BLOBS:
            return self._is_held or bool(self._statements)
        return bool(name) and name[0].split(".")[0] in self._statements

    def _read(self, sha256: str) -> None:
        signed = select(SIGN_OFF.c.statement).where(
            SIGN_OFF.c.episode == sha256, SIGN_OFF.c.state.in_(HOLDING)
        )
        held = select(LEGAL_HOLD.c.episode).where(
            LEGAL_HOLD.c.episode == sha256, LEGAL_HOLD.c.until > self._node.now()
        )
        with self._node.database.read() as connection:
            self._statements = frozenset(connection.execute(signed).scalars())
            self._is_held = connection.execute(held).first() is not None
        self._sha256 = sha256
