"""From what a person names to the source behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from signoff_collector.consent.terms.audience import Audience, canonical_audience
from signoff_collector.upload.stores.layout import SIGN_OFFS
from signoff_datasets.sources.folder import FolderSource
from signoff_datasets.sources.store import StoreSource
from signoff_schemas.errors import NotFoundError

if TYPE_CHECKING:
    from signoff_datasets.sources.interface import Source


def address_of(named: str) -> str:
    """Return one spelling for a folder or a store; what it says is all that a worker needs.

    A folder that holds a store is that store.

    Raises:
        UsageError: it is an address of no store.
        NotFoundError: there is no such folder.
    """
    if "://" in named:
        address = canonical_audience(named)
        folder = folder_of(address)
        if folder is not None and not folder.is_dir():
            raise NotFoundError(
                "the folder that the episodes should come from is not there",
                hint="Name a folder of episodes, or a store: file:///…, s3://…",
            )
        return address
    try:
        folder = Path(named).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise NotFoundError(
            "the folder that the episodes should come from is not there",
            hint="Name a folder of episodes, or a store: file:///…, s3://…",
        ) from error
    if not folder.is_dir():
        raise NotFoundError(
            f"{folder} is no folder", hint="Name the folder that the episodes lie in."
        )
    return canonical_audience(folder.as_uri()) if (folder / SIGN_OFFS).is_dir() else str(folder)


def folder_of(address: str) -> Path | None:
    """Return the folder behind what `address_of` spelled; None for a bucket."""
    if address.startswith("file://"):
        address = unquote(urlsplit(address).path)
    return None if "://" in address else Path(address)


def open_source(address: str) -> Source:
    """Return the source that `address_of` spelled; nothing is contacted yet. Close it."""
    if "://" not in address:
        return FolderSource(Path(address))
    from signoff_collector.upload.stores.stores import open_store

    return StoreSource(open_store(Audience(address)))
