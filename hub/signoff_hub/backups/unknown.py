"""What lies in a store and no row knows goes: no withdrawal would reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import DATASET, MAX_SIGNATURE_BYTES
from signoff_collector.upload.stores.layout import blob_key
from signoff_datasets.building.workplace import MANIFEST
from signoff_hub.building.places import SIGNATURE, dataset_key, erase_version, plan_key
from signoff_hub.building.versions import end_version
from signoff_hub.database.tables import BLOB, DATASET_VERSION, PLAN
from signoff_hub.receiving.in_datasets import READY
from signoff_hub.verifying.held import PARTS, PREFIXES, Digests
from signoff_schemas.dataset import MAX_BYTES, digest_of, parse_manifest
from signoff_schemas.errors import DamagedError, NotSignedError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import Manifest

_LARGEST_VERSION: Final = 1 << 31


def erase_unknown(node: Node) -> int:
    """Erase bytes that nobody signed, parts and plans; return how many objects."""
    keys = list(_below(node, PARTS))
    digests = Digests(node.objects)
    for prefix in PREFIXES:
        there = digests.with_prefix(prefix)
        if not there:
            continue
        after, before = prefix, f"{prefix}g"  # after every hexadecimal digit
        with node.database.read() as connection:
            wanted = select(BLOB.c.sha256).where(BLOB.c.sha256 >= after, BLOB.c.sha256 < before)
            known = frozenset(connection.execute(wanted).scalars())
        keys += [
            blob_key(one)
            for one in sorted(there - known)
            if node.objects.size(blob_key(one)) is not None
        ]
    with node.database.read() as connection:
        plans = {plan_key(one) for one in connection.execute(select(PLAN.c.sha256)).scalars()}
    keys += [key for key in _below(node, "plans") if key not in plans]
    for key in keys:
        node.objects.remove(key)
    return len(keys)


def end_unknown_versions(node: Node) -> int:
    """Erase data sets that were built after the backup; return how many.

    Their numbers are never given again, and the feed tells that they ended.
    """
    with node.database.read() as connection:
        made = connection.execute(select(DATASET_VERSION.c.name, DATASET_VERSION.c.version)).all()
    known = {(name, version) for name, version in made}
    count = 0
    for name in tuple(node.objects.folders("datasets")):
        for number in tuple(node.objects.folders(f"datasets/{name}")):
            if not number.isdecimal() or int(number) >= _LARGEST_VERSION:
                continue
            version = int(number)
            if (name, version) in known or number != str(version):
                continue
            _end(node, name, version)
            erase_version(node, name, version)
            count += 1
    return count


def _end(node: Node, name: str, version: int) -> None:
    manifest = _manifest(node, name, version)
    if manifest is None:
        return  # it never was whole, so nobody read it
    values = {
        "name": name,
        "version": version,
        "plan": manifest.plan_sha256,
        "manifest_sha256": digest_of(manifest),
        "purpose": str(manifest.request.purpose),
        "state": READY,
        "made_at": node.now(),
    }
    with node.database.write() as connection:
        connection.execute(insert(DATASET_VERSION).values(values))
    end_version(node, name, version)


def _manifest(node: Node, name: str, version: int) -> Manifest | None:
    """Return the manifest of a version, where the hub signed it."""
    key, signed = (dataset_key(name, version, one) for one in (MANIFEST, SIGNATURE))
    try:
        content = node.objects.read(key, max_bytes=MAX_BYTES)
        signature = node.objects.read(signed, max_bytes=MAX_SIGNATURE_BYTES)
        if content is None or signature is None:
            return None
        found = parse_manifest(content)
        by = verify_signature(content, signature, DATASET).public_key
    except (DamagedError, NotSignedError, RefusedError):
        return None
    is_own = by == node.key.public_key and (found.name, found.version) == (name, version)
    return found if is_own else None


def _below(node: Node, folder: str) -> Iterator[str]:
    for name in node.objects.names(folder):
        yield f"{folder}/{name}"
    for name in node.objects.folders(folder):
        yield from _below(node, f"{folder}/{name}")
