"""What a refreshed data set leaves where the old one was: for whoever holds a copy of that one."""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from signoff_schemas.dataset import DatasetName, FileName
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.statement import Count, Sha256, Strict, UtcSecond, Word, refuse_ambiguous_json

NOTICE_TYPE: Final = "urn:signoff:dataset-notice:v1"
WHAT_TO_DO: Final = (
    "Stop using the files under `files` and every row of the episodes under `episodes`, also in"
    " exports made of them, erase them, and fetch the new version. A model trained on them has"
    " seen them: say so where it is described."
)


class ReplacedFile(Strict):
    """A file that the new version has with other bytes, or not at all."""

    path: FileName
    old_sha256: Sha256
    new_sha256: Sha256 | None


class Notice(Strict):
    """Which bytes are to be used no longer. It names no person and tells of none."""

    notice_version: Literal[1] = 1
    type_: Literal["urn:signoff:dataset-notice:v1"] = Field(default=NOTICE_TYPE, alias="type")
    name: DatasetName
    old_version: Annotated[int, Field(ge=1)]
    old_manifest_sha256: Sha256
    new_manifest_sha256: Sha256 | None
    """None where nothing is left of the data set."""
    as_of: UtcSecond
    episodes: tuple[Sha256, ...]
    """That are gone."""
    reasons: dict[Word, Count]
    """How many of them are gone why."""
    files: tuple[ReplacedFile, ...]
    kept_files: Count
    """Files of tables that have the same bytes in both versions."""
    what_to_do: str = WHAT_TO_DO


def encode_notice(notice: Notice) -> bytes:
    """Return the one form of a notice: JSON for people and programs, ASCII, sorted names."""
    data = notice.model_dump(mode="json", by_alias=True)
    return json.dumps(data, ensure_ascii=True, sort_keys=True, indent=1).encode("ascii") + b"\n"


def parse_notice(content: bytes) -> Notice:
    """Parse a notice.

    Raises:
        DamagedError: it is not one in its one form; the message repeats nothing of it.
    """
    try:
        refuse_ambiguous_json(content)
        notice = Notice.model_validate_json(content)
    except (NotSignedError, ValidationError):
        notice = None
    if notice is None or encode_notice(notice) != content:
        raise DamagedError("the notice of a refreshed data set cannot be read")
    return notice
