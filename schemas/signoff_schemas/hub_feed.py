"""A hub's feed: what may be used no longer, page by page, for whoever holds copies.

A page is one JSON document with an SSHSIG of the hub over exactly its bytes, in namespace
`signoff-notice-v1`. Each withdrawal in it carries its tombstone, which proves itself: what a page
tells is believed as far as that goes, whoever hands it on.
"""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from signoff_schemas.dataset import DatasetName
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.strict import (
    Count,
    HubAudience,
    Sha256,
    Strict,
    refuse_ambiguous_json,
    signed_form,
)

MAX_FEED_BYTES: Final = 4 << 20
MAX_ENTRIES: Final = 100
"""Of a page, of each kind; the largest tombstones of a hub fit."""
_Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_HINT: Final = "Fetch it again from the hub: `GET /v1/feed?after=N`."


class EndedEpisode(Strict):
    """An episode that ended."""

    leaf: Count
    """Of the log: it says the same."""
    sha256: Sha256
    because: Literal["withdrawn", "expired"]
    on: _Day
    """UTC."""
    tombstone: Annotated[str, Field(max_length=32 << 10)] | None
    """The exact bytes of who withdrew; of what expired there are none."""


class ReplacedDataset(Strict):
    """A version of a data set that has a newer one, or none any more."""

    leaf: Count
    name: DatasetName
    version: Annotated[int, Field(ge=1, lt=1 << 31)]
    manifest_sha256: Sha256 | None
    on: _Day


class FeedPage(Strict):
    """What happened from one number of leaves to another."""

    feed_version: Literal[1] = 1
    receiver: HubAudience
    """Whose feed it is."""
    after: Count
    """Leaves with this number or a larger one are told."""
    next: Count
    """What to ask for next; the same as `after` where nothing is new."""
    is_last: bool
    """Whether there was no more when the page was made."""
    episodes: Annotated[tuple[EndedEpisode, ...], Field(max_length=MAX_ENTRIES)]
    datasets: Annotated[tuple[ReplacedDataset, ...], Field(max_length=MAX_ENTRIES)]

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        for told in (self.episodes, self.datasets):
            leaves = [one.leaf for one in told]
            if leaves != sorted(set(leaves)) or any(
                not self.after <= one < self.next for one in leaves
            ):
                raise ValueError("leaves are not in order, or outside of the page")
        if self.next < self.after:
            raise ValueError("it ends before it begins")
        return self


class SignedPage(Strict):
    """A page with its signature, as it travels and as a file holds it."""

    content: Annotated[str, Field(max_length=MAX_FEED_BYTES)]
    signature: Annotated[str, Field(max_length=16 << 10)]


def encode_page(page: FeedPage) -> bytes:
    """Return the bytes that a hub signs."""
    return signed_form(page)


def parse_page(content: bytes) -> FeedPage:
    """Parse a page; its signature is another question.

    Raises:
        DamagedError: it is not one in its one form; the message repeats nothing of it.
    """
    found = _parsed(FeedPage, content)
    if encode_page(found) != content:
        raise _damaged()
    return found


def parse_signed_page(content: bytes) -> SignedPage:
    """Parse a page with its signature, as it was fetched.

    Raises:
        DamagedError: it is none.
    """
    return _parsed(SignedPage, content)


def encode_signed_page(page: SignedPage) -> bytes:
    """Return a page with its signature as JSON."""
    return json.dumps(page.model_dump(mode="json"), ensure_ascii=True).encode("ascii") + b"\n"


_Model = TypeVar("_Model", FeedPage, SignedPage)


def _parsed(model: type[_Model], content: bytes) -> _Model:
    if len(content) > 2 * MAX_FEED_BYTES:
        raise _damaged()
    try:
        refuse_ambiguous_json(content, what="a page of the feed", hint=_HINT)
        return model.model_validate_json(content)
    except (NotSignedError, ValidationError):
        raise _damaged() from None


def _damaged() -> DamagedError:
    return DamagedError("a page of the feed is not as docs/hub/withdrawal.md has it", hint=_HINT)
