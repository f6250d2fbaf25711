"""What goes over the wire between a hub and who asks it (docs/hub/api.md).

Exact signed bytes travel as JSON strings: they are ASCII, so that they come out as they went in.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from signoff_schemas.statement import RandomId, Sha256, Strict, UtcSecond, Word

CODE: Final = r"^[a-z][a-z0-9_]{0,39}$"
"""A reason to say no, for programs."""
Line = Annotated[str, Field(pattern=r"^[ -~]{1,500}$")]
"""What a person reads: one short line of ASCII."""
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


class TokenRequest(Strict):
    """A challenge that a key has signed, in `signoff-login-v1`."""

    nonce: Sha256
    public_key: Annotated[str, Field(max_length=4_096, pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$")]
    """One OpenSSH line without a comment."""
    signature: _Signed


class EnrolmentRequest(TokenRequest):
    """The same with the code that makes the key one of a member."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{16,80}$", repr=False)]


class SignOffRequest(Strict):
    """A statement and its signature, as they were signed."""

    statement: Annotated[str, Field(max_length=1 << 20)]
    signature: _Signed


class WithdrawalRequest(Strict):
    """A tombstone, as docs/sign_off.md has it."""

    tombstone: _Signed


class WholeRequest(Strict):
    """That every part of an episode has been sent."""

    size_bytes: Annotated[int, Field(ge=1, lt=1 << 53)]


class Contained(Strict):
    """A version of a data set."""

    name: Annotated[str, Field(pattern=r"^[!-~]{1,80}$")]
    version: Annotated[int, Field(ge=1, lt=1 << 53)]


class Contains(Strict):
    """Which data sets hold an episode."""

    datasets: Annotated[tuple[Contained, ...], Field(max_length=100_000)]


class Signed(Strict):
    """A document and the hub's signature over exactly these bytes."""

    content: Annotated[str, Field(max_length=64 << 20)]
    signature: _Signed


class Problem(Strict):
    """Why a hub says no (RFC 9457)."""

    type: Annotated[str, Field(pattern=r"^urn:signoff:problem:[a-z][a-z0-9_]{0,39}$")]
    title: Line
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(pattern=CODE)]
    detail: Line
    hint: Line | None = None


class Health(Strict):
    """How a node is: each part by its name."""

    database: bool
    store: bool
    disk: bool


class Figure(Strict):
    """One figure of a frozen snapshot."""

    what: Word
    """contributors or episodes."""
    purpose: Word
    language: Annotated[str, Field(pattern=r"^[ -~]{0,60}$")]
    value: Annotated[int, Field(ge=0, lt=1 << 53, multiple_of=10)] | None
    """None: of too few people to be said."""


class Statistics(Strict):
    """A snapshot: made once, and never again."""

    snapshot: Annotated[str, Field(pattern=r"^[0-9]{4}-Q[1-4]$")]
    figures: Annotated[tuple[Figure, ...], Field(max_length=100_000)]
