"""From an audience to the store behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.terms.audience import is_hub
from signoff_collector.system.extras import need
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.upload.stores.interface import Store


def open_store(audience: Audience) -> Store:
    """Return the store that an audience names; nothing is contacted yet. Close it.

    Raises:
        MissingProgramError: its kind needs a package that is not installed.
        UsageError: it is a hub.
    """
    if audience.startswith("file://"):
        from signoff_collector.upload.stores.file_store import FileStore

        return FileStore(audience)
    if is_hub(audience):
        raise UsageError(
            "this address is a hub's, and what was asked for works with a folder or a bucket",
            hint="Name a folder or s3://host/bucket/prefix.",
        )
    need("s3", what="a bucket as store")
    from signoff_collector.upload.stores.s3_store import S3Store

    return S3Store(audience)
