"""The tables of a hub (docs/hub/tables.md says what each is for).

Digests and pseudonyms are lower-case hexadecimal, times are whole seconds since 1970 in UTC. No
table holds a name, an address of a person, a path, or a byte of an episode. Nothing here is
grouped by contributor, key or repository outside the planner's k check (docs/refusals.md).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    text,
)

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_Big: Final = BigInteger().with_variant(Integer, "sqlite")
_Digest: Final = String(64)
_Random: Final = String(32)

# What a sweep looks for, by indexes of these rows alone: it costs by what is due, not by what is
# here.
NOT_ADMITTED: Final = text("account IS NOT NULL")
"""Of a blob."""
UNERASED: Final = text("state IN ('withdrawn', 'expired') AND fingerprint <> ''")
"""Of a sign-off that ended, and of which something is here."""
DUE: Final = text("erased_at IS NULL")
"""Of a tombstone."""
KEPT: Final = text("kept_versions")
"""Of a tombstone, or of a sign-off that ended alone: the store keeps old versions of objects."""


def _some(name: str, column: str, which: TextClause) -> Index:
    """Return an index of some rows."""
    return Index(name, column, postgresql_where=which, sqlite_where=which)


# --- who may ask -------------------------------------------------------------------------------

ENROLMENT_CODE: Final = Table(
    "enrolment_code",
    METADATA,
    Column("hash", _Digest, primary_key=True),  # SHA-256 of the code
    Column("batch", _Random, nullable=False),
    Column("used", Boolean, nullable=False, default=False),
)
OIDC_DRAW: Final = Table(
    "oidc_draw",  # that somebody drew a code, not which
    METADATA,
    Column("subject_hmac", _Digest, primary_key=True),
    Column("drawn_on", _Big, nullable=False),  # the day
)
ACCOUNT: Final = Table(
    "account",
    METADATA,
    Column("id", _Random, primary_key=True),
    Column("state", String(10), nullable=False),  # active, closed
)
KEY: Final = Table(
    "key",
    METADATA,
    Column("fingerprint", String(50), primary_key=True),  # SHA256:…
    Column("account", ForeignKey("account.id"), nullable=False, index=True),
    Column("public_key", Text, nullable=False),  # one OpenSSH line without a comment
    Column("valid_from", _Big, nullable=False),
    Column("valid_to", _Big),
    Column("revoked_at", _Big),
)
CHALLENGE: Final = Table(
    "challenge",
    METADATA,
    Column("nonce_hash", _Digest, primary_key=True),
    Column("expires_at", _Big, nullable=False, index=True),
)
TOKEN: Final = Table(
    "token",
    METADATA,
    Column("hash", _Digest, primary_key=True),
    Column("account", _Random, index=True),  # None: an operator's API token
    Column("fingerprint", String(50)),  # of the key that signed in
    Column("name", String(60)),  # of an API token, as its maker called it
    Column("scopes", JSON, nullable=False),  # sorted list of words
    Column("expires_at", _Big, nullable=False, index=True),
    Column("revoked_at", _Big),
)
GRANT: Final = Table(
    "access_grant",
    METADATA,
    Column("id", _Random, primary_key=True),
    Column("token_hash", _Digest, nullable=False, index=True),
    Column("dataset", String(80), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("terms_sha256", _Digest, nullable=False),
    Column("expires_at", _Big, nullable=False),
    Column("revoked_at", _Big),
)

# --- what was received -------------------------------------------------------------------------

BLOB: Final = Table(
    "blob",  # bytes that came, signed or not yet
    METADATA,
    Column("sha256", _Digest, primary_key=True),
    Column("size_bytes", _Big, nullable=False),
    Column("account", _Random),  # whose quota it counts against, until it is admitted
    Column("received_at", _Big, nullable=False),
    _some("ix_blob_not_admitted", "received_at", NOT_ADMITTED),
    Index("ix_blob_account_size_bytes", "account", "size_bytes"),  # a quota reads nothing else
)
PART: Final = Table(
    "part",  # of bytes that come in parts; gone when they are whole, or after a day
    METADATA,
    Column("sha256", _Digest, primary_key=True),
    Column("account", _Random, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("size_bytes", _Big, nullable=False),
    Column("received_at", _Big, nullable=False, index=True),
    Index("ix_part_account_size_bytes", "account", "size_bytes"),  # a quota reads nothing else
)
EPISODE: Final = Table(
    "episode",
    METADATA,
    Column("sha256", _Digest, primary_key=True),
    Column("size_bytes", _Big, nullable=False),
    Column("state", String(10), nullable=False),  # received, admitted, refused, withdrawn, expired
    Column("admitted_at", _Big),
    Column("format_version", SmallInteger),
    Column("facts", JSON),  # of an admitted episode: step counts, languages; no text of it
    Index("ix_episode_state_sha256", "state", "sha256"),
)
SIGN_OFF: Final = Table(
    "sign_off",
    METADATA,
    Column("statement", _Digest, primary_key=True),  # SHA-256 of the signed bytes
    Column("episode", ForeignKey("episode.sha256"), nullable=False),
    Column("record", _Random, nullable=False, unique=True),
    Column("contributor", _Random, nullable=False, index=True),
    Column("repository", _Random, nullable=False),
    Column("fingerprint", String(50), nullable=False, index=True),
    Column("account", _Random, nullable=False, index=True),
    Column("given_at", _Big, nullable=False),
    Column("expires_at", _Big, nullable=False),
    Column("received_at", _Big, nullable=False),
    Column("licence", String(200), nullable=False),
    Column("purposes", JSON, nullable=False),
    Column("prohibited", JSON, nullable=False),
    Column("notice", String(40), nullable=False),
    Column("terms_sha256", _Digest, nullable=False),
    Column("handle", _Digest, nullable=False, index=True),
    Column("supersedes", _Random, index=True),
    Column("state", String(10), nullable=False),
    # received, admitted, refused, superseded, withdrawn, expired
    Column("refused_because", String(40)),  # a stable code, never text of the input
    Column("received_leaf", _Big),  # in the log, so that its opening can be erased
    Column("leaf", _Big),  # of its admission
    Column("kept_versions", Boolean, nullable=False, default=False),
    Column("ended_at", _Big),  # when it was taken back, or over
    Index("ix_sign_off_state_statement", "state", "statement"),
    Index("ix_sign_off_state_expires_at", "state", "expires_at"),
    # a plan's page of what is held now reads nothing else
    Index("ix_sign_off_episode_state_expires_at", "episode", "state", "expires_at"),
    Index("ix_sign_off_terms_sha256_state_received_at", "terms_sha256", "state", "received_at"),
    _some("ix_sign_off_unerased", "episode", UNERASED),
    _some("ix_sign_off_kept", "episode", KEPT),
)
TOMBSTONE: Final = Table(
    "tombstone",
    METADATA,
    Column("episode", _Digest, primary_key=True),
    Column("record", _Random, nullable=False),
    Column("handle", _Digest, nullable=False),
    Column("withdrawn_at", _Big, nullable=False, index=True),
    Column("because", String(10), nullable=False),  # withdrawn, expired, ordered
    Column("erased_at", _Big, index=True),  # when the last byte was gone
    Column("kept_versions", Boolean, nullable=False, default=False),
    Column("content", LargeBinary, nullable=False),  # its exact bytes; of an expired one none
    Column("leaf", _Big, nullable=False, index=True),  # in the log: the feed's order
    _some("ix_tombstone_due", "episode", DUE),
    _some("ix_tombstone_kept", "episode", KEPT),
)
LEGAL_HOLD: Final = Table(
    "legal_hold",
    METADATA,
    Column("episode", _Digest, primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("until", _Big, nullable=False),
)

# --- what was made of it -----------------------------------------------------------------------

PLAN: Final = Table(
    "plan",
    METADATA,
    Column("sha256", _Digest, primary_key=True),  # of its bytes
    Column("name", String(80), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("token_hash", _Digest, nullable=False, index=True),  # of the builder who asked
    Column("log_size", _Big, nullable=False),  # of the log when it was drawn
    Column("made_at", _Big, nullable=False),
    Column("became", _Digest),  # the plan that is built instead: this one without what ended
)
PLAN_ASKED: Final = Table(
    "plan_asked",  # that a builder asked for a plan, and what came of it; for a day
    METADATA,
    Column("id", _Digest, primary_key=True),  # random
    Column("token_hash", _Digest, nullable=False, index=True),
    Column("request", Text, nullable=False),  # JSON, as docs/hub/openapi.json has it
    Column("asked_at", _Big, nullable=False, index=True),
    Column("plan", _Digest),  # once it is drawn
    Column("fault", String(40)),  # a stable code, once it is refused
)
PLAN_EPISODE: Final = Table(
    "plan_episode",
    METADATA,
    Column("plan", ForeignKey("plan.sha256"), primary_key=True),
    Column("episode", _Digest, primary_key=True, index=True),
)
DATASET_VERSION: Final = Table(
    "dataset_version",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("plan", _Digest, nullable=False, index=True),
    Column("manifest_sha256", _Digest),
    Column("purpose", String(40), nullable=False),
    Column("state", String(10), nullable=False),  # building, ready, replaced, erased, failed
    Column("made_at", _Big, nullable=False),
    Column("replaced_at", _Big),
    Column("replaced_leaf", _Big, index=True),  # in the log: the feed's order
    Column("successor", Integer),  # the version that replaces it, from when its making began
    Column("fault", String(40)),  # of one that failed: a stable code
)
SHARD: Final = Table(
    "shard",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sha256", _Digest, primary_key=True, index=True),
    Column("file", String(120), nullable=False),
    Column("size_bytes", _Big, nullable=False),
)
SHARD_EPISODE: Final = Table(
    "shard_episode",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("shard", Integer, primary_key=True),  # ordinal in the plan
    Column("episode", _Digest, primary_key=True, index=True),
    Column("statement", _Digest, nullable=False),
)
RUN: Final = Table(
    "run",
    METADATA,
    Column("id", _Random, primary_key=True),
    Column("token_hash", _Digest, nullable=False),
    Column("model_sha256", _Digest),
    Column("manifest", JSON, nullable=False),  # shards, order seed, code digest
    Column("registered_at", _Big, nullable=False),
)
RUN_SHARD: Final = Table(
    "run_shard",
    METADATA,
    Column("run", ForeignKey("run.id"), primary_key=True),
    Column("shard_sha256", _Digest, primary_key=True, index=True),
)
READING: Final = Table(
    "reading",  # that an episode was read under a grant: its contributor sees it
    METADATA,
    Column("id", _Big, primary_key=True, autoincrement=True),
    Column("access_grant", _Random, nullable=False),
    Column("dataset", String(80), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("read_on", _Big, nullable=False),  # the second at which the day began
    Column("leaf", _Big, nullable=False),
    UniqueConstraint("access_grant", "version", "read_on"),
)
LABEL: Final = Table(
    "label",
    METADATA,
    Column("id", _Digest, primary_key=True),  # SHA-256 of the label set's bytes
    Column("episode", _Digest, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# --- how it works ------------------------------------------------------------------------------

JOB: Final = Table(
    "job",
    METADATA,
    Column("id", _Big, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),  # admit, erase, sweep, draw, build, refresh, …
    Column("subject", String(100), nullable=False),
    Column(
        "state", String(10), nullable=False
    ),  # waiting, running, failed; one that is done is gone
    Column("tries", SmallInteger, nullable=False, default=0),
    Column("not_before", _Big, nullable=False),
    Column("lease_until", _Big),
    Column("worker", _Random),
    Column("fault", String(60)),  # a stable code
    UniqueConstraint("kind", "subject"),
    Index("ix_job_state_not_before", "state", "not_before"),
)
LOG_STATE: Final = Table(
    "log_state",  # one row: the compact range of the tree
    METADATA,
    Column("id", SmallInteger, primary_key=True),
    Column("size", _Big, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    Column("published", _Big, nullable=False, default=0),  # size whose tiles are all objects
)
LOG_LEAF: Final = Table(
    "log_leaf",
    METADATA,
    Column("n", _Big, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),  # the commitment: SHA-256(salt || entry)
)
LOG_OPENING: Final = Table(
    "log_opening",  # may be erased: the tree stays valid
    METADATA,
    Column("n", _Big, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary(32), nullable=False),
    Column("entry", LargeBinary, nullable=False),
)
LOG_HEAD: Final = Table(
    "log_head",
    METADATA,
    Column("size", _Big, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),  # the head's exact bytes
    Column("signature", LargeBinary, nullable=False),
    Column("published", Boolean, nullable=False, default=False),  # whether it is an object too
)
STATISTIC: Final = Table(
    "statistic",
    METADATA,
    Column("snapshot", String(20), primary_key=True),
    Column("cell", String(120), primary_key=True),
    Column("value", _Big),  # a multiple of ten; None: suppressed
)
