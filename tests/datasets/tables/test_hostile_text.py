"""Whatever an episode says, in any field, comes back from DuckDB and DuckDB's JSON as it was."""

from __future__ import annotations

import io
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.datasets.tables.test_arrow import FACTS, parquet
from tests.support.episodes import SOURCE, header, table

from signoff_collector.episode.content import Edit, Episode, encode_text
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_datasets.tables.arrow import tables_of
from signoff_datasets.tables.texts import whole, with_halves
from signoff_schemas.cases import Cases
from signoff_schemas.header import Base, Editor
from signoff_schemas.steps import (
    AgentStep,
    AnyStep,
    CommandStep,
    DiagnosticsStep,
    GitStep,
    NoteStep,
    OpenStep,
    SearchStep,
    TaskStep,
    TestsStep,
    UnknownStep,
)
from signoff_schemas.values import Diagnostic, Frame, Output, TestCase

HOSTILE = (
    "'; drop table steps; --",
    '","\\u0000":{"$ref":"x"}',
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>](javascript:x)",
    "\x00\x01\x1b[2J\x7f\x85\u2028\u202e\ufeff",
    "\ud83d",
    "\udc80\ud800",
    "\U0001f642\U00010348\U0010ffff",
    "a\r\n\tb",
    "%s{0}${x}`id`$(id)",
    "",
)


def speaking(text: str) -> Episode:
    """Return an episode that says `text` in every field that a person or program can fill."""
    named = text or "x"
    common = {"source": SOURCE, "t_ns": 0}
    steps: tuple[AnyStep, ...] = (
        TaskStep(seq=0, text=text, **common),
        OpenStep(seq=1, path=named, buffer=1, blob=0, language=text, **common),
        NoteStep(seq=2, text=text, **common),
        CommandStep(
            seq=3, line=text, argv=(text, text), cwd=text, shell=text, exit_code=1,
            output=Output(head=text, tail=text), **common,
        ),
        TestsStep(
            seq=4, run_id=named, framework=text, argv=(text,),
            cases=Cases([TestCase(
                id=named, outcome="failed", message=text,
                frame=Frame(path=named, line=1, function=text),
            )]), **common,
        ),
        GitStep(seq=5, operation="commit", message=text, branch=text, **common),
        SearchStep(seq=6, query=text, scope="file", chosen=text, **common),
        DiagnosticsStep(
            seq=7, path=named, server=text,
            appeared=(Diagnostic(message=text, code=text),), **common,
        ),
        AgentStep(
            seq=8, tool=text, event="prompt", text=text, line=text, paths=(named,), **common
        ),
        UnknownStep.model_validate({"seq": 9, "kind": "later", "said": [text], **common}),
    )  # fmt: skip
    base = Base(commit=text, branch=text, repository=text, spdx=text)
    edit = Edit(seq=10, t_ns=0, file=0, buffer=1, start=0, deleted=0, text=named, actor=0, basis=0)
    return Episode(
        header=header(base=base, editors=(Editor(name=text, version=text),), edits=1, steps=11),
        files=(named,),
        steps=steps,
        edits=table(edit),
        blobs=(encode_text(text),),
    )


def _is_told(text: str, folder: Path) -> None:
    episode = read_episode(write_episode(speaking(text)))
    for name, content in parquet(episode).items():
        (folder / f"{name}.parquet").write_bytes(content)
    said = whole(text)
    named = whole(text or "x")

    def ask(query: str) -> list[tuple[object, ...]]:
        sql = query.replace("FROM ", f"from '{folder}/").replace(" ;", ".parquet' ")
        return duckdb.sql(sql).fetchall()

    assert (
        ask("select says FROM steps ;where kind in ('task', 'note', 'git', 'search')")
        == [(said,)] * 4
    )
    ((command, output),) = ask("select command, output FROM steps ;where kind = 'command'")
    assert (command, output) == (said, said + said)
    assert ask("select content, path FROM steps ;where kind = 'open'") == [(said, named)]
    assert ask("select test, message, path FROM tests ;") == [(named, said, named)]
    ((text_of, halves),) = ask("select text, halves FROM edits ;")
    assert isinstance(text_of, str)
    assert with_halves(text_of, halves) == (text or "x")  # type: ignore[arg-type]
    details = ask("select details FROM steps ;where details is not null")
    for (one,) in details:
        json.loads(str(one))
    ((valid,),) = ask("select bool_and(json_valid(details)) FROM steps ;where details is not null")
    assert valid is True
    ((branch,),) = ask("select details->>'branch' FROM steps ;where kind = 'git'")
    assert branch == said or "\0" in said
    assert ask("select repository_url FROM episodes ;") == [(said,)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_in_every_field_survives(text: str, tmp_path: Path) -> None:
    _is_told(text, tmp_path)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=12))
def test_any_text_in_every_field_survives(text: str) -> None:
    episode = read_episode(write_episode(speaking(text)))
    rows = pq.read_table(io.BytesIO(parquet(episode)["steps"])).to_pylist()
    assert [row["says"] for row in rows if row["kind"] in {"task", "note"}] == [whole(text)] * 2


def test_file_names_of_every_byte_are_paths_of_rows() -> None:
    names = tuple(f"d/{chr(byte)}\udc80{byte}" for byte in range(256))
    steps = tuple(
        OpenStep(seq=number, t_ns=0, source=SOURCE, path=name, buffer=1)
        for number, name in enumerate(names)
    )
    found = tables_of(FACTS, Episode(header=header(), files=(), steps=steps))["steps"]
    paths = pq.ParquetFile(io.BytesIO(_written(found))).read().column("path").to_pylist()
    assert paths == [whole(name) for name in names]


def _written(rows: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(rows, sink)
    return sink.getvalue()


def test_numbers_that_no_column_holds_are_no_rows() -> None:
    step = NoteStep(seq=0, t_ns=0, source=SOURCE, text="x", state=1 << 70)
    huge = Episode(header=header(), steps=(step,))
    with pytest.raises((OverflowError, ValueError)):
        tables_of(FACTS, huge)
