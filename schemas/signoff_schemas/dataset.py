"""What a data set says of itself: the plan it was built from and the manifest that is signed.

Both are JSON with one exact form (`canonical`): ASCII, sorted names, no spaces, a final newline.
A plan is named by the SHA-256 of that form. docs/datasets.md has the words.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Final, Literal

from pydantic import Field

from signoff_schemas.statement import (
    Count,
    ProhibitedUse,
    Purpose,
    RandomId,
    Sha256,
    ShortText,
    Spdx,
    Strict,
    UtcSecond,
    Word,
)

PLAN_VERSION: Final = 1
MANIFEST_VERSION: Final = 1
MANIFEST_TYPE: Final = "urn:signoff:dataset:v1"
DEFAULT_K: Final = 10
"""Fewest contributors of a shard."""
MOST_SHARE: Final = 0.2
"""Largest part of a shard's episodes that one contributor may have, where k is above 1."""

Split = Literal["train", "validation", "test"]
TableName = Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._/-]{0,199}$")]
"""Path inside the data set, with `/`; never leads out of it, see `verifying`."""


class Request(Strict):
    """What a data set is for, and which episodes were asked for."""

    purpose: Purpose
    prohibited_uses: tuple[ProhibitedUse, ...] = ()
    """Uses that whoever receives it promises not to make; an episode that prohibits more is left
    out."""
    licences: ShortText
    """Name of the licence policy (docs/dataset_rules.md)."""
    k: Annotated[int, Field(ge=1, lt=1 << 20)] = DEFAULT_K
    as_of: UtcSecond
    """What had expired or was withdrawn by then is not in it."""
    splits: dict[Split, Count]
    """Parts of a thousand."""
    shard_bytes: Count
    """Episodes of a shard together, about."""


class PlannedEpisode(Strict):
    """One episode of a plan, and what holds for it."""

    sha256: Sha256
    statement_sha256: Sha256
    size_bytes: Count
    contributor: RandomId
    """HMAC of the plan's salt: the same person has another one in every other data set."""
    repository: RandomId
    licence: Spdx
    """Of the contribution."""
    repository_licence: Spdx
    prohibited_uses: tuple[ProhibitedUse, ...]
    purposes: tuple[Purpose, ...]
    expires: UtcSecond


class PlannedShard(Strict):
    """Episodes that are built together, into one file of each table."""

    name: Annotated[str, Field(pattern=r"^(train|validation|test)-[0-9]{5}$")]
    split: Split
    episodes: tuple[Sha256, ...]
    """In order of their digests."""


class DatasetPlan(Strict):
    """Everything that decides the bytes of a data set."""

    plan_version: Literal[1] = PLAN_VERSION
    request: Request
    salt: RandomId
    """Of the pseudonyms; stands in the plan alone, never in a data set."""
    episodes: tuple[PlannedEpisode, ...]
    shards: tuple[PlannedShard, ...]
    left_out: dict[Word, Count]
    """Reason to number of episodes."""
    versions: dict[Word, ShortText]
    """Of what decides the bytes: signoff, levels, tables, pyarrow; a worker with others refuses."""


class BuiltFile(Strict):
    """One file of a data set."""

    path: FileName
    sha256: Sha256
    size_bytes: Count
    rows: Count
    shard: str
    table: TableName


class ManifestEpisode(Strict):
    """One episode of a data set: what a row that names it can be traced to."""

    sha256: Sha256
    statement_sha256: Sha256
    receipts: tuple[Sha256, ...] = ()
    shard: str
    licence: Spdx
    repository_licence: Spdx
    expires: UtcSecond


class Manifest(Strict):
    """What was built, of what, by what; its exact bytes are signed by the builder."""

    manifest_version: Literal[1] = MANIFEST_VERSION
    type_: Literal["urn:signoff:dataset:v1"] = Field(default=MANIFEST_TYPE, alias="type")
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
    version: Annotated[int, Field(ge=1)]
    previous: Sha256 | None = None
    """Of the manifest that this one replaces."""
    plan_sha256: Sha256
    purposes: tuple[Purpose, ...]
    """Those that every episode allows."""
    prohibited_uses: tuple[ProhibitedUse, ...]
    """Those that any episode prohibits."""
    request: Request
    files: tuple[BuiltFile, ...]
    episodes: tuple[ManifestEpisode, ...]
    left_out: dict[Word, Count]
    set_aside: dict[Word, Count] = Field(default={})
    """Episodes that the plan holds and the build could not read, by reason."""
    versions: dict[Word, ShortText]


def canonical(value: DatasetPlan | Manifest) -> bytes:
    """Return the one JSON form of a plan or a manifest."""
    data = value.model_dump(mode="json", by_alias=True)
    text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def digest_of(value: DatasetPlan | Manifest) -> str:
    """Return the name of a plan or a manifest: SHA-256 of its one form."""
    return hashlib.sha256(canonical(value)).hexdigest()
