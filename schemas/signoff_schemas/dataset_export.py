"""What lies beside the files of an exported data set, `export.json`: what they are, and of what."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from signoff_schemas.dataset import DatasetName, canonical
from signoff_schemas.errors import DamagedError, NotSignedError
from signoff_schemas.statement import Count, Sha256, Strict, Word, refuse_ambiguous_json

EXPORT_TYPE: Final = "urn:signoff:dataset-export:v1"


class ExportedFile(Strict):
    """One file: the records of one episode."""

    path: Annotated[str, Field(pattern=r"^(train|validation|test)/[0-9a-f]{64}\.(jsonl?|tar)$")]
    """Split, digest of the episode, ending of the format."""
    sha256: Sha256
    size_bytes: Count
    records: Count
    episode: Sha256
    statement: Sha256
    """Under which it is here."""


class DatasetExport(Strict):
    """An exported data set. It says nothing of when: the same data set gives the same bytes."""

    type_: Literal["urn:signoff:dataset-export:v1"] = Field(default=EXPORT_TYPE, alias="type")
    format: Word
    export_version: Annotated[int, Field(ge=1)]
    """Of the format."""
    name: DatasetName
    """Of the data set."""
    version: Annotated[int, Field(ge=1)]
    """Of the data set."""
    manifest_sha256: Sha256
    files: tuple[ExportedFile, ...]
    """In order of their paths."""
    left_out: dict[Word, tuple[Sha256, ...]]
    """Reason to the episodes of the data set that are not here."""

    @property
    def episodes(self) -> set[str]:
        """Every episode of the data set that was exported."""
        return {one.episode for one in self.files}.union(*self.left_out.values())


def parse_export(content: bytes) -> DatasetExport:
    """Parse an `export.json`.

    Raises:
        DamagedError: it is not one in its one form; the message repeats nothing of it.
    """
    try:
        refuse_ambiguous_json(content)
        found = DatasetExport.model_validate_json(content)
    except (NotSignedError, ValidationError):
        found = None
    if found is None or canonical(found) != content:
        raise DamagedError("what an exported data set says of itself cannot be read")
    return found
