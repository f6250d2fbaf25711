"""What a data set says of itself: the plan it was built from and the manifest that is signed.

Both are JSON with one exact form (`canonical`): ASCII, sorted names, no spaces, a final newline.
A plan is named by the SHA-256 of that form. docs/datasets.md has the words.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from signoff_schemas.errors import DamagedError, NewerVersionError, NotSignedError
from signoff_schemas.gates import Required, in_order, without_empty
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
    parse_time,
    refuse_ambiguous_json,
)
from signoff_schemas.untyped import fields_of

PLAN_VERSION: Final = 1
MANIFEST_VERSION: Final = 1
MANIFEST_TYPE: Final = "urn:signoff:dataset:v1"
MAX_BYTES: Final = 1 << 30
"""Of a plan or a manifest; a plan of a million episodes takes about half."""
DEFAULT_K: Final = 10
"""Fewest contributors of a shard."""
MOST_SHARE: Final = 0.2
"""Largest part of a shard's episodes that one contributor may have, where k is above 1."""

Split = Literal["train", "validation", "test"]
TableName = Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,79}$"
DatasetName = Annotated[str, Field(pattern=NAME_PATTERN)]
_PART: Final = r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*"
FileName = Annotated[str, Field(max_length=200, pattern=rf"^{_PART}(/{_PART})*$")]
"""Path inside the data set, with `/`; no part is empty or begins with a dot."""


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
    log_size: Annotated[int, Field(ge=0, lt=1 << 53)] | None = None
    """Of the hub's log when the plan was drawn: its signed head of that size says which admissions
    and endings were known. None: drawn without a hub."""
    splits: dict[Split, Count]
    """Parts of a thousand."""
    by_time: bool = False
    """Whether each split is later than the one before."""
    shard_bytes: Annotated[int, Field(ge=1, lt=1 << 40)]
    """Episodes of a shard together, about."""
    gates: Required = ()
    """Gates of quality that each episode passes (docs/quality.md); not written where there are
    none, so that plans of before gates keep their bytes."""

    @model_validator(mode="after")
    def _is_as_of_a_time(self) -> Self:
        parse_time(self.as_of)
        in_order(self.gates)
        return self

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        return without_empty(self, write)


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
    name: DatasetName
    """Of the data set."""
    request: Request
    salt: RandomId
    """Of the pseudonyms; stands in the plan alone, never in a data set."""
    episodes: tuple[PlannedEpisode, ...]
    shards: tuple[PlannedShard, ...]
    left_out: dict[Word, Count]
    """Reason to number of episodes."""
    versions: dict[Word, ShortText]
    """Of what decides the bytes: signoff, levels, tables, pyarrow; a worker with others refuses."""

    @model_validator(mode="after")
    def _has_each_episode_once(self) -> Self:
        digests = [one.sha256 for one in self.episodes]
        names = [one.name for one in self.shards]
        planned = [digest for one in self.shards for digest in one.episodes]
        if digests != sorted(set(digests)) or names != sorted(set(names)):
            raise ValueError("episodes or shards are not in order, each once")
        if sorted(planned) != digests:
            raise ValueError("the shards do not hold each episode once")
        for one in self.shards:
            if list(one.episodes) != sorted(one.episodes) or not one.episodes:
                raise ValueError("the episodes of a shard are not in order")
            if one.name.partition("-")[0] != one.split:
                raise ValueError("a shard is not named after its split")
        return self


class BuiltFile(Strict):
    """One file of a data set."""

    path: FileName
    sha256: Sha256
    size_bytes: Count
    rows: Count
    shard: str
    table: TableName


class Proof(Strict):
    """A signed file of `proofs/` and its signature: every byte of both is named."""

    sha256: Sha256
    signature_sha256: Sha256


class ManifestEpisode(Strict):
    """One episode of a data set: what a row that names it can be traced to."""

    sha256: Sha256
    statement: Proof
    receipt: Proof | None = None
    """The receiver's, for this statement; a store holds at most one."""
    shard: str
    licence: Spdx
    repository_licence: Spdx
    expires: UtcSecond


class SetAsideEpisode(Strict):
    """One episode that the plan holds and the data set does not."""

    sha256: Sha256
    reason: Word
    """`unreadable`, `killed-its-worker`, or a reason of planning that followed from these."""


class Manifest(Strict):
    """What was built, of what, by what; its exact bytes are signed by the builder."""

    manifest_version: Literal[1] = MANIFEST_VERSION
    type_: Literal["urn:signoff:dataset:v1"] = Field(default=MANIFEST_TYPE, alias="type")
    name: DatasetName
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
    set_aside: tuple[SetAsideEpisode, ...] = ()
    """Episodes that the plan holds and the build could not read."""
    versions: dict[Word, ShortText]


def canonical(value: Strict) -> bytes:
    """Return the one JSON form of a plan, a manifest, or what lies beside an export."""
    data = value.model_dump(mode="json", by_alias=True)
    text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def digest_of(value: DatasetPlan | Manifest) -> str:
    """Return the name of a plan or a manifest: SHA-256 of its one form."""
    return hashlib.sha256(canonical(value)).hexdigest()


def parse_plan(content: bytes) -> DatasetPlan:
    """Parse a plan.

    Raises:
        NewerVersionError: a newer release wrote it.
        DamagedError: it is not one in its one form; the message repeats nothing of it.
    """
    _refuse_other_form(content, "the plan", version="plan_version", newest=PLAN_VERSION)
    return _exact(DatasetPlan, content, "the plan")


def parse_manifest(content: bytes) -> Manifest:
    """Parse a manifest.

    Raises:
        NewerVersionError: a newer release wrote it.
        DamagedError: it is not one in its one form; the message repeats nothing of it.
    """
    _refuse_other_form(content, "the manifest", version="manifest_version", newest=MANIFEST_VERSION)
    return _exact(Manifest, content, "the manifest")


def _refuse_other_form(content: bytes, what: str, *, version: str, newest: int) -> None:
    if len(content) > MAX_BYTES:
        raise DamagedError(f"{what} has {len(content)} bytes; at most {MAX_BYTES} are read")
    try:
        refuse_ambiguous_json(content)
    except NotSignedError:
        raise DamagedError(f"{what} is not JSON in UTF-8 with every name given once") from None
    fields = fields_of(json.loads(content))
    found = fields.get(version)
    if type(found) is int and found > newest:
        raise NewerVersionError(what, found=found, newest_known=newest)


_Model = TypeVar("_Model", DatasetPlan, Manifest)


def _exact(model: type[_Model], content: bytes, what: str) -> _Model:
    try:
        value = model.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        names = [str(part) for part in fault["loc"][:1] if str(part) in model.model_fields]
        place = f" at {names[0]}" if names else ""
        raise DamagedError(
            f"{what} is not valid{place}: {fault['type']}",
            hint=f"Name {what} as `signoff dataset` wrote it; this was edited, or is another file.",
        ) from None
    if canonical(value) != content:
        raise DamagedError(f"{what} is not in its one form: ASCII, sorted names, no spaces")
    return value
