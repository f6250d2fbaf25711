"""From an address to the objects behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.consent.terms.audience import canonical_audience, folder_of
from signoff_hub.objects.folder import FolderObjects

if TYPE_CHECKING:
    from signoff_hub.objects.interface import Objects


def open_objects(where: str | Path) -> Objects:
    """Return the objects in a folder, or in the store that an address names. Close them.

    Args:
        where: a path, or `file:///folder`, `s3://host/bucket/prefix`,
            `s3+http://127.0.0.1:port/bucket/prefix`.

    Raises:
        UsageError: it is no such address.
        RefusedError: there are no credentials for the bucket.
    """
    if isinstance(where, Path):
        return FolderObjects(where)
    audience = canonical_audience(where)
    if audience.startswith("file://"):
        return FolderObjects(folder_of(audience))
    from signoff_hub.objects.bucket import BucketObjects

    return BucketObjects(audience)
