"""The report says what the results say, and a failed control before anything else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from experiments.worth.__main__ import planned, run
from experiments.worth.data.sessions import read_sessions, write_sessions
from experiments.worth.figures import answers
from experiments.worth.figures.curves import drawn
from experiments.worth.figures.report import report
from tests.experiments.worth.made_sessions import made_session

ASIDE = {"seconds": {"CPU": 1.0}, "differs": {"manifest": "0" * 64}}


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The probe of made sessions, twice, each in a folder of its own."""
    before, answers.CHARACTERS = answers.CHARACTERS, 40_000
    try:
        outs: list[Path] = []
        for number in range(2):
            work = tmp_path_factory.mktemp(f"work-{number}")
            sessions = [
                made_session(1, 250, is_informative=True, name="first"),
                made_session(2, 250, is_informative=True, name="second"),
                made_session(3, 250, is_informative=True, name="day", source="made"),
            ]
            write_sessions(work / "sessions.json", sessions)
            outs.append(run("probe", work, work / "sessions.json", {"bursts": {}}))
    finally:
        answers.CHARACTERS = before
    return outs[0], outs[1]


@pytest.fixture
def results(probed: tuple[Path, Path]) -> dict[str, Any]:
    return json.loads((probed[0] / "results.json").read_bytes())


def test_the_same_run_twice_gives_the_same_results(probed: tuple[Path, Path]) -> None:
    first, second = [(out / "results.json").read_bytes() for out in probed]
    assert first == second


def test_a_run_that_was_ended_goes_on_and_gives_the_same(
    probed: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "CHARACTERS", 40_000)
    work = probed[1].parent
    (folder,) = work.glob("mixture-*")
    files = sorted(folder.glob("*.json"))
    before = {path.name: path.stat().st_mtime_ns for path in files}
    for path in files[::2]:
        path.unlink()
    out = run("probe", work, work / "sessions.json", {"bursts": {}})
    assert (out / "results.json").read_bytes() == (probed[0] / "results.json").read_bytes()
    after = {path.name: path.stat().st_mtime_ns for path in files}
    assert [name for name in before if before[name] == after[name]] == [
        path.name for path in files[1::2]
    ]


def test_other_sessions_do_not_get_the_answers_of_these(probed: tuple[Path, Path]) -> None:
    work = probed[0].parent
    sessions = read_sessions(work / "sessions.json")
    write_sessions(work / "fewer.json", sessions[:1])
    families = [
        answers.family("mixture", "40000", work / name, work)
        for name in ("sessions.json", "fewer.json")
    ]
    assert families[0].folder != families[1].folder
    assert list(families[0].folder.iterdir())
    assert not list(families[1].folder.iterdir())


def test_sessions_are_read_as_they_were_written(tmp_path: Path) -> None:
    sessions = [made_session(1, 30, is_informative=True)]
    write_sessions(tmp_path / "sessions.json", sessions)
    assert read_sessions(tmp_path / "sessions.json") == sessions


def test_figures_of_made_days_stand_apart_and_decide_nothing(
    results: dict[str, Any], probed: tuple[Path, Path]
) -> None:
    assert set(results["verdicts"]) == {"first", "second", "all"}
    assert set(results["families"]["mixture"]) == {"code"}
    assert set(results["after_red"]) == {"made"}
    work = probed[0].parent
    sessions = read_sessions(work / "sessions.json")
    _, runs, _ = planned("quick", work, sessions, work / "sessions.json")
    assert {one.kind for one in runs["mixture"]} == {"code", "made"}
    assert {one.kind for one in runs["transformer"]} == {"code"}


def test_the_probe_decides_nothing_and_says_why(results: dict[str, Any]) -> None:
    assert {one["outcome"] for one in results["verdicts"].values()} == {"undecided"}
    text = report(results, ASIDE)["worth.md"]
    assert "one family of models alone was run" in text or "a control of" in text


def test_a_failed_control_stands_before_every_figure(results: dict[str, Any]) -> None:
    for failed in (True, False):
        told = copy.deepcopy(results)
        for control in told["families"]["mixture"]["code"]["controls"]:
            control["failed"] = failed
        text = report(told, ASIDE)["worth.md"]
        assert ("A control failed" in text) is failed
        if failed:
            assert text.index("A control failed") < text.index("## Verdicts")
            assert "Every figure of that family is void" in text


def test_the_report_names_what_it_was_made_of(results: dict[str, Any]) -> None:
    text = report(results, ASIDE)["worth.md"]
    for named in (results["protocol_sha256"], "0" * 64, "first", "mixture (40000)", "numpy"):
        assert named in text
    for session in ("first", "second"):
        rate = results["families"]["mixture"]["code"]["bits"]["true"][session]
        assert f"{rate:.3f}" in text


def test_every_row_of_a_table_has_as_many_cells_as_its_head(results: dict[str, Any]) -> None:
    width = 0
    for line in report(results, ASIDE)["worth.md"].splitlines():
        cells = line.replace("\\|", "").count("|")
        if not line.startswith("|"):
            width = 0
        elif width:
            assert cells == width, line
        width = width or cells


def test_a_curve_is_a_picture_that_names_its_lines() -> None:
    lines = {"true": [(0.0, 2.0), (1.0, 1.0)], "a < b": [(0.0, 2.5), (1.0, 2.5)]}
    picture = drawn("title & more", "share", "bits", lines)
    root = ET.fromstring(picture)  # noqa: S314
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"title & more", "true", "a < b", "share", "bits"} <= set(texts)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2
    with pytest.raises(ValueError, match="no point"):
        drawn("nothing", "x", "y", {"a": []})
