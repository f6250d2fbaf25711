"""A hub's feed beside a source: withdrawals are found also where the source has not heard of them.

Each withdrawal in a page proves itself against the sign-off in the data set, so a page that
somebody else hands on can make nothing go that its signer did not take back. The hub's signature
says that these are its pages, whole and in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import NOTICE
from signoff_collector.consent.withdrawal import parse_tombstone
from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.hub_feed import MAX_FEED_BYTES, parse_page, parse_signed_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from signoff_collector.consent.sign_off_files import SignOff
    from signoff_collector.consent.withdrawal import Tombstone
    from signoff_datasets.sources.interface import Offered, Source


class FollowingSource:
    """A source that knows of the withdrawals of a feed too."""

    def __init__(self, source: Source, tombstones: Mapping[str, Tombstone]) -> None:
        self._source = source
        self._tombstones = tombstones

    def places(self) -> Iterator[str]:
        """Yield every place of the source."""
        return self._source.places()

    def sign_offs(self, place: str) -> tuple[SignOff, ...]:
        """Return what was signed at a place of the source."""
        return self._source.sign_offs(place)

    def offered(self, place: str) -> Offered:
        """Return all that the source has at a place."""
        return self._source.offered(place)

    def content(self, place: str) -> bytes | None:
        """Return an episode of the source."""
        return self._source.content(place)

    def tombstone(self, sha256: str) -> Tombstone | None:
        """Return the tombstone of the feed, else that of the source."""
        return self._tombstones.get(sha256) or self._source.tombstone(sha256)

    def close(self) -> None:
        """Close the source."""
        self._source.close()


def read_feed(pages: Sequence[Path]) -> dict[str, Tombstone]:
    """Return the withdrawals in saved pages of one hub's feed, by digest.

    Args:
        pages: files as `GET /v1/feed?after=N` gave them, from the first to the last one.

    Raises:
        NotFoundError: a file is not there.
        DamagedError: one is no page, or one between two others is missing.
        NotSignedError: one is not signed, or by another key than the first.
    """
    found: dict[str, Tombstone] = {}
    key: bytes | None = None
    following: int | None = None
    for path in pages:
        signed = parse_signed_page(read_regular(path, max_bytes=2 * MAX_FEED_BYTES))
        content = signed.content.encode("utf-8")
        signer = verify_signature(content, signed.signature.encode("utf-8"), NOTICE).public_key
        if key not in (None, signer):
            raise NotSignedError(
                f"{path} is signed by another key than the page before it",
                hint="Give pages of one hub, from the first to the last.",
            )
        page = parse_page(content)
        if following is not None and page.after > following:
            raise DamagedError(
                f"a page of the feed is missing before {path}",
                hint=f"Fetch it: `GET /v1/feed?after={following}`.",
            )
        key, following = signer, page.next
        for one in page.episodes:
            content_of_one = (one.tombstone or "").encode("utf-8")
            tombstone = parse_tombstone(content_of_one) if content_of_one else None
            if tombstone is not None and tombstone.sha256 == one.sha256:
                found[one.sha256] = tombstone
    return found
