"""Label Studio's code accepts what `signoff label --export` wrote, and refuses what is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.test_exports import outside
from tests.support.cli import signoff
from tests.support.labels import WORDS, put_day

pytestmark = pytest.mark.exports
Json = dict[str, Any]


@pytest.fixture
def exported(home: Path, tmp_path: Path) -> Path:
    """Return an export with every kind of label, and with proposals."""
    path = put_day(tmp_path / "work")
    for words in (
        ("--set", "judgement=mistake", "--at", "step:20"),
        ("--set", "difficulty=4", "--at", "step:20"),
        ("--set", f"intent={WORDS}", "--at", "step:20", "--to", "step:300"),
        ("--set", "phase=patch", "--at", "step:0", "--to", "step:2000"),
        ("--export", "label-studio", "-o", tmp_path / "out"),
    ):
        said = signoff("label", path, *words, cwd=tmp_path)
        assert said.code == 0, said
    return tmp_path / "out"


def errors_of(folder: Path) -> list[str]:
    (row,) = outside("label_studio", "check_label_studio.py", folder)
    errors: list[str] = row["errors"]
    return errors


def test_label_studio_accepts_configuration_annotations_and_predictions(exported: Path) -> None:
    (row,) = outside("label_studio", "check_label_studio.py", exported)
    assert row["errors"] == []
    (task,) = json.loads((exported / "tasks.json").read_bytes())
    held = [task["annotations"][0], task["predictions"][0]]
    assert row["regions"] == sum(len(one["result"]) for one in held)
    assert len(task["annotations"][0]["result"]) == 5  # words stand beside their region


def _region(task: Json, kind: str = "annotations") -> Json:
    region: Json = task[kind][0]["result"][0]
    return region


BROKEN: dict[str, Callable[[Json], object]] = {
    "no steps": lambda one: one["data"].pop("steps"),
    "another control": lambda one: _region(one).update(from_name="other"),
    "another object": lambda one: _region(one).update(to_name="other"),
    "another type": lambda one: _region(one).update(type="choices"),
    "a value that is none": lambda one: _region(one)["value"].update(paragraphlabels=["fine"]),
    "no value": lambda one: _region(one, "predictions").pop("value"),
    "no result": lambda one: one["annotations"][0].pop("result"),
    "a score above one": lambda one: one["predictions"][0].update(score=60),
    "beyond the last paragraph": lambda one: _region(one)["value"].update(end="99999"),
    "beyond the text": lambda one: _region(one)["value"].update(endOffset=1 << 20),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_broken_is_refused(exported: Path, how: str) -> None:
    path = exported / "tasks.json"
    rows = json.loads(path.read_bytes())
    BROKEN[how](rows[0])
    path.write_text(json.dumps(rows))
    assert errors_of(exported)


def test_a_configuration_that_names_nothing_is_refused(exported: Path) -> None:
    path = exported / "config.xml"
    path.write_text(path.read_text("utf-8").replace('toName="steps"', 'toName="other"', 1), "utf-8")
    assert errors_of(exported)
