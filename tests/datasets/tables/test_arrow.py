"""An episode as rows: each recorded step is in them, and they say no more than was signed."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from tests.datasets.actions.test_trace import episode_of
from tests.support.datasets import shared_episode, words
from tests.support.episodes import episodes, jumping_episode, later_episode, sample_episode

from signoff_collector.episode.content import Episode
from signoff_collector.levels.levels import levels_of
from signoff_datasets.tables.arrow import SCHEMAS, tables_of
from signoff_datasets.tables.columns import COLUMNS
from signoff_datasets.tables.facts import Facts
from signoff_datasets.tables.parquet import ParquetTable
from signoff_datasets.tables.texts import with_halves
from signoff_schemas.dataset import PlannedEpisode, PlannedShard
from signoff_schemas.errors import DamagedError
from signoff_schemas.header import Imported
from signoff_schemas.statement import Purpose

SHA = words("an episode", 64)
FACTS = Facts(
    planned=PlannedEpisode(
        sha256=SHA,
        statement_sha256=words("a statement", 64),
        size_bytes=5,
        contributor=words("somebody"),
        repository=words("something"),
        licence="MIT",
        repository_licence="NOASSERTION",
        prohibited_uses=(),
        purposes=(Purpose.MODEL_TRAINING,),
        expires="2027-11-20T12:00:00Z",
    ),
    shard=PlannedShard(name="train-00000", split="train", episodes=(SHA,)),
)
Row = dict[str, object]


def parquet(episode: Episode) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for table, rows in tables_of(FACTS, episode).items():
        file = ParquetTable(table)
        file.add(rows)
        found[table] = file.content()
    return found


def rows_of(episode: Episode) -> dict[str, list[Row]]:
    return {
        table: pq.read_table(io.BytesIO(content)).to_pylist()
        for table, content in parquet(episode).items()
    }


def can_be_told(episode: Episode) -> bool:
    try:
        levels_of(episode)
    except DamagedError:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(episodes())
def test_every_step_is_in_one_row_and_every_edit_in_the_rows_of_its_table(
    episode: Episode,
) -> None:
    if not can_be_told(episode):
        return
    found = rows_of(episode)
    others = [row["seq_first"] for row in found["steps"] if row["kind"] != "edit"]
    assert others == [step.seq for step in episode.steps]
    assert [row["step"] for row in found["steps"]] == list(range(len(found["steps"])))
    edits = list(episode.edits.edits())
    told = [
        (row["seq"], row["start"], row["deleted"], with_halves(str(row["text"]), row["halves"]))
        for row in found["edits"]
    ]
    assert told == [(one.seq, one.start, one.deleted, one.text) for one in edits]
    bursts = [row for row in found["steps"] if row["kind"] == "edit"]
    by_burst = [row["burst"] for row in found["edits"]]
    assert sum(int(str(row["edits"])) for row in bursts) == len(edits)
    for row in bursts:
        own = [one for one, burst in zip(edits, by_burst, strict=True) if burst == row["burst"]]
        assert len(own) == row["edits"]
        assert (own[0].seq, own[-1].seq) == (row["seq_first"], row["seq_last"])


@pytest.mark.parametrize("made", [sample_episode, jumping_episode, later_episode])
def test_the_same_episode_gives_the_same_bytes(made: object) -> None:
    assert callable(made)
    assert parquet(made()) == parquet(made())


def test_columns_are_typed_once_and_each_says_what_it_is() -> None:
    for table, columns in COLUMNS.items():
        assert [one.name for one in columns] == SCHEMAS[table].names
        assert all(one.what for one in columns)
        schema = pq.read_schema(io.BytesIO(parquet(sample_episode())[table]))
        assert schema == SCHEMAS[table]
        assert schema.metadata is None


def test_the_words_of_the_person_are_the_persons_and_no_others() -> None:
    rows: list[dict[str, object]] = [
        {"kind": "note", "seq": 0, "text": "\U0001f642\U00010348"},
        {"kind": "task", "seq": 1, "text": "x", "origin": "issue"},
    ]
    own, imported = episode_of(rows), episode_of(rows, imported=Imported(format="asciicast"))
    assert [one["author"] for one in rows_of(own)["steps"]] == ["typed", "unknown"]
    assert [one["author"] for one in rows_of(imported)["steps"]] == ["unknown", "unknown"]


def test_no_time_is_finer_than_was_signed() -> None:
    sample = sample_episode()
    for resolution, unit in (("1s", 1000), ("100ms", 100)):
        header = sample.header.model_copy(update={"time_resolution": resolution})
        found = rows_of(replace(sample, header=header))
        times = [
            value
            for name in ("episodes", "steps", "edits", "tests")
            for row in found[name]
            for column, value in row.items()
            if column.endswith("_ms") and value is not None
        ]
        assert any(times)
        assert all(int(str(value)) % unit == 0 for value in times)
    header = sample.header.model_copy(update={"time_resolution": "none"})
    found = rows_of(replace(sample, header=header))
    named = {
        (column, value)
        for rows in found.values()
        for row in rows
        for column, value in row.items()
        if column.endswith("_ms")
    }
    assert {value for _, value in named} == {None}
    assert "_ns" not in json.dumps(found)


def test_nothing_names_session_or_workspace() -> None:
    sample = shared_episode(7)
    header = sample.header.model_copy(update={"session": "s-hidden", "workspace": "w-hidden"})
    said = json.dumps(rows_of(replace(sample, header=header)))
    assert "hidden" not in said


def test_an_episode_of_no_steps_is_one_row() -> None:
    empty = Episode(header=sample_episode().header)
    found = rows_of(empty)
    assert [len(found[table]) for table in ("episodes", "steps", "edits", "tests")] == [1, 0, 0, 0]
