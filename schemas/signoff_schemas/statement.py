"""A sign-off: the statement that a developer signs over one episode.

An in-toto Statement v1 whose predicate states what was shown, the purposes, the
audience and the terms (docs/sign_off.md; field names follow ISO/IEC TS 27560). The
signed bytes are the statement; they are never serialised again from the parsed
value. Parsing is strict: a duplicate name, an unknown name, or a value of the
wrong type makes the statement void.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from signoff_schemas.errors import NotSignedError
from signoff_schemas.words import Owner

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:signoff:episode-signoff:v1"
EPISODE_MEDIA_TYPE: Final = "application/vnd.signoff.episode"
MAX_STATEMENT_BYTES: Final = 1 << 20
_VOID_HINT: Final = "Have the episode signed again: `signoff sign EPISODE --to AUDIENCE`."

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""Lower-case hexadecimal SHA-256."""
RandomId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""128 random or keyed bits in lower-case hexadecimal."""
Count = Annotated[int, Field(ge=0, lt=1 << 53)]
"""A count below 2**53, which every JSON reader holds exactly."""
UtcSecond = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
]
"""A time in UTC to the second, RFC 3339."""
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
"""A short name from a list, never free text."""
ShortText = Annotated[str, Field(pattern=r"^[ -~]{1,80}$")]
"""Printable ASCII, such as a version."""
_LICENCE_ID: Final = r"\(*[A-Za-z0-9][A-Za-z0-9.+-]*\)*"
Spdx = Annotated[
    str,
    Field(max_length=200, pattern=rf"^{_LICENCE_ID}( (AND|OR|WITH) {_LICENCE_ID})*$"),
]
"""An SPDX licence expression, or NOASSERTION."""
Audience = Annotated[
    str, Field(min_length=8, max_length=2000, pattern=r"^(file|s3|s3\+http)://[!-~]*$")
]
"""Where the episode may go, in canonical form (docs/sign_off.md, Audience)."""


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


class Strict(BaseModel):
    """Base of all parts: frozen, no unknown names, no conversions, silent about inputs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


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
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
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


class Statement(BaseModel):
    """An in-toto Statement v1 over exactly one episode."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        populate_by_name=False,
        serialize_by_alias=True,
    )

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: Annotated[tuple[Subject, ...], Field(min_length=1, max_length=1)]
    predicate_type: Literal["urn:signoff:episode-signoff:v1"] = Field(alias="predicateType")
    predicate: Predicate

    @model_validator(mode="after")
    def _shows_what_it_signs(self) -> Self:
        if self.predicate.shown_digest != self.sha256:
            raise ValueError("the digest shown is not the digest signed")
        return self

    @property
    def sha256(self) -> str:
        """Digest of the episode."""
        return self.subject[0].digest.sha256


def make_statement(sha256: str, predicate: Predicate) -> bytes:
    """Return the exact bytes to sign: ASCII JSON, one value per line, final newline."""
    subject = Subject(name=f"{sha256}.episode", digest=Digests(sha256=sha256))
    statement = Statement.model_validate(
        {
            "_type": STATEMENT_TYPE,
            "subject": (subject,),
            "predicateType": PREDICATE_TYPE,
            "predicate": predicate,
        }
    )
    text = json.dumps(statement.model_dump(mode="json"), ensure_ascii=True, indent=1)
    return text.encode("ascii") + b"\n"


def parse_statement(content: bytes) -> Statement:
    """Parse a statement.

    Raises:
        NotSignedError: it is not valid; the message repeats nothing of it.
    """
    if len(content) > MAX_STATEMENT_BYTES:
        raise NotSignedError(
            f"the sign-off has {len(content)} bytes; at most {MAX_STATEMENT_BYTES} are read",
            hint=_VOID_HINT,
        )
    refuse_ambiguous_json(content)
    try:
        return Statement.model_validate_json(content)
    except ValidationError as error:
        raise NotSignedError(
            f"the sign-off is void: {_first_fault(error)}", hint=_VOID_HINT
        ) from None


def refuse_ambiguous_json(content: bytes) -> None:
    """Refuse bytes that two JSON readers might understand differently.

    Raises:
        NotSignedError: not UTF-8, not JSON, a duplicate name, NaN, or nested too deep.
    """
    try:
        json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_unique_names,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        raise NotSignedError(
            "the sign-off is void: it is not JSON in UTF-8 with every name given once",
            hint=_VOID_HINT,
        ) from None


def statement_sha256(content: bytes) -> str:
    """Return the identifier of a statement: SHA-256 of the signed bytes."""
    return hashlib.sha256(content).hexdigest()


def parse_time(text: str) -> datetime:
    """Parse a `UtcSecond`.

    Raises:
        ValueError: it is not a valid date.
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def format_time(moment: datetime) -> str:
    """Format a time as a `UtcSecond`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unique_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _first_fault(error: ValidationError) -> str:
    """Describe the first fault; names come from the schema, never from the input."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if fault["type"] == "extra_forbidden":
        return "it has a name that the schema does not know"
    place = ".".join(part for part in map(str, fault["loc"]) if part in _FIELD_NAMES)
    return f"{place or 'the statement'}: {fault['msg']}"


_MODELS: Final[tuple[type[BaseModel], ...]] = (*Strict.__subclasses__(), Statement)
_FIELD_NAMES: Final = frozenset(
    name for model in _MODELS for name in (*model.model_fields, "_type", "predicateType")
)
"""Names that an error message may contain: those of the schema."""
