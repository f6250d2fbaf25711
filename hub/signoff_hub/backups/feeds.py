"""Saved pages of a hub's own feed: what they say has ended is believed, since the hub signed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.ssh_keygen import parse_public_key
from signoff_collector.consent.signatures.sshsig import NOTICE
from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import NotSignedError
from signoff_schemas.hub_feed import MAX_FEED_BYTES, parse_page, parse_signed_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_hub.backups.manifest import Manifest
    from signoff_schemas.hub_feed import EndedEpisode


def read_pages(paths: Sequence[Path], manifest: Manifest) -> list[EndedEpisode]:
    """Return what pages of the feed say has ended, in their order.

    Args:
        paths: files as `GET /v1/feed?after=N` gave them.
        manifest: of the backup; its hub has to have signed each.

    Raises:
        NotFoundError: a file is not there.
        DamagedError: one is no page.
        NotSignedError: one is of another hub.
    """
    found: list[EndedEpisode] = []
    for path in paths:
        signed = parse_signed_page(read_regular(path, max_bytes=2 * MAX_FEED_BYTES))
        content = signed.content.encode("utf-8")
        key = verify_signature(content, signed.signature.encode("utf-8"), NOTICE).public_key
        page = parse_page(content)
        if (key, page.receiver) != (parse_public_key(manifest.receipt_key), manifest.receiver):
            raise NotSignedError(
                f"{path} is no page of the hub of this backup",
                hint="Name pages of its own feed alone: --gone-from PAGE.",
            )
        found += page.episodes
    return found
