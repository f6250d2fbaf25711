"""Where plans and data sets lie: objects `plans/…`, `datasets/NAME/VERSION/…`; a folder a job."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.sshsig import DATASET
from signoff_collector.own_files.private_files import make_private_folder, try_lock
from signoff_datasets.building.proofs import files_of
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.cards.croissant import croissant
from signoff_datasets.verifying.files import NOTICE
from signoff_hub.jobs.runner import LaterError
from signoff_schemas.dataset import MAX_BYTES, canonical, parse_plan
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator
    from pathlib import Path

    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import DatasetPlan, Manifest

CROISSANT: Final = "croissant.json"
SIGNATURE: Final = f"{MANIFEST}.sig"
NOTICES: Final = (NOTICE, f"{NOTICE}.sig")
"""What stays of a version that was replaced."""
_BUSY_S: Final = 30


def plan_key(sha256: str) -> str:
    """Return where a plan lies."""
    return f"plans/{sha256[:2]}/{sha256}.json"


def dataset_key(name: str, version: int, path: str = "") -> str:
    """Return where a file of a version lies, or its folder."""
    return f"datasets/{name}/{version}/{path}".rstrip("/")


def read_plan(node: Node, sha256: str) -> DatasetPlan:
    """Return a plan that was drawn.

    Raises:
        DamagedError: the store lost it, or gives another one.
    """
    content = node.objects.read(plan_key(sha256), max_bytes=MAX_BYTES)
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedError("the store does not hold a plan that was drawn")
    return parse_plan(content)


@contextmanager
def workroom(node: Node, name: str, version: int) -> Generator[Path]:
    """Yield the folder of a job on this machine; it is cleared once the job has ended.

    After an error it stays, so that the next try goes on in it; the sweep clears what nobody
    comes back to.

    Raises:
        LaterError: another process is at work in it.
    """
    folder = node.folder.incoming / "datasets" / name / str(version)
    make_private_folder(folder)
    lock = try_lock(folder / ".lock")
    if lock is None:
        raise LaterError("busy", after_s=_BUSY_S)
    try:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def clear_workroom(node: Node, name: str, version: int) -> None:
    """Take away what a job left on this machine."""
    shutil.rmtree(node.folder.incoming / "datasets" / name / str(version), ignore_errors=True)


class HubBuilder:
    """The hub as the builder of its data sets: any node signs alike."""

    def __init__(self, node: Node) -> None:
        self._key = node.key

    def sign(self, content: bytes) -> bytes:
        """Sign a manifest or a notice."""
        return self._key.sign(content, DATASET)

    def is_own(self, public_key: bytes) -> bool:
        """Say whether a key is the hub's."""
        return public_key == self._key.public_key


def publish(node: Node, folder: Path, manifest: Manifest) -> None:
    """Put a data set into the store, the manifest last; doing it again changes nothing."""
    name, version = manifest.name, manifest.version
    _drop_others(node, manifest)
    for path, sha256 in sorted(files_of(manifest)):
        _put(node, dataset_key(name, version, path), folder / path, sha256)
        node.probe("file published")
    card = croissant(manifest, builder=node.key.fingerprint)
    signature = (folder / SIGNATURE).read_bytes()
    last = {CROISSANT: card, SIGNATURE: signature, MANIFEST: canonical(manifest)}
    for path, content in last.items():
        key = dataset_key(name, version, path)
        if not node.objects.create(key, content) and _digest(node, key) != _sha256(content):
            node.objects.remove(key)
            node.objects.create(key, content)
        node.probe("file published")


def fetch(node: Node, manifest: Manifest, folder: Path) -> None:
    """Copy a data set out of the store into a folder, as `publish` found it.

    Raises:
        DamagedError: a file is not there.
    """
    paths = [*(path for path, _ in files_of(manifest)), SIGNATURE, MANIFEST]
    for path in paths:
        make_private_folder((folder / path).parent)
        (folder / path).unlink(missing_ok=True)
        if not node.objects.copy_to(
            dataset_key(manifest.name, manifest.version, path), folder / path
        ):
            raise DamagedError("the store lost a file of a data set")


def erase_version(
    node: Node, name: str, version: int, *, but: Collection[str] = frozenset()
) -> None:
    """Erase the files of a version but for its notice; the manifest goes first.

    Args:
        node: which hub.
        name: of the data set.
        version: of it.
        but: paths of files that stay.
    """
    folder = dataset_key(name, version)
    for key in sorted(
        keys_below(node, folder), key=lambda one: (f"{folder}/{MANIFEST}" != one, one)
    ):
        path = key.removeprefix(f"{folder}/")
        if path not in NOTICES and path not in but:
            node.objects.remove(key)
            node.probe("file of a version erased")


def _drop_others(node: Node, manifest: Manifest) -> None:
    """Erase what an earlier try left here that is not of it: rows of who left since."""
    folder = dataset_key(manifest.name, manifest.version)
    named = {path for path, _ in files_of(manifest)} | {MANIFEST, SIGNATURE, CROISSANT}
    for key in list(keys_below(node, folder)):
        if key.removeprefix(f"{folder}/") not in named:
            node.objects.remove(key)


def _put(node: Node, key: str, path: Path, sha256: str) -> None:
    """Put a file; what an earlier try left there goes, where it is another one."""
    if not node.objects.create_from(key, path) and _digest(node, key) != sha256:
        node.objects.remove(key)
        node.objects.create_from(key, path)


def _digest(node: Node, key: str) -> str:
    digest = hashlib.sha256()
    for piece in node.objects.pieces(key) or ():
        digest.update(piece)
    return digest.hexdigest()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keys_below(node: Node, folder: str) -> Iterator[str]:
    """Yield the key of every object in a folder and those in it."""
    for name in node.objects.names(folder):
        yield f"{folder}/{name}"
    for name in node.objects.folders(folder):
        yield from keys_below(node, f"{folder}/{name}")
