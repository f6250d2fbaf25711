"""A sign-off: the statement that a developer signs over one episode.

An in-toto Statement v1 whose predicate states what was shown, the purposes, the
audience and the terms (docs/sign_off.md; field names follow ISO/IEC TS 27560). The
signed bytes are the statement; they are never serialised again from the parsed
value. Parsing is strict: a duplicate name, an unknown name, or a value of the
wrong type makes the statement void.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from signoff_schemas.errors import NotSignedError
from signoff_schemas.receiver import Receiver
from signoff_schemas.strict import (
    SIGN_AGAIN,
    Audience,
    Count,
    Language,
    RandomId,
    Sha256,
    ShortText,
    Spdx,
    Strict,
    UtcSecond,
    Word,
    field_names,
    first_fault,
    format_time,
    names_hub,
    parse_time,
    refuse_ambiguous_json,
    signed_form,
)
from signoff_schemas.words import Owner

__all__ = [
    "EPISODE_MEDIA_TYPE",
    "MAX_STATEMENT_BYTES",
    "PREDICATE_TYPE",
    "PREDICATE_TYPE_HUB",
    "STATEMENT_TYPE",
    "Audience",
    "Count",
    "Digests",
    "Language",
    "Predicate",
    "ProhibitedUse",
    "Purpose",
    "RandomId",
    "Receiver",
    "Requester",
    "Review",
    "ReviewMode",
    "Rights",
    "Sha256",
    "SharedEpisode",
    "ShortText",
    "SignedNotice",
    "Spdx",
    "Statement",
    "Strict",
    "Subject",
    "UtcSecond",
    "Withdrawal",
    "Word",
    "format_time",
    "make_statement",
    "parse_statement",
    "parse_time",
    "refuse_ambiguous_json",
    "statement_sha256",
]
"""With the fields that documents beside a statement share with it (`strict`)."""

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:signoff:episode-signoff:v1"
"""Of a statement for a folder or a bucket, which have no terms of their own."""
PREDICATE_TYPE_HUB: Final = "urn:signoff:episode-signoff:v2"
"""Of a statement for a hub: it names the terms of its receiver."""
EPISODE_MEDIA_TYPE: Final = "application/vnd.signoff.episode"
MAX_STATEMENT_BYTES: Final = 1 << 20


class Purpose(StrEnum):
    """What a receiver may use the episode for."""

    MODEL_TRAINING = "model-training"
    MODEL_EVALUATION = "model-evaluation"
    RESEARCH = "research"
    TEACHING = "teaching"
    BACKUP = "backup"


class ProhibitedUse(StrEnum):
    """What a receiver must not use the episode for."""

    PERFORMANCE_EVALUATION = "performance-evaluation"
    PROFILING = "profiling"
    IDENTIFICATION = "identification"


class Requester(StrEnum):
    """Who asked for the episode to be shared."""

    NOBODY = "nobody"
    PROGRAMME = "programme"
    EMPLOYER = "employer"
    RESEARCHER = "researcher"
    TEACHER = "teacher"


class ReviewMode(StrEnum):
    """How the developer looked at the episode."""

    PAGE = "page"
    TERMINAL = "terminal"
    PLAN = "plan"


class Digests(Strict):
    """The digest of the subject, and no other."""

    sha256: Sha256


class Subject(Strict):
    """The one episode that the statement is about."""

    name: str
    digest: Digests

    @model_validator(mode="after")
    def _is_named_by_its_digest(self) -> Self:
        if self.name != f"{self.digest.sha256}.episode":
            raise ValueError("the subject's name is not its digest")
        return self


class SharedEpisode(Strict):
    """What the episode is, in numbers."""

    media_type: Literal["application/vnd.signoff.episode"] = EPISODE_MEDIA_TYPE
    format_version: Count
    size_bytes: Count
    steps: dict[Word, Count]
    """Number of steps by kind."""
    time_resolution: Literal["exact", "100ms", "1s", "none"]


class Review(Strict):
    """That and how the developer looked at it."""

    mode: ReviewMode
    tool_version: ShortText
    files_seen: Count
    outputs_seen: Count


class SignedNotice(Strict):
    """The text that was shown when signing, whole."""

    version: Word
    language: Language
    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class Rights(Strict):
    """Whose code it is, and why it may be shared."""

    basis: Owner
    holder: Literal["contributor", "open-source-project", "employer", "unknown"]
    repository_licence: Spdx
    permission_reference: RandomId | None
    """A random number that the developer's own records tie to a permission."""

    @model_validator(mode="after")
    def _has_permission_where_needed(self) -> Self:
        needs = self.basis in (Owner.EMPLOYER, Owner.UNKNOWN)
        if needs and self.permission_reference is None:
            raise ValueError("code of an employer or of unknown ownership needs a permission")
        return self


class Withdrawal(Strict):
    """How the sign-off can be taken back."""

    handle: Sha256
    """SHA-256 of HMAC(recovery seed, audience, record id)."""
    effect: Literal["erase-and-refuse"] = "erase-and-refuse"


class Predicate(Strict):
    """Everything that the developer agreed to."""

    record_id: RandomId
    event_state: Literal["given"] = "given"
    event_time: UtcSecond
    expires: UtcSecond
    shown_digest: Sha256
    """Of the bytes that were last displayed; equals the subject's."""
    episode: SharedEpisode
    redaction: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,39}$")], Count]
    """Number of masks by kind."""
    review: Review
    notice: SignedNotice
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=8)]
    prohibited_uses: Annotated[tuple[ProhibitedUse, ...], Field(max_length=8)]
    audience: Audience
    receiver: Receiver | SkipJsonSchema[None] = None
    """The hub's terms, which were shown; None in a statement for a folder or a bucket."""
    licence: Spdx
    """Of the contribution."""
    rights: Rights
    requested_by: Requester
    ai_providers: Annotated[tuple[Word, ...], Field(max_length=32)]
    contributor: RandomId
    """Pseudonym of the developer at this audience."""
    repository: RandomId
    """Pseudonym of the workspace at this audience."""
    withdrawal: Withdrawal
    supersedes: RandomId | None = None
    """Record id of the earlier sign-off that this one replaces."""

    @model_validator(mode="after")
    def _has_times_in_order(self) -> Self:
        if parse_time(self.expires) <= parse_time(self.event_time):
            raise ValueError("the statement expires before it was made")
        return self

    @model_validator(mode="after")
    def _names_the_terms_of_a_hub(self) -> Self:
        if names_hub(self.audience) != (self.receiver is not None):
            raise ValueError("a receiver is named exactly where the audience is a hub")
        return self

    @field_validator("receiver", mode="before")
    @classmethod
    def _is_left_out_where_there_is_none(cls, found: object, info: ValidationInfo) -> object:
        if found is None and info.mode == "json":
            raise ValueError("there is a receiver, or no such name")
        return found


class Statement(BaseModel):
    """An in-toto Statement v1 over exactly one episode."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        populate_by_name=False,
        serialize_by_alias=True,
        json_schema_extra={
            "if": {"properties": {"predicateType": {"const": PREDICATE_TYPE_HUB}}},
            "then": {"properties": {"predicate": {"required": ["receiver"]}}},
            "else": {"properties": {"predicate": {"not": {"required": ["receiver"]}}}},
        },
    )

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: Annotated[tuple[Subject, ...], Field(min_length=1, max_length=1)]
    predicate_type: Literal["urn:signoff:episode-signoff:v1", "urn:signoff:episode-signoff:v2"] = (
        Field(alias="predicateType")
    )
    predicate: Predicate

    @model_validator(mode="after")
    def _shows_what_it_signs(self) -> Self:
        if self.predicate.shown_digest != self.sha256:
            raise ValueError("the digest shown is not the digest signed")
        return self

    @model_validator(mode="after")
    def _has_the_version_of_its_predicate(self) -> Self:
        if self.predicate_type != _predicate_type(self.predicate):
            raise ValueError("version 2 of the predicate, and no other, names a receiver")
        return self

    @property
    def sha256(self) -> str:
        """Digest of the episode."""
        return self.subject[0].digest.sha256


def make_statement(sha256: str, predicate: Predicate) -> bytes:
    """Return the exact bytes to sign; version 2 exactly where a receiver is named."""
    subject = Subject(name=f"{sha256}.episode", digest=Digests(sha256=sha256))
    statement = Statement.model_validate(
        {
            "_type": STATEMENT_TYPE,
            "subject": (subject,),
            "predicateType": _predicate_type(predicate),
            "predicate": predicate,
        }
    )
    absent = {"predicate": {"receiver"}} if predicate.receiver is None else None
    return signed_form(statement, leave_out=absent)


def parse_statement(content: bytes) -> Statement:
    """Parse a statement of any version.

    Raises:
        NotSignedError: it is not valid; the message repeats nothing of it.
    """
    if len(content) > MAX_STATEMENT_BYTES:
        raise NotSignedError(
            f"the sign-off has {len(content)} bytes; at most {MAX_STATEMENT_BYTES} are read",
            hint=SIGN_AGAIN,
        )
    refuse_ambiguous_json(content)
    try:
        return Statement.model_validate_json(content)
    except ValidationError as error:
        fault = first_fault(error, _FIELD_NAMES, "the statement")
        raise NotSignedError(f"the sign-off is void: {fault}", hint=SIGN_AGAIN) from None


def statement_sha256(content: bytes) -> str:
    """Return the identifier of a statement: SHA-256 of the signed bytes."""
    return hashlib.sha256(content).hexdigest()


def _predicate_type(predicate: Predicate) -> str:
    return PREDICATE_TYPE if predicate.receiver is None else PREDICATE_TYPE_HUB


_FIELD_NAMES: Final = field_names((*Strict.__subclasses__(), Statement))
