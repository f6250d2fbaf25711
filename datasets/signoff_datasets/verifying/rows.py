"""Whether the rows of every file are of the episodes that the manifest names for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from signoff_datasets.planning.cutting import fits_counts
from signoff_datasets.tables.arrow import SCHEMAS
from signoff_datasets.verifying.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signoff_schemas.dataset import BuiltFile, Manifest, ManifestEpisode

_TOLD: Final = (
    "episode",
    "statement",
    "split",
    "shard",
    "licence",
    "repository_licence",
    "expires",
)


def row_findings(folder: Path, manifest: Manifest, tell: Callable[[], None]) -> Iterator[Finding]:
    """Yield each file whose rows are other than the manifest says; one row group is held."""
    by_shard: dict[str, dict[str, ManifestEpisode]] = {}
    for one in manifest.episodes:
        by_shard.setdefault(one.shard, {})[one.sha256] = one
    shards = {file.shard for file in manifest.files}
    for shard in sorted(by_shard.keys() - shards):
        yield Finding(weight="not-proven", where=shard, what="the shard has no files")
    for shard in sorted(shards):
        tables = sorted(file.table for file in manifest.files if file.shard == shard)
        if tables != sorted(SCHEMAS):
            yield Finding(
                weight="not-proven", where=shard, what="it has not one file of each table"
            )
    for file in manifest.files:
        tell()
        try:
            yield from _of_file(folder, manifest, file, by_shard.get(file.shard, {}))
        except FileNotFoundError:
            continue  # said with the files
        except (pa.ArrowException, OSError, ValueError) as error:
            what = f"it is not a Parquet file that can be read: {type(error).__name__}"
            yield Finding(weight="damaged", where=file.path, what=what)


def _of_file(
    folder: Path, manifest: Manifest, file: BuiltFile, episodes: dict[str, ManifestEpisode]
) -> Iterator[Finding]:
    if file.path != f"{file.table}/{file.shard}.parquet" or file.table not in SCHEMAS:
        yield Finding(weight="not-proven", where=file.path, what="it is not where its name says")
        return
    opened = pq.ParquetFile(folder / file.path)
    if opened.schema_arrow != SCHEMAS[file.table]:
        yield Finding(weight="not-proven", where=file.path, what="its columns are others")
        return
    counts: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for group in range(opened.num_row_groups):
        columns = [*_TOLD, "contributor"] if file.table == "episodes" else ["episode"]
        read = opened.read_row_group(group, columns=columns)
        found = read.column("episode").value_counts()
        for value in found.to_pylist():
            counts[str(value["values"])] += int(value["counts"])
        if file.table == "episodes":
            for row in read.to_pylist():
                people[str(row["contributor"])] += 1
                yield from _labels(manifest, file, row, episodes.get(str(row["episode"])))
    for digest in sorted(counts.keys() - episodes.keys()):
        what = f"{counts[digest]} rows are of {digest[:16]}…, which the manifest does not name here"
        yield Finding(weight="not-proven", where=file.path, what=what)
    if counts.total() != file.rows:
        what = f"it has {counts.total()} rows, the manifest says {file.rows}"
        yield Finding(weight="not-proven", where=file.path, what=what)
    if file.table == "episodes":
        if counts != Counter(episodes.keys()):
            what = "its rows are not one for each episode of the shard"
            yield Finding(weight="not-proven", where=file.path, what=what)
        if not fits_counts(people, manifest.request.k):
            what = "it holds too few contributors, or too much of one"
            yield Finding(weight="not-proven", where=file.path, what=what)


def _labels(
    manifest: Manifest, file: BuiltFile, row: dict[str, object], one: ManifestEpisode | None
) -> Iterator[Finding]:
    if one is None:
        return
    said = (
        one.sha256,
        one.statement.sha256,
        file.shard.partition("-")[0],
        file.shard,
        one.licence,
        one.repository_licence,
        one.expires,
    )
    for name, here in zip(_TOLD, said, strict=True):
        if row[name] != here:
            what = f"its row says another {name} than the manifest"
            yield Finding(weight="not-proven", where=one.sha256, what=what)
