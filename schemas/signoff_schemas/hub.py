"""The terms of a hub: who it is, what it promises, and with which key it signs.

A hub publishes one JSON document and a signature of its own key over exactly those bytes
(SSHSIG, namespace `signoff-terms-v1`); their SHA-256 names the terms in every statement that
was signed under them. Read as strictly as a statement.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError, model_validator

from signoff_schemas.errors import NotSignedError
from signoff_schemas.receiver import (
    Controller,
    Jurisdiction,
    LawfulBasis,
    Receiver,
    RetentionDays,
)
from signoff_schemas.statement import ProhibitedUse, Purpose
from signoff_schemas.strict import (
    HubAudience,
    Language,
    Strict,
    UtcSecond,
    Word,
    field_names,
    first_fault,
    parse_time,
    refuse_ambiguous_json,
    signed_form,
)

NO_JURISDICTION: Final = "ZZ"
"""Of no country; ISO 3166-1 leaves it to its users."""
MAX_TERMS_BYTES: Final = 256 << 10
"""20,000 characters of text take at most 240,000 bytes in JSON."""
_HINT: Final = "Tell whoever runs the hub; nothing is signed under terms that are void."


class Limits(Strict):
    """What the hub takes at most."""

    max_episode_bytes: Annotated[int, Field(ge=1, lt=1 << 53)]


class HubTerms(Strict):
    """What a hub binds itself to."""

    terms_version: Annotated[int, Field(ge=1, le=1)]
    receiver: HubAudience
    """Its own address: terms of one hub are none of another's."""
    controller: Controller
    jurisdiction: Jurisdiction
    lawful_basis: LawfulBasis
    retention_days: RetentionDays
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=8)]
    """For which it takes episodes; a contributor chooses among them."""
    prohibited_uses: Annotated[tuple[ProhibitedUse, ...], Field(max_length=8)]
    """To which it binds itself."""
    notices: Annotated[tuple[Word, ...], Field(min_length=1, max_length=64)]
    """Versions of Signoff's notice under which it takes sign-offs."""
    limits: Limits
    language: Language
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    """What a person reads before signing: printable characters and line feeds."""
    receipt_key: Annotated[str, Field(max_length=4_096, pattern=r"^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$")]
    """The hub's key as OpenSSH writes it, without a comment: signs terms, receipts and heads."""
    receipt_key_fingerprint: Annotated[str, Field(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]
    valid_from: UtcSecond

    @model_validator(mode="after")
    def _names_one_key(self) -> Self:
        key_type, _, body = self.receipt_key.partition(" ")
        try:
            wire = base64.b64decode(body, validate=True)
        except binascii.Error:
            raise ValueError("the key is not base64") from None
        name = key_type.encode()
        if wire[: 4 + len(name)] != len(name).to_bytes(4, "big") + name:
            raise ValueError("the key is not of the type that stands before it")
        if base64.b64encode(wire).decode() != body:
            raise ValueError("the key is spelt in another way than OpenSSH's")
        digest = base64.b64encode(hashlib.sha256(wire).digest()).rstrip(b"=").decode()
        if self.receipt_key_fingerprint != f"SHA256:{digest}":
            raise ValueError("the fingerprint is not the key's")
        return self

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        for listed in (self.purposes, self.prohibited_uses, self.notices):
            if len(set(listed)) != len(listed):
                raise ValueError("something is listed twice")
        return self

    @model_validator(mode="after")
    def _can_be_read_as_it_is_shown(self) -> Self:
        if not all(line.isprintable() for line in self.text.split("\n")):
            raise ValueError("the text holds characters that nobody sees")
        return self

    @model_validator(mode="after")
    def _has_a_date(self) -> Self:
        parse_time(self.valid_from)
        return self


def make_terms(terms: HubTerms) -> bytes:
    """Return the exact bytes that the hub signs and publishes."""
    return signed_form(terms)


def parse_terms(content: bytes) -> HubTerms:
    """Parse the terms of a hub; whether they are signed is another question.

    Raises:
        NotSignedError: they are void; the message repeats nothing of them.
    """
    if len(content) > MAX_TERMS_BYTES:
        raise NotSignedError(
            f"the hub's terms have {len(content)} bytes; at most {MAX_TERMS_BYTES} are read",
            hint=_HINT,
        )
    refuse_ambiguous_json(content, what="the document with the hub's terms", hint=_HINT)
    try:
        return HubTerms.model_validate_json(content)
    except ValidationError as error:
        fault = first_fault(error, _FIELD_NAMES, "the terms")
        raise NotSignedError(f"the hub's terms are void: {fault}", hint=_HINT) from None


def terms_sha256(content: bytes) -> str:
    """Return the identifier of terms: SHA-256 of the exact signed bytes."""
    return hashlib.sha256(content).hexdigest()


def told_law(jurisdiction: str) -> str:
    """Return whose law applies, for people."""
    return "not said" if jurisdiction == NO_JURISDICTION else jurisdiction


def receiver_of(content: bytes) -> Receiver:
    """Return the block that a statement signed under these terms holds.

    Raises:
        NotSignedError: they are void.
    """
    terms = parse_terms(content)
    return Receiver(
        terms_sha256=terms_sha256(content),
        controller=terms.controller,
        jurisdiction=terms.jurisdiction,
        lawful_basis=terms.lawful_basis,
        retention_days=terms.retention_days,
    )


_FIELD_NAMES: Final = field_names((HubTerms, Limits))
