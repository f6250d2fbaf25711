"""What is counted of each episode, read from the tables of a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_datasets.cards.figures import Contribution
from signoff_schemas.errors import DamagedError
from signoff_schemas.untyped import fields_of, items_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_schemas.dataset import Manifest


def contributions(folder: Path, manifest: Manifest) -> Iterator[Contribution]:
    """Yield one for each row of the table of episodes.

    Raises:
        DamagedError: a file is not what the manifest says.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for file in manifest.files:
        if file.table != "episodes":
            continue
        try:
            rows = pq.read_table(folder / file.path, columns=["contributor", "languages"])
        except (pa.ArrowException, OSError, ValueError) as error:
            raise DamagedError(
                f"{file.path} cannot be read: {type(error).__name__}",
                hint="`signoff dataset verify` says what is wrong with the data set.",
            ) from error
        for row in map(fields_of, rows.to_pylist()):
            names = items_of(row.get("languages"))
            yield Contribution(
                contributor=str(row.get("contributor")),
                languages=tuple(name for name in names if isinstance(name, str)),
            )
