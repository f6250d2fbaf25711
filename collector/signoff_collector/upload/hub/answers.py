"""Answers of a hub, read strictly: what does not follow the form is no answer at all."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

from pydantic import Field, ValidationError

from signoff_collector.upload.hub.connection import JSON
from signoff_collector.upload.hub.problems import CODE
from signoff_schemas.errors import NotSignedError, ReceiverRefusedError
from signoff_schemas.statement import (
    RandomId,
    Sha256,
    Strict,
    UtcSecond,
    Word,
    refuse_ambiguous_json,
)

if TYPE_CHECKING:
    from signoff_collector.upload.hub.connection import Answer

_M = TypeVar("_M", bound=Strict)
_Signed = Annotated[str, Field(max_length=64 << 10, pattern=r"^[\n -~]*$")]
"""Exact bytes that somebody signed, or a signature: ASCII."""
_Address = Annotated[str, Field(pattern=r"^[!-~]{1,2000}$")]
_Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_MAX_PARTS: Final = 1 << 16
_Part = Annotated[int, Field(ge=0, lt=_MAX_PARTS)]


class HubState(StrEnum):
    """What became of a sign-off at a hub."""

    RECEIVED = "received"
    ADMITTED = "admitted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class PublishedTerms(Strict):
    """The hub's terms and the signature over exactly these bytes."""

    terms: Annotated[str, Field(max_length=256 << 10, pattern=r"^[\n -~]*$")]
    signature: _Signed


class Challenge(Strict):
    """What has to be signed to sign in."""

    nonce: Sha256
    """32 random bytes in hexadecimal."""
    expires_at: UtcSecond
    receiver: _Address


class Token(Strict):
    """What a hub gives to whoever proved a key."""

    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.~+/=-]{16,1000}$", repr=False)]
    expires_at: UtcSecond
    scopes: Annotated[tuple[Word, ...], Field(max_length=16)]


class Parts(Strict):
    """Which parts of an episode the hub has."""

    parts: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=_MAX_PARTS)], ...], Field(max_length=_MAX_PARTS)
    ]


class SignedReceipt(Strict):
    """A receipt and the signature over it."""

    content: _Signed
    signature: _Signed


class SignOffState(Strict):
    """What became of one sign-off."""

    statement_sha256: Sha256
    sha256: Sha256
    state: HubState
    reason: Annotated[str, Field(pattern=CODE)] | None
    receipt: SignedReceipt | None
    proof: _Signed | None


class Use(Strict):
    """A data set that holds an episode, and when it was read."""

    dataset: Annotated[str, Field(pattern=r"^[!-~]{1,80}$")]
    version: Annotated[int, Field(ge=1, lt=1 << 53)]
    purpose: Word
    read_on: Annotated[tuple[_Date, ...], Field(max_length=100_000)]


class OwnSignOff(SignOffState):
    """One sign-off of whoever is signed in."""

    received_on: UtcSecond
    uses: Annotated[tuple[Use, ...], Field(max_length=100_000)]


class Mine(Strict):
    """Everything that a hub has of whoever is signed in."""

    sign_offs: Annotated[tuple[OwnSignOff, ...], Field(max_length=1_000_000)]


class Withdrawn(Strict):
    """What a hub does about a withdrawal."""

    record_id: RandomId
    sha256: Sha256
    state: Literal["withdrawn", "erased"]
    erase_by: UtcSecond


def read_answer(answer: Answer, model: type[_M], place: str) -> _M:
    """Return what a hub answered.

    Args:
        answer: of a status that says yes.
        model: what it has to be.
        place: host and port of the hub.

    Raises:
        ReceiverRefusedError: it is something else; the message repeats nothing of it.
    """
    fault = not_a_hub(place, "its answer follows another form than a hub's")
    if answer.kind != JSON:
        raise fault
    try:
        refuse_ambiguous_json(answer.body)
        return model.model_validate_json(answer.body)
    except (NotSignedError, ValidationError):
        raise fault from None


def not_a_hub(place: str, fact: str) -> ReceiverRefusedError:
    """Return the error for a hub that breaks the contract."""
    return ReceiverRefusedError(
        f"the hub {place} cannot be believed: {fact}",
        hint="Check the address, and ask whoever runs the hub.",
    )
