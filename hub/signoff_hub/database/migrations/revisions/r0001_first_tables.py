"""The tables of the first release.

Each is left as it is where it is there already: before there were marks, a hub had them too.
Written by tests/write_hub_revision.py.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915  (one statement per table)
    """Make them."""
    op.create_table(
        "access_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("terms_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "revoked_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grant")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_access_grant_token_hash"),
        "access_grant",
        ["token_hash"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        if_not_exists=True,
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("account", sa.String(length=32), nullable=True),
        sa.Column(
            "received_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_blob_account_size_bytes",
        "blob",
        ["account", "size_bytes"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_blob_not_admitted",
        "blob",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("account IS NOT NULL"),
        sqlite_where=sa.text("account IS NOT NULL"),
        if_not_exists=True,
    )
    op.create_table(
        "challenge",
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("nonce_hash", name=op.f("pk_challenge")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_challenge_expires_at"),
        "challenge",
        ["expires_at"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "dataset_version",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "replaced_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "replaced_leaf", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("successor", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_dataset_version")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_dataset_version_plan"),
        "dataset_version",
        ["plan"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_dataset_version_replaced_leaf"),
        "dataset_version",
        ["replaced_leaf"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "enrolment_code",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_enrolment_code")),
        if_not_exists=True,
    )
    op.create_table(
        "episode",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column(
            "admitted_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("format_version", sa.SmallInteger(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_episode")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_episode_state_sha256", "episode", ["state", "sha256"], unique=False, if_not_exists=True
    )
    op.create_table(
        "job",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column(
            "not_before", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "lease_until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("worker", sa.String(length=32), nullable=True),
        sa.Column("fault", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_job_kind_subject")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_job_state_not_before", "job", ["state", "not_before"], unique=False, if_not_exists=True
    )
    op.create_table(
        "label",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("episode", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_label_episode"), "label", ["episode"], unique=False, if_not_exists=True
    )
    op.create_table(
        "legal_hold",
        sa.Column("episode", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("episode", name=op.f("pk_legal_hold")),
        if_not_exists=True,
    )
    op.create_table(
        "log_head",
        sa.Column(
            "size",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_head")),
        if_not_exists=True,
    )
    op.create_table(
        "log_leaf",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_log_leaf")),
        if_not_exists=True,
    )
    op.create_table(
        "log_opening",
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_log_opening")),
        if_not_exists=True,
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column(
            "published", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_state")),
        if_not_exists=True,
    )
    op.create_table(
        "oidc_draw",
        sa.Column("subject_hmac", sa.String(length=64), nullable=False),
        sa.Column("drawn_on", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("subject_hmac", name=op.f("pk_oidc_draw")),
        if_not_exists=True,
    )
    op.create_table(
        "part",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "received_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("sha256", "account", "n", name=op.f("pk_part")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_part_account_size_bytes",
        "part",
        ["account", "size_bytes"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_part_received_at"), "part", ["received_at"], unique=False, if_not_exists=True
    )
    op.create_table(
        "plan",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("log_size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("became", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_plan")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_plan_token_hash"), "plan", ["token_hash"], unique=False, if_not_exists=True
    )
    op.create_table(
        "plan_asked",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=True),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_asked")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_plan_asked_asked_at"), "plan_asked", ["asked_at"], unique=False, if_not_exists=True
    )
    op.create_index(
        op.f("ix_plan_asked_token_hash"),
        "plan_asked",
        ["token_hash"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "reading",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("access_grant", sa.String(length=32), nullable=False),
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("read_on", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leaf", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint(
            "access_grant",
            "version",
            "read_on",
            name=op.f("uq_reading_access_grant_version_read_on"),
        ),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_reading_dataset"), "reading", ["dataset"], unique=False, if_not_exists=True
    )
    op.create_table(
        "run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=True),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column(
            "registered_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        if_not_exists=True,
    )
    op.create_table(
        "shard",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=120), nullable=False),
        sa.Column(
            "size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", "version", "sha256", name=op.f("pk_shard")),
        if_not_exists=True,
    )
    op.create_index(op.f("ix_shard_sha256"), "shard", ["sha256"], unique=False, if_not_exists=True)
    op.create_table(
        "shard_episode",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("episode", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "name", "version", "shard", "episode", name=op.f("pk_shard_episode")
        ),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_shard_episode_episode"),
        "shard_episode",
        ["episode"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "statistic",
        sa.Column("snapshot", sa.String(length=20), nullable=False),
        sa.Column("cell", sa.String(length=120), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("snapshot", "cell", name=op.f("pk_statistic")),
        if_not_exists=True,
    )
    op.create_table(
        "token",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=True),
        sa.Column("fingerprint", sa.String(length=50), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column(
            "expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "revoked_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_token")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_token_account"), "token", ["account"], unique=False, if_not_exists=True
    )
    op.create_index(
        op.f("ix_token_expires_at"), "token", ["expires_at"], unique=False, if_not_exists=True
    )
    op.create_table(
        "tombstone",
        sa.Column("episode", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=32), nullable=False),
        sa.Column("handle", sa.String(length=64), nullable=False),
        sa.Column(
            "withdrawn_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("because", sa.String(length=10), nullable=False),
        sa.Column("erased_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kept_versions", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("episode", name=op.f("pk_tombstone")),
        if_not_exists=True,
    )
    op.create_index(
        "ix_tombstone_due",
        "tombstone",
        ["episode"],
        unique=False,
        postgresql_where=sa.text("erased_at IS NULL"),
        sqlite_where=sa.text("erased_at IS NULL"),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_tombstone_erased_at"), "tombstone", ["erased_at"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_tombstone_kept",
        "tombstone",
        ["episode"],
        unique=False,
        postgresql_where=sa.text("kept_versions"),
        sqlite_where=sa.text("kept_versions"),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_tombstone_leaf"), "tombstone", ["leaf"], unique=False, if_not_exists=True
    )
    op.create_index(
        op.f("ix_tombstone_withdrawn_at"),
        "tombstone",
        ["withdrawn_at"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "key",
        sa.Column("fingerprint", sa.String(length=50), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column(
            "valid_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("valid_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "revoked_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_key_account")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_key")),
        if_not_exists=True,
    )
    op.create_index(op.f("ix_key_account"), "key", ["account"], unique=False, if_not_exists=True)
    op.create_table(
        "plan_episode",
        sa.Column("plan", sa.String(length=64), nullable=False),
        sa.Column("episode", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["plan.sha256"], name=op.f("fk_plan_episode_plan")),
        sa.PrimaryKeyConstraint("plan", "episode", name=op.f("pk_plan_episode")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_plan_episode_episode"),
        "plan_episode",
        ["episode"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "run_shard",
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("shard_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_run_shard_run")),
        sa.PrimaryKeyConstraint("run", "shard_sha256", name=op.f("pk_run_shard")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_run_shard_shard_sha256"),
        "run_shard",
        ["shard_sha256"],
        unique=False,
        if_not_exists=True,
    )
    op.create_table(
        "sign_off",
        sa.Column("statement", sa.String(length=64), nullable=False),
        sa.Column("episode", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=32), nullable=False),
        sa.Column("contributor", sa.String(length=32), nullable=False),
        sa.Column("repository", sa.String(length=32), nullable=False),
        sa.Column("fingerprint", sa.String(length=50), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("given_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "received_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("licence", sa.String(length=200), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("prohibited", sa.JSON(), nullable=False),
        sa.Column("notice", sa.String(length=40), nullable=False),
        sa.Column("terms_sha256", sa.String(length=64), nullable=False),
        sa.Column("handle", sa.String(length=64), nullable=False),
        sa.Column("supersedes", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("refused_because", sa.String(length=40), nullable=True),
        sa.Column(
            "received_leaf", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("leaf", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kept_versions", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["episode"], ["episode.sha256"], name=op.f("fk_sign_off_episode")),
        sa.PrimaryKeyConstraint("statement", name=op.f("pk_sign_off")),
        sa.UniqueConstraint("record", name=op.f("uq_sign_off_record")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_sign_off_account"), "sign_off", ["account"], unique=False, if_not_exists=True
    )
    op.create_index(
        op.f("ix_sign_off_contributor"),
        "sign_off",
        ["contributor"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_sign_off_episode_state_expires_at",
        "sign_off",
        ["episode", "state", "expires_at"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_sign_off_fingerprint"),
        "sign_off",
        ["fingerprint"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_sign_off_handle"), "sign_off", ["handle"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_sign_off_kept",
        "sign_off",
        ["episode"],
        unique=False,
        postgresql_where=sa.text("kept_versions"),
        sqlite_where=sa.text("kept_versions"),
        if_not_exists=True,
    )
    op.create_index(
        "ix_sign_off_state_expires_at",
        "sign_off",
        ["state", "expires_at"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_sign_off_state_statement",
        "sign_off",
        ["state", "statement"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_sign_off_supersedes"), "sign_off", ["supersedes"], unique=False, if_not_exists=True
    )
    op.create_index(
        "ix_sign_off_terms_sha256_state_received_at",
        "sign_off",
        ["terms_sha256", "state", "received_at"],
        unique=False,
        if_not_exists=True,
    )
    op.create_index(
        "ix_sign_off_unerased",
        "sign_off",
        ["episode"],
        unique=False,
        postgresql_where=sa.text("state IN ('withdrawn', 'expired') AND fingerprint <> ''"),
        sqlite_where=sa.text("state IN ('withdrawn', 'expired') AND fingerprint <> ''"),
        if_not_exists=True,
    )
