"""Editing traces and made days become signed episodes, a data set, and sessions of its rows."""

from __future__ import annotations

import random
import shutil
import string
from dataclasses import dataclass
from pathlib import Path

import pytest
from experiments.worth.data.building import build_own, build_recorded, left_out_of, signoff
from experiments.worth.data.playing import EDITOR
from experiments.worth.data.reading import (
    Read,
    is_but_for_masks,
    masked_share,
    read_data_set,
)
from experiments.worth.data.recording import Recorded, Work, record
from experiments.worth.data.replaying import replay, table_of
from experiments.worth.data.traces import read_traces
from experiments.worth.data.unmasked import read_unmasked
from experiments.worth.examples import LONGEST, SHORTEST, Session
from tests.experiments.worth.made_traces import Made, make_trace, typed_trace
from tests.support.redoing import FORMS

from signoff_collector.consent.sign_off_files import read_sign_off
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.imports.editing_trace import SOURCE
from signoff_schemas.errors import ChildFailedError
from signoff_schemas.statement import parse_statement

pytestmark = pytest.mark.slow

SEEDS = range(4100, 4106)
LONG = "over-a-month"
KEY = "ghp_" + "".join(random.Random(4201).choices(string.ascii_letters + string.digits, k=36))  # noqa: S311
KEYED = "with-a-key"


@dataclass(frozen=True)
class Run:
    work: Work
    folder: Path
    made: dict[str, Made]
    recorded: list[Recorded]
    dataset: Path
    read: Read


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("traces")
    made = {f"made-trace-{seed}": make_trace(seed) for seed in SEEDS}
    made[LONG] = make_trace(4200, count=40, days=70)
    made[KEYED] = typed_trace(f"one = load()\ntoken = '{KEY}'\nprint(one, token)\n")
    for name, trace in made.items():
        trace.write(folder, name)
    work = Work(folder=tmp_path_factory.mktemp("work"))
    recorded = record(work, traces=folder, made=[7])
    dataset = build_recorded(work, recorded)
    return Run(work, folder, made, recorded, dataset, read_data_set(dataset, recorded))


def session_of(run: Run, name: str) -> Session:
    (found,) = [one for one in run.read.sessions if one.name == name]
    return found


def test_texts_built_of_the_rows_are_those_of_the_traces(run: Run) -> None:
    paths = {one.name: one.path for one in read_traces(run.folder)}
    for name, trace in run.made.items():
        text = run.read.texts[name][paths[name]]
        assert is_but_for_masks(text, trace.end), name
        assert (text == trace.end) is (name != KEYED)
    assert run.read.checked >= len(run.made)


def test_each_edit_begins_with_the_text_that_the_one_before_left(run: Run) -> None:
    for name, trace in run.made.items():
        if name == KEYED:
            continue
        text = trace.start
        edits = session_of(run, name).edits
        for edit in edits:
            assert text == edit.before + edit.removed + edit.behind, name
            assert edit.line == edit.before.count("\n")
            assert edit.lines == text.count("\n") + 1
            text = edit.before + edit.inserted + edit.behind
        assert edits
        assert text == trace.end
        assert [*run.read.texts[name].values()] == [trace.end]


def test_every_burst_is_counted_once(run: Run) -> None:
    for session in run.read.sessions:
        counts = dict(run.read.counts[session.name])
        assert sum(counts.values()) == 2 * counts["bursts"]
        examples = [one for one in session.edits if one.why_no_example is None]
        assert counts["examples"] == len(examples)
        assert all(SHORTEST <= len(one.inserted) <= LONGEST for one in examples)
        assert len(session.edits) == counts["bursts"] - counts.get("no change", 0)


def test_a_trace_tells_no_author_no_view_and_who_played_it(run: Run) -> None:
    for one in run.recorded:
        header = read_episode(one.path.read_bytes()).header
        if one.source == "trace":
            assert [editor.name for editor in header.editors] == [EDITOR]
            assert SOURCE not in header.sources
            (seen,) = [at for at in header.observability if at.source == "bridge:1"]
            assert {seen.view, seen.tests, seen.git, seen.reasons} == {"none"}
            edits = session_of(run, one.name).edits
            assert {edit.author for edit in edits} == {"unknown"}
            assert not any(edit.views for edit in edits)


def test_the_times_are_those_of_the_trace(run: Run) -> None:
    (one,) = [one for one in run.recorded if one.name == "made-trace-4100"]
    episode = read_episode(one.path.read_bytes())
    first = run.made[one.name].txns[0]["time"]
    assert episode.header.captured_on == str(first)[:10]
    (trace,) = [one for one in read_traces(run.folder) if one.name == "made-trace-4100"]
    changed = [(t_ns, one) for t_ns, of in trace.parts[0] for one in of if one[1] or one[2]]
    began = episode.header.started_wall_ns
    assert began is not None
    assert [(int(at) + began) // 10**6 for at in episode.edits.t_ns] == [
        t_ns // 10**6 for t_ns, _ in changed
    ]


def test_a_long_trace_is_one_session_of_several_parts(run: Run) -> None:
    parts = [one.part for one in run.recorded if one.name == LONG]
    assert parts == list(range(len(parts)))
    assert len(parts) > 2
    assert [one.name for one in run.read.sessions].count(LONG) == 1


def test_a_made_day_tells_authors_views_and_tests(run: Run) -> None:
    day = session_of(run, "made-7")
    assert day.source == "made"
    assert day.is_code
    assert {one.author for one in day.edits} > {"typed"}
    assert any(one.views for one in day.edits)
    kinds = {one.kind for one in day.actions}
    assert kinds >= {"edit test", "edit code", "view", "test run", "git"}
    assert {one.is_red for one in day.actions if one.kind == "test run"} == {True, False}


def test_the_sign_offs_say_that_nobody_looked(run: Run) -> None:
    for one in run.recorded:
        told = parse_statement(read_sign_off(one.path).statement).predicate
        assert told.review.files_seen == 0
        assert told.audience == (run.work.folder / "nowhere").resolve().as_uri()
    assert not (run.work.folder / "nowhere").exists()


def test_the_data_set_is_proven_and_nobody_else_vouches_for_it(run: Run, tmp_path: Path) -> None:
    home = str(run.work.folder / "home")
    assert left_out_of(run.dataset) == {}
    signoff("dataset", "verify", str(run.dataset), SIGNOFF_HOME=home)
    asked = ("--purpose", "model-training", "--k", "1", "-o", str(tmp_path / "plan.json"))
    with pytest.raises(ChildFailedError) as refused:
        signoff(
            *("dataset", "plan", "--from", str(run.work.episodes), *asked),
            SIGNOFF_HOME=str(tmp_path / "other"),
        )
    assert any("unknown-key" in line for line in refused.value.details)


def test_a_burst_with_a_mask_is_no_example(run: Run) -> None:
    masked = session_of(run, KEYED)
    assert [one.why_no_example for one in masked.edits] == [None, "masked", None]
    assert not any(KEY in path.read_text("latin-1") for path in run.dataset.rglob("*.parquet"))
    (whole,) = [one for one in read_traces(run.folder) if one.name == KEYED]
    read = read_unmasked(whole)
    (plain,) = read.sessions
    assert [one.why_no_example for one in plain.edits] == [None, None, None]
    assert KEY in whole.end
    assert [*read.texts[plain.name].values()] == [whole.end]
    gone, told = masked_share(masked, plain)
    assert (gone, told) == (len(KEY), len(whole.end))


def test_without_masks_the_same_trace_gives_the_same_edits(run: Run) -> None:
    name = f"made-trace-{SEEDS[0]}"
    (trace,) = [one for one in read_traces(run.folder) if one.name == name]
    (plain,) = read_unmasked(trace).sessions
    assert [(one.before, one.inserted) for one in plain.edits] == [
        (one.before, one.inserted) for one in session_of(run, name).edits
    ]


def test_episodes_of_a_reader_come_by_their_own_home(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = run.recorded[-1]
    own = tmp_path / "own"
    own.mkdir()
    for path in one.path.parent.glob(f"{one.path.stem}.*"):
        shutil.copyfile(path, own / path.name)
    other = Work(folder=tmp_path / "other-work")
    with pytest.raises(ChildFailedError):
        build_own(other, own)
    monkeypatch.setenv("SIGNOFF_HOME", str(run.work.folder / "home"))
    (session,) = read_data_set(build_own(other, own)).sessions
    assert (session.name, session.source) == (one.sha256[:12], "own")
    assert session.edits == session_of(run, one.name).edits


def test_what_is_exported_is_done_again(run: Run) -> None:
    rows = list(replay(run.work, run.dataset, run.recorded))
    assert all(one.redone.is_whole for one in rows)
    assert {one.redone.form for one in rows} == set(FORMS)
    assert len(rows) == len(run.recorded) * len(FORMS)
    for one in rows:
        is_told = one.source == "made" or one.redone.form != "chat"
        assert (one.redone.exported > 0) is is_told
    lines = table_of(rows).splitlines()
    assert len(lines) == 2 + len(FORMS) * len(run.read.sessions)


@pytest.mark.parametrize(
    ("text", "original", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("x REDACTED_KEY_1 y", "x secret y", True),
        ("x REDACTED_KEY_1 y", "x secret z", False),
        ("REDACTED_KEY_1, REDACTED_KEY_2.", "one, two.", True),
        ("REDACTED_KEY_1, REDACTED_KEY_2.", "one and two.", False),
        ("ab REDACTED_KEY_1 ba", "ab ba", False),
    ],
)
def test_two_texts_that_differ_by_masks(text: str, original: str, expected: bool) -> None:
    assert is_but_for_masks(text, original) is expected


def test_a_second_run_makes_nothing_anew(run: Run) -> None:
    said: list[str] = []
    before = {path: path.stat().st_mtime_ns for path in run.work.episodes.iterdir()}
    again = record(run.work, traces=run.folder, made=[7], tell=said.append)
    assert again == run.recorded
    assert said == []
    assert {path: path.stat().st_mtime_ns for path in run.work.episodes.iterdir()} == before
    assert build_recorded(run.work, again) == run.dataset
