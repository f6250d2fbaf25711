"""Heads from wherever they come: signed by the hub's key, and one story about each size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import LOG, MAX_SIGNATURE_BYTES
from signoff_hub.database.tables import LOG_HEAD
from signoff_hub.log.layout import HEADS, head_key, parse_head_key
from signoff_schemas.errors import DamagedError, NotSignedError, RefusedError
from signoff_schemas.hub_log import MAX_HEAD_BYTES, parse_head

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from signoff_hub.log.report import LogReport
    from signoff_hub.objects.interface import Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHead:
    """A head that someone has, before anything of it is believed."""

    where: str
    size: int | None
    """That it must have, by the name under which it lies."""
    content: bytes
    signature: bytes


def heads_in_rows(
    connection: Connection, published: Iterable[FoundHead], report: LogReport
) -> list[FoundHead]:
    """Return the heads in rows; tell which are rows alone that should be published too, or not."""
    rows = connection.execute(select(LOG_HEAD).order_by(LOG_HEAD.c.size)).all()
    is_published = {one.size for one in published}
    for row in rows:
        if row.published and row.size not in is_published:
            report.tell(f"{head_key(row.size)} was published and is missing")
    for size in sorted(one for one in is_published if one is not None):
        if all(row.size != size for row in rows):
            report.tell(f"the row of the published head of {size} leaves is missing")
    return [
        FoundHead(
            where=f"the row of the head of {row.size} leaves",
            size=row.size,
            content=bytes(row.content),
            signature=bytes(row.signature),
        )
        for row in rows
    ]


def heads_in_objects(objects: Objects, report: LogReport) -> list[FoundHead]:
    """Return the published heads; tell of what lies among them and is none."""
    found: list[FoundHead] = []
    names = set(objects.names(HEADS))
    for name in sorted(names):
        key = f"{HEADS}/{name}"
        size = parse_head_key(key)
        if size is None:
            report.tell(f"{key} is nothing that the log makes")
        elif name.endswith(".sig"):
            continue  # without its head: of a publisher that died before it wrote that
        else:
            content = _read(objects, key, MAX_HEAD_BYTES)
            signature = _read(objects, f"{key}.sig", MAX_SIGNATURE_BYTES)
            found.append(FoundHead(where=key, size=size, content=content, signature=signature))
    return found


def roots_of(
    heads: Iterable[FoundHead], *, public_key: bytes, address: str, report: LogReport
) -> dict[int, str]:
    """Return the root that the hub signed for each size; tell of heads that do not hold."""
    roots: dict[int, str] = {}
    for found in heads:
        try:
            signed = verify_signature(found.content, found.signature, LOG)
            head = parse_head(found.content)
        except (NotSignedError, DamagedError):
            report.tell(f"{found.where} is void")
            continue
        report.heads += 1
        if signed.public_key != public_key:
            report.tell(f"{found.where} is signed by another key")
        elif head.receiver != address:
            report.tell(f"{found.where} is of another hub")
        elif found.size not in (None, head.size):
            report.tell(f"{found.where} tells of {head.size} leaves")
        elif roots.setdefault(head.size, head.root) != head.root:
            report.tell(f"there are two heads of {head.size} leaves with different roots")
    return roots


def _read(objects: Objects, key: str, max_bytes: int) -> bytes:
    """Return an object, or nothing where it cannot be a head: that is told as a void one."""
    try:
        return objects.read(key, max_bytes=max_bytes) or b""
    except RefusedError:
        return b""
