"""The real SWE-bench accepts a task repository of ours, and refuses each broken one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.support.stated_task import ASTRAL, RED, StatedTask

from signoff_datasets.exports.swebench.base_clone import BaseClone
from signoff_datasets.exports.swebench.instance import Instance
from signoff_datasets.exports.swebench.shutting_in import Cell
from signoff_datasets.exports.swebench.task_repository import (
    Source,
    make_instances,
    write_task_repository,
)

pytestmark = pytest.mark.exports

PLACE = Path(os.environ.get("SIGNOFF_E2E_SWEBENCH", "~/.cache/signoff-e2e/swebench")).expanduser()
SHA = "cd" * 32
COLUMNS = {
    *("repo", "instance_id", "base_commit", "patch", "test_patch", "problem_statement"),
    *("hints_text", "created_at", "version", "FAIL_TO_PASS", "PASS_TO_PASS"),
    "environment_setup_commit",
}
GRADE = """
import json, sys
from swebench.harness.grading import get_eval_tests_report, get_logs_eval, get_resolution_status
from swebench.harness.utils import make_test_spec
spec = make_test_spec(json.load(open(sys.argv[1])))
found, is_applied = get_logs_eval(spec, sys.argv[2])
wanted = {"FAIL_TO_PASS": spec.FAIL_TO_PASS, "PASS_TO_PASS": spec.PASS_TO_PASS}
print(is_applied, get_resolution_status(get_eval_tests_report(found, wanted)))
"""
SPEC = """
import json, sys
from swebench.harness.utils import make_test_spec
print(make_test_spec(json.load(open(sys.argv[1]))).eval_script)
"""
ROWS = """
import sys, pyarrow.parquet as pq
for path in sys.argv[1:]:
    for row in pq.read_table(path).to_pylist():
        print(row["instance_id"], row["FAIL_TO_PASS"])
"""


def swebench(*words: object, python: bool = False) -> subprocess.CompletedProcess[str]:
    """Run SWE-bench's program, or its interpreter."""
    program = PLACE / "bin" / ("python" if python else "swebench")
    if not program.exists():
        message = f"no SWE-bench in {PLACE}: `make e2e-exports` puts it there"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return subprocess.run(
        [program, *map(str, words)],
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Instance, Path]:
    """Return a task repository, its instance, and the repository that the task was done in."""
    folder = tmp_path_factory.mktemp("swebench")
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Ada Example")
            patch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
        task = StatedTask.begin(folder / "gauge")
        task.installed = {"attrs": "25.1.0", "typing_extensions": "4.12.2"}
        task.services = ("postgresql", "redis")
        task.set_up = (f"pip install psycopg # {ASTRAL}\nRUN echo \\", "docker compose up -d")
        task.all()
    cell = Cell.of(Path(sys.executable))
    source = Source(repository=task.tree.root)
    found = make_instances(task.episode(), SHA, source, cell=cell)
    (one,) = found.verified
    write_task_repository(found, folder / "tasks")
    return folder / "tasks", one, task.tree.root


def test_it_is_well_formed_and_builds(made: tuple[Path, Instance, Path], tmp_path: Path) -> None:
    checked = swebench("dataset", "check", made[0])
    assert checked.returncode == 0, checked.stdout + checked.stderr
    built = swebench("dataset", "build", made[0], "-o", tmp_path / "built")
    assert built.returncode == 0, built.stdout + built.stderr
    tables = sorted((tmp_path / "built").rglob("*.parquet"))
    assert tables
    rows = swebench("-c", ROWS, *tables, python=True).stdout
    assert made[1].instance_id in rows
    assert RED in rows


def test_the_rows_lie_beside_it(made: tuple[Path, Instance, Path]) -> None:
    (line,) = (made[0] / "instances.jsonl").read_text("ascii").splitlines()
    assert json.loads(line) == made[1].row()
    assert made[1].row().keys() >= COLUMNS


def without_marker(home: Path) -> None:
    script = (home / "eval.sh").read_text("utf-8")
    (home / "eval.sh").write_text(script.replace(">>>>> End Test Output", ""), "utf-8")


def without_failing(home: Path) -> None:
    tests = json.loads((home / "tests.json").read_text("utf-8"))
    (home / "tests.json").write_text(json.dumps({**tests, "FAIL_TO_PASS": []}), "utf-8")


def as_strings(home: Path) -> None:
    tests = json.loads((home / "tests.json").read_text("utf-8"))
    spelled = {name: json.dumps(found) for name, found in tests.items()}
    (home / "tests.json").write_text(json.dumps(spelled), "utf-8")


def with_field(name: str, value: object) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        fields = json.loads((home / "task.yaml").read_text("utf-8"))
        (home / "task.yaml").write_text(json.dumps({**fields, name: value}), "utf-8")

    return change


def without_file(name: str) -> Callable[[Path], None]:
    return lambda home: (home / name).unlink()


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(without_marker, id="no end marker"),
        pytest.param(without_failing, id="no failing test"),
        pytest.param(as_strings, id="lists as strings"),
        pytest.param(with_field("image", "other:latest"), id="another image"),
        pytest.param(with_field("datasets", ["other"]), id="another data set"),
        pytest.param(with_field("split", "other"), id="another split"),
        pytest.param(with_field("instance_id", "other"), id="another id"),
        *(
            pytest.param(without_file(name), id=f"no {name}")
            for name in ("gold.patch", "test.patch", "Dockerfile", "problem_statement.md")
        ),
    ],
)
def test_a_broken_one_is_refused(
    made: tuple[Path, Instance, Path], tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(made[0], broken)
    harm(broken / "tasks" / made[1].instance_id)
    checked = swebench("dataset", "check", broken)
    assert checked.returncode == 1, checked.stdout + checked.stderr


def graded(made: tuple[Path, Instance, Path], folder: Path, patch: str) -> Sequence[str]:
    """Run the script that SWE-bench makes of the instance over a patch, and grade its log."""
    _, one, repository = made
    row = folder / "instance.json"
    row.write_text(json.dumps(one.row()), "utf-8")
    clone = BaseClone.take(repository, one.candidate.base_commit, folder / "testbed")
    clone.apply(patch)
    script = swebench("-c", SPEC, row, python=True).stdout
    assert "/testbed" in script
    script = script.replace("/testbed", str(clone.folder))
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    (folder / "log").write_text(done.stdout, "utf-8")
    said = swebench("-c", GRADE, row, folder / "log", python=True)
    assert said.returncode == 0, said.stderr
    return said.stdout.split()


def test_the_fix_resolves_it_and_nothing_or_half_of_it_does_not(
    made: tuple[Path, Instance, Path], tmp_path: Path
) -> None:
    gold = made[1].candidate.patch
    worse = gold.replace("+    return sum(prices) - discount", "+    return -discount")
    assert worse != gold
    told = {"gold": gold, "empty": "", "worse": worse}
    for name in told:
        (tmp_path / name).mkdir()
    found = {name: graded(made, tmp_path / name, patch) for name, patch in told.items()}
    assert found["gold"] == ["True", "RESOLVED_FULL"]
    assert found["empty"] == ["True", "RESOLVED_NO"]
    assert found["worse"] == ["True", "RESOLVED_NO"]
    assert ASTRAL in made[1].row()["problem_statement"]
