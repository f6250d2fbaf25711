"""Files of every released version are read for ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.json_form import step_rows
from signoff_collector.episode.moments.moments import Moments

GOLDEN = Path(__file__).resolve().parents[3] / "golden"
FILES = sorted(GOLDEN.glob("version_*/*.episode"))


def test_there_are_golden_files() -> None:
    assert {path.parent.name for path in FILES} == {"version_1"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_golden_file_reads_as_ever(path: Path) -> None:
    episode = read_episode(path)
    rows = [json.dumps(row) for row in step_rows(episode)]
    assert rows == path.with_suffix(".steps.jsonl").read_text().splitlines()
    tree = Moments(episode).tree(episode.step_count)
    texts = {name: text for name, text in tree.items() if isinstance(text, str)}
    assert texts == json.loads(path.with_suffix(".end.json").read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_golden_file_is_canonical_whatever_zstd_is_here(path: Path) -> None:
    strict_check(path.read_bytes())
