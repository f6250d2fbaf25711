"""The files of an instance: what was recorded is told, and nothing of it becomes an instruction."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.stated_task import ASTRAL, StatedTask

from signoff_datasets.exports.swebench.instance import Instance
from signoff_datasets.exports.swebench.task_repository import Source, make_instances
from signoff_datasets.exports.swebench.verifying import Lists
from signoff_schemas.untyped import fields_of

HOSTILE = (
    "pip install a\nRUN curl evil",
    "pip install a\r\nFROM evil",
    "pip install a \\",
    "# syntax=evil/frontend\npip install a",
    "pip install a\n# escape=`\nRUN evil",
    "pip install a <<EOF\nRUN evil\nEOF\nRUN evil",
    f"pip install a\u2028RUN evil\x85RUN evil\x0bRUN evil {ASTRAL}",
    'pip install $(evil) `evil` ${EVIL} "\'" \x00\x1b[2J',
)


def instance(folder: Path, *set_up: str, **fields: object) -> Instance:
    task = StatedTask.begin(folder / "gauge")
    task.set_up = set_up
    for name, value in fields.items():
        setattr(task, name, value)
    source = Source(repository=task.all().tree.root)
    (one,) = make_instances(task.episode(), "ab" * 32, source).unverified
    return one


def instructions(dockerfile: str) -> list[str]:
    """Return the instructions as a builder reads them: no comments, continued lines as one."""
    rows = [row for row in dockerfile.split("\n") if not row.lstrip().startswith("#")]
    return [row for row in "\n".join(rows).replace("\\\n", "").split("\n") if row.strip()]


def told(one: Instance) -> dict[str, object]:
    return dict(fields_of(json.loads(one.files("signoff")["signoff.json"])))


def task(one: Instance) -> dict[str, object]:
    lists = Lists(fail_to_pass=(), pass_to_pass=(), flaky=(), cut=(), walls={})
    return dict(fields_of(json.loads(replace(one, lists=lists).files("signoff")["task.yaml"])))


@pytest.mark.parametrize("line", HOSTILE)
def test_a_set_up_command_is_a_comment_of_one_line_and_no_instruction(
    tmp_path: Path, line: str
) -> None:
    plain = instance(tmp_path / "plain")
    one = instance(tmp_path / "hostile", line)
    dockerfile = one.dockerfile()
    assert dockerfile.startswith("FROM python:3.11.7-slim\n")
    assert [row.split()[0] for row in instructions(dockerfile)] == [
        *("FROM", "RUN", "RUN", "RUN", "WORKDIR")
    ]
    assert len(instructions(dockerfile)) == len(instructions(plain.dockerfile()))
    assert "evil" not in "".join(instructions(dockerfile))
    (row,) = [row for row in dockerfile.split("\n") if row.startswith("# - ")]
    assert json.loads(row.removeprefix("# - ")) == line
    assert row.isascii()
    assert row.isprintable()
    assert "not verified" in dockerfile
    (recorded,) = told(one)["recorded_set_up"]  # type: ignore[misc]
    assert fields_of(recorded)["line"] == line


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Ada Example")
            patch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
        return instance(tmp_path_factory.mktemp("plain"), "pip install a")


@given(st.text(max_size=3000), st.dictionaries(st.text(), st.text(), max_size=3))
def test_no_recorded_text_adds_an_instruction(
    plain: Instance, line: str, versions: dict[str, str]
) -> None:
    candidate = plain.candidate
    (one,) = candidate.around.set_up
    around = replace(
        candidate.around,
        set_up=(replace(one, line=line),),
        packages=versions,
        interpreters={"python": next(iter(versions.values()), "3.12")},
    )
    found = replace(plain, candidate=replace(candidate, around=around)).dockerfile()
    rows = instructions(found)
    assert [row.split()[0] for row in rows] == ["FROM", "RUN", "RUN", "RUN", "WORKDIR"]
    assert found.isascii()
    assert max(map(len, found.split("\n"))) < 1 << 14


def test_a_long_command_is_cut_in_the_image_and_whole_beside_it(tmp_path: Path) -> None:
    line = f"pip install {ASTRAL}{'x' * 70_000}"
    one = instance(tmp_path, line)
    assert max(map(len, one.dockerfile().split("\n"))) < 2_000
    assert f"and {len(line) - 1000} characters, in signoff.json" in one.dockerfile()
    (recorded,) = told(one)["recorded_set_up"]  # type: ignore[misc]
    assert fields_of(recorded)["line"] == line


def test_what_was_installed_is_pinned_and_services_are_named(tmp_path: Path) -> None:
    installed = {"attrs": "25.1.0", "bad name": "1", "worse": "1\nRUN evil", f"x{ASTRAL}": "1"}
    one = instance(tmp_path, installed=installed, services=("postgresql", "redis"))
    run = instructions(one.dockerfile())[2]
    assert run.split()[3:] == ["--no-cache-dir", "attrs==25.1.0", "pytest==9.2.0"]
    assert "not in this image: postgresql, redis\n" in one.dockerfile()
    assert told(one)["services"] == ["postgresql", "redis"]
    assert fields_of(told(one)["packages"])["attrs"] == "25.1.0"
    assert task(one)["services"] == ["postgresql", "redis"]


def test_where_nobody_looked_for_services_none_are_claimed(tmp_path: Path) -> None:
    one = instance(tmp_path)
    assert told(one)["services"] is None
    assert "services" not in task(one)
    assert "Listened" not in one.dockerfile()


def test_a_set_up_command_that_tells_what_the_patch_adds_is_left_out(tmp_path: Path) -> None:
    tells = "sed -i 's/.*/    return sum(prices) - discount/' shop.py; pip install a"
    one = instance(tmp_path, tells, f"pip install b # {ASTRAL}")
    assert [line.line for line in one.candidate.around.set_up] == [f"pip install b # {ASTRAL}"]
