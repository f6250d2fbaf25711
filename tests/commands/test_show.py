"""`signoff show` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.cli import signoff, signoff_each
from tests.support.episodes import ASTRAL, edit, open_episode, sample_episode, sha256, written_apart
from tests.support.leaks import random_secret, windows
from tests.support.typist import Typist

from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.levels.levels import LEVELS_VERSION
from signoff_collector.quality.quality import QUALITY_VERSION
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_schemas.steps import AgentStep, FilesStep
from signoff_schemas.values import DiskFile

pytestmark = pytest.mark.slow


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.episode"
    path.write_bytes(write_episode(sample_episode()))
    return path


def test_the_summary_counts_every_kind(home: Path, sample: Path) -> None:
    said = signoff("show", sample)
    assert said.code == 0, said
    assert "steps    22" in said.out
    assert "  edit        7" in said.out
    assert "  src/app.py" in said.out
    row = json.loads(signoff("show", sample, "--json").out)
    assert row["kinds"]["edit"] == 7
    assert sum(row["kinds"].values()) == 22
    assert not home.exists()


def test_files_that_were_never_edited_are_counted_too(home: Path, tmp_path: Path) -> None:
    typist = Typist()
    typist.open("src/read.py", f"# {ASTRAL}\n")
    text = f"# {ASTRAL}\n"
    written = DiskFile(path="src/by_agent.py", sha256=sha256(text), blob=typist.blob(text.encode()))
    typist.add(FilesStep, changed=(written,))
    path = tmp_path / "read.episode"
    path.write_bytes(write_episode(typist.episode()))
    said = signoff("show", path)
    assert "files    2" in said.out
    assert "  src/by_agent.py" in said.out
    row = json.loads(signoff("show", path, "--json").out)
    assert sorted(row["files"]) == ["src/by_agent.py", "src/read.py"]
    levels = signoff("show", path, "--levels")
    assert "nothing was inserted in an editor" in levels.out
    assert not home.exists()


def test_steps_as_json_are_one_ascii_object_per_line(home: Path, sample: Path) -> None:
    said = signoff("show", sample, "--steps", "--json")
    assert said.out.isascii()
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [row["seq"] for row in rows] == list(range(22))
    assert rows[0]["text"].endswith(ASTRAL)
    assert {row["kind"] for row in rows} >= {"edit", "save", "tests", "git", "gap"}
    assert not home.exists()


def test_recorded_text_cannot_play_tricks_on_the_terminal(home: Path, tmp_path: Path) -> None:
    nasty = "\x1b[2Jgone\r\u202eevil\u200b\n"
    path = tmp_path / "nasty.episode"
    path.write_bytes(write_episode(open_episode("", [edit(1, 0, 0, nasty)])))
    for call in (("show", path, "--steps"), ("replay", path), ("replay", path, "--at", "end")):
        said = signoff(*call)
        assert said.code == 0, said
        assert not set(said.out) & set("\x1b\r\u202e\u200b")
    assert not home.exists()


def test_quality_says_what_was_looked_at_and_blames_nobody(home: Path, sample: Path) -> None:
    said = signoff("show", sample, "--quality")
    assert said.code == 0, said
    assert "nothing is wrong with that" in said.out
    rows = [
        json.loads(line) for line in signoff("show", sample, "--quality", "--json").out.splitlines()
    ]
    assert {row["version"] for row in rows} == {QUALITY_VERSION}
    by_name = {row["measure"]: row for row in rows}
    assert by_name["tests"]["passed"] is True
    assert by_name["benchmarks"] == {
        **dict.fromkeys(("value", "least", "passed")),
        "measure": "benchmarks",
        "version": QUALITY_VERSION,
        "says": by_name["benchmarks"]["says"],
    }
    assert [line.split()[0] for line in said.out.splitlines()] == list(by_name)
    assert not home.exists()


def test_nothing_masked_is_said(home: Path, sample: Path) -> None:
    said = signoff("show", sample, "--redactions")
    assert said.out.strip() == "nothing was masked"
    assert signoff("show", sample, "--redactions", "--json").out == ""
    assert not home.exists()


def test_redactions_say_kind_place_and_way_and_never_the_value(home: Path, tmp_path: Path) -> None:
    known, shaped, own = (random_secret(seed, 26) for seed in (61, 62, 63))
    typist = Typist()
    typist.open("src/app.py", "# 😀🚀\n")
    typist.type_at_end("src/app.py", f"x = 'ghp_{shaped}'\n{known}\n")
    typist.save("src/app.py")
    typist.command(["make"], f"failed for {known}\nREDACTED_VALUE\n")
    typist.add(AgentStep, tool="t", event="tool_result", text=f"found ghp_{shaped}")
    typist.type_at_end("src/app.py", f"# mine: {own}\n")
    policy = RedactionPolicy(exact_values=of_values([known]))
    episode = Redactor(policy).redact_episode(typist.episode())
    path = tmp_path / "masked.episode"
    path.write_bytes(write_episode(episode))
    said = signoff("show", path, "--redactions")
    assert said.code == 0, said
    rows = [
        json.loads(line)
        for line in signoff("show", path, "--redactions", "--json").out.splitlines()
    ]
    secret = next(row for row in rows if row["mask"] == "REDACTED_SECRET_1")
    assert (secret["how"], secret["path"], secret["line"]) == ("exact value", "src/app.py", 3)
    fields = {row["field"] for row in rows if row["mask"] == "REDACTED_TOKEN_1"}
    assert "/text" in fields
    assert {row["how"] for row in rows if row["mask"] == "REDACTED_VALUE"} == {"exact value"}
    assert "src/app.py:2 at step" in said.out
    assert "REDACTED_SECRET_1  SECRET, found by exact value" in said.out
    for row in rows:
        assert set(row) == {"mask", "kind", "how", "step", "path", "line", "field"}
    for value in (known, shaped):
        assert not windows(value) & windows(said.out)
    assert not home.exists()


def test_a_damaged_file_shows_what_is_left_and_ends_with_11(home: Path, sample: Path) -> None:
    data = bytearray(written_apart(sample_episode()))
    entry = next(entry for entry in EpisodeFile(bytes(data)).entries if entry.name == "0/text")
    data[entry.offset + entry.length - 1] ^= 1
    sample.write_bytes(data)
    said = signoff("show", sample)
    assert said.code == 11, said
    assert "header   whole: 22 steps, 1 files" in said.out
    assert "edits    damaged" in said.out
    assert f"col 0/text at byte {entry.offset}" in said.err
    assert not home.exists()


@pytest.mark.parametrize("verb", ["show", "check", "replay", "checkout"])
def test_every_verb_refuses_bad_files_alike(home: Path, tmp_path: Path, verb: str) -> None:
    more = ("--at", "end", tmp_path / "out") if verb == "checkout" else ()
    bad = {"empty": b"", "foreign": b"PK\x03\x04" * 99, "cut": b""}
    bad["cut"] = write_episode(sample_episode())[:-40]
    for name, content in bad.items():
        (tmp_path / f"{name}.episode").write_bytes(content)
    paths = [tmp_path / f"{name}.episode" for name in bad]
    *every, said = signoff_each(((verb, name, *more) for name in (*paths, "last")), cwd=tmp_path)
    for refused in every:
        assert refused.code == 11, refused
        assert "error: " in refused.err
        assert "Traceback" not in refused.err
    assert said.code == 10, said
    assert "hint: " in said.err
    assert not home.exists()


def test_levels_are_told_in_lines_and_as_one_row_per_span(home: Path, sample: Path) -> None:
    said = signoff("show", sample, "--levels")
    assert said.code == 0, said
    assert "bursts   " in said.out
    assert f"fix it {ASTRAL}" in said.out
    assert "still red: a" in said.out
    rows = [
        json.loads(row)
        for row in signoff("show", sample, "--levels", "--json").out.split("\n")[:-1]
    ]
    assert rows[0]["level"] == "levels"
    assert rows[0]["version"] == LEVELS_VERSION
    assert rows[0]["parameters"]["burst_gap_ns"] == 2_500_000_000
    by_level = {str(row["level"]) for row in rows}
    assert {"task", "attempt", "phase", "burst", "red_green", "git", "chapter"} <= by_level
    assert sum(row["edits"] for row in rows if row["level"] == "burst") == 7


def test_levels_play_no_tricks_on_the_terminal(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "nasty.episode"
    typist = Typist()
    typist.begin_task("\x1b[2Jgone\r\u202eevil\u200b")
    typist.open("a\u202e.txt", "")
    typist.type_at_end("a\u202e.txt", "x")
    path.write_bytes(write_episode(typist.episode()))
    said = signoff("show", path, "--levels")
    assert said.code == 0, said
    assert not set(said.out) & set("\x1b\r\u202e\u200b")
