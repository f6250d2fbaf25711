"""Faults: what a hub says no with, each with a stable code that programs rely on.

A code says what is wrong, never how it is answered: `api` alone knows statuses of HTTP, and a
refused sign-off keeps nothing but its code.
"""

from __future__ import annotations

from enum import StrEnum

from signoff_schemas.errors import ReceiverRefusedError


class FaultCode(StrEnum):
    """Every reason, in the order in which an upload may meet them."""

    # the request
    BAD_REQUEST = "bad_request"
    NOT_FOUND = "not_found"
    RATE_LIMIT = "rate_limit"

    # who asks
    NO_TOKEN = "no_token"  # noqa: S105  (a word, no secret)
    SCOPE = "scope"
    BAD_NONCE = "bad_nonce"
    UNKNOWN_KEY = "unknown_key"
    REVOKED_KEY = "revoked_key"
    NOT_MEMBER = "not_member"
    CODE_USED = "code_used"
    ACCOUNT_CLOSED = "account_closed"

    # bytes
    LENGTH_NEEDED = "length_needed"
    TOO_LARGE = "too_large"
    DIGEST_MISMATCH = "digest_mismatch"
    QUOTA = "quota"
    DISK_FULL = "disk_full"
    AWAY = "away"
    """Database or store do not answer."""

    # a sign-off, as it comes
    VOID = "void"
    """Not a statement as docs/sign_off.md has it."""
    BAD_SIGNATURE = "bad_signature"
    AUDIENCE = "audience"
    TERMS = "terms"
    """Signed under no terms, or under others than this hub ever had."""
    PURPOSE = "purpose"
    NOTICE = "notice"
    EXPIRED = "expired"
    FUTURE = "future"
    SUBJECT = "subject"
    """Signed were other bytes than came."""
    NO_BLOB = "no_blob"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    SUPERSEDES = "supersedes"
    """It replaces a sign-off that is not its signer's."""
    RECORD = "record"
    """Another statement has its record id."""

    # an episode, as it is read
    DAMAGED = "damaged"
    NEWER_VERSION = "newer_version"
    IMPORTED = "imported"
    UNMASKED = "unmasked"
    NOT_REVIEWED = "not_reviewed"
    CONTENT = "content"
    """The statement tells of it what it is not."""
    REPLAY = "replay"
    LIMITS = "limits"
    """It needs more memory than a reader has."""
    POISONED = "poisoned"
    """Who read it died of it, twice."""

    # taking back
    PROOF = "proof"
    LEGAL_HOLD = "legal_hold"

    # what is made of it
    K = "k"
    """Too few contributors share for it."""
    STALE = "stale"
    """An episode of the plan is gone since it was drawn."""
    STOPPED = "stopped"
    OTHER_VERSIONS = "other_versions"
    """The plan was drawn by another release, which would make other bytes of it."""
    GRANT = "grant"
    REPLACED = "replaced"


class HubFault(ReceiverRefusedError):  # noqa: N818  (the word of docs/hub)
    """The hub says no.

    Attributes:
        code: the reason, for programs.
        detail: the fact, for people; repeats nothing of the input.
        newer: of `replaced`, the version to use instead.
    """

    def __init__(
        self, code: FaultCode, detail: str, *, hint: str | None = None, newer: int | None = None
    ) -> None:
        super().__init__(detail, hint=hint)
        self.code = code
        self.detail = detail
        self.newer = newer
