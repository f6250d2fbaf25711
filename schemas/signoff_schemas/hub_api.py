"""What goes over the wire between a hub and who asks it (docs/hub/api.md).

Exact signed bytes travel as JSON strings: they are ASCII, so that they come out as they went in.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from signoff_schemas.dataset import DEFAULT_K, DatasetName, Split
from signoff_schemas.gates import Required, in_order, without_empty
from signoff_schemas.statement import (
    Count,
    ProhibitedUse,
    Purpose,
    RandomId,
    Sha256,
    Strict,
    UtcSecond,
    Word,
)

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


class PageCode(Strict):
    """What opens the pages of whoever is signed in, once."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", repr=False)]
    expires_at: UtcSecond


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
    bytes_stay: bool = False
    """Whether somebody else signed the same bytes before: then what goes is this sign-off alone."""


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


class GrantRequest(Strict):
    """That a reader may have a data set, for its purpose, from now on."""

    token: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]
    """The name of the reader's API token, which has the scope `read`."""
    dataset: DatasetName
    purpose: Word
    """That of the data set: a grant goes no further."""
    terms_sha256: Sha256
    """Of the terms of use that the reader accepted."""
    expires_at: UtcSecond


class Grant(Strict):
    """A grant as it was given; its digest is what the log says of it."""

    id: RandomId
    dataset: DatasetName
    purpose: Word
    terms_sha256: Sha256
    expires_at: UtcSecond


class KeptGrant(Grant):
    """A grant, and what became of it."""

    token: Annotated[str, Field(pattern=r"^[ -~]{1,60}$")]
    revoked_at: UtcSecond | None


class Grants(Strict):
    """Every grant of a hub."""

    grants: Annotated[tuple[KeptGrant, ...], Field(max_length=100_000)]


class RunRequest(Strict):
    """What a model is trained on, in which order, by which code."""

    dataset: DatasetName
    shards: Annotated[tuple[Sha256, ...], Field(min_length=1, max_length=3_000, strict=False)]
    """Of the data set, each once, as its manifest names them."""
    order_seed: Annotated[str, Field(pattern=r"^[ -~]{1,80}$")]
    """From which the order of records followed."""
    code_sha256: Sha256
    """Of the program that trains, or of the archive that it is in."""
    model_sha256: Sha256 | None = None
    """Of what came out; None: not yet. With it, it is another run than without."""

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if len(set(self.shards)) != len(self.shards):
            raise ValueError("a shard is named twice")
        return self


class Run(RunRequest):
    """A run that was registered, and what became of its shards."""

    id: RandomId
    registered_on: _Date
    replaced: Annotated[int, Field(ge=0, le=3_000)]
    """Shards that no readable version has any more: something of them was taken back."""


class Signed(Strict):
    """A document and the hub's signature over exactly these bytes."""

    content: Annotated[str, Field(max_length=64 << 20)]
    signature: _Signed


_Version = Annotated[int, Field(ge=1, lt=1 << 31)]
_THOUSAND: Final = 1_000


class PlanRequest(Strict):
    """What a data set should be for, and of what."""

    name: DatasetName
    purpose: Annotated[Purpose, Field(strict=False)]
    prohibited_uses: Annotated[
        tuple[Annotated[ProhibitedUse, Field(strict=False)], ...], Field(max_length=8, strict=False)
    ] = ()
    """Uses that whoever receives it promises not to make; an episode that prohibits more is left
    out."""
    licences: Literal["permissive", "any"] = "permissive"
    """A policy that is shipped (docs/dataset_rules.md)."""
    k: Annotated[int, Field(ge=DEFAULT_K, le=1_000)] = DEFAULT_K
    """Fewest contributors of a shard."""
    splits: dict[Split, Annotated[int, Field(ge=0, le=_THOUSAND)]] = Field(
        default={"train": _THOUSAND, "validation": 0, "test": 0}
    )
    """Parts of a thousand."""
    by_time: bool = False
    shard_bytes: Annotated[int, Field(ge=1 << 10, le=1 << 30)] = 64 << 20
    gates: Annotated[Required, Field(strict=False)] = ()
    """Gates of quality that each episode passes, in the order of docs/quality.md."""

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        return without_empty(self, write)

    @model_validator(mode="after")
    def _is_parted(self) -> Self:
        in_order(self.gates)
        if sum(self.splits.values()) != _THOUSAND:
            raise ValueError("the splits do not add up to a thousand")
        if self.by_time and sum(map(bool, self.splits.values())) < 2:
            raise ValueError("nothing is parted by time")
        return self


class Drawn(Strict):
    """A plan that was drawn: nothing of how many episodes or people there are (R7)."""

    sha256: Sha256
    """How it is named."""
    name: DatasetName
    purpose: Word
    drawn_on: UtcSecond
    log_size: Count
    """Leaves of the log when it was drawn."""


class PlanState(Strict):
    """How far a plan is that was asked for."""

    asked: Sha256
    """Names the question, for a day."""
    state: Literal["drawing", "drawn", "failed"]
    plan: Drawn | None = None
    """Of one that is drawn."""


class DrawnPlans(Strict):
    """The newest plans of whoever asks."""

    plans: Annotated[tuple[Drawn, ...], Field(max_length=1_000)]


class BuildRequest(Strict):
    """Which plan to build."""

    plan: Sha256


DatasetIs = Literal["building", "ready", "replaced", "erased", "failed"]


class BuildState(Strict):
    """How far a build is; `failed` says why with a code."""

    plan: Sha256
    name: DatasetName
    version: _Version
    state: DatasetIs
    reason: Annotated[str, Field(pattern=CODE)] | None
    manifest_sha256: Sha256 | None
    built: Sha256 | None = None
    """The plan that is built instead: this one without what ended while it was built."""


class BuildStates(Strict):
    """The newest builds of the plans of whoever asks."""

    builds: Annotated[tuple[BuildState, ...], Field(max_length=1_000)]


class DatasetState(Strict):
    """One version of a data set, as its readers are told."""

    name: DatasetName
    version: _Version
    state: DatasetIs
    purpose: Word
    manifest_sha256: Sha256 | None
    made_on: UtcSecond


class EpisodeProof(Strict):
    """The files of `proofs/` of one episode: exact bytes, as the manifest names them."""

    sha256: Sha256
    """Of the episode."""
    statement: Annotated[str, Field(max_length=1 << 20)]
    statement_signature: _Signed
    receipt: _Signed | None
    receipt_signature: _Signed | None


class EpisodeProofs(Strict):
    """A page of proofs in order of the episodes' digests."""

    proofs: Annotated[tuple[EpisodeProof, ...], Field(max_length=100)]
    next: Sha256 | None
    """What to give as `after` for the next page; None: this was the last one."""


class Problem(Strict):
    """Why a hub says no (RFC 9457)."""

    type: Annotated[str, Field(pattern=r"^urn:signoff:problem:[a-z][a-z0-9_]{0,39}$")]
    title: Line
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(pattern=CODE)]
    detail: Line
    hint: Line | None = None
    newer: _Version | None = None
    """Of `replaced`: the version to use instead, where there is one."""


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
