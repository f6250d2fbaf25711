"""One recorded task and its repository suffice for what trainers make (docs/taxonomy_proof.md)."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    Client,
    bridge,
    enable,
    records,
    sessions,
    wait_for_records,
)
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.keyboard import Keyboard
from tests.support.patches import applied
from tests.support.repository import WorkTree
from tests.support.tools import run_trajectory

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.checking.naming import named_repository
from signoff_datasets.exports.next_edit import next_edits
from signoff_datasets.exports.swebench.shutting_in import Cell
from signoff_datasets.exports.swebench.task_repository import Source, make_instances
from signoff_schemas import lsp_messages
from signoff_schemas.untyped import items_of

pytestmark = pytest.mark.slow

GUESSED = (
    "how far apart two edits may be and still be one thought (8 lines)",
    "a machine on which the recorded interpreter and packages are installed",
)
"""Had to be assumed, since the episode does not say it; the page of the proof names the same."""

ROOT = Path(__file__).resolve().parents[2]
URL = "https://example.org/ada/gauge"
NAMES = ("metre", "gram", "litre", "second", "kelvin", "joule", "watt", "volt", "farad", "henry")
TASK = f"Every unit should round to two places {EMOJI}"
FUNCTION = '''def {name}(value):
    """Return a value in {name}s.

    The value is taken as it is, in the unit of the same name, and
    given back as a float, whatever it was before. Nothing else is
    done to it: what is no number is not a matter of this function,
    and neither are units of another kind, which have functions of
    their own, nor prefixes such as kilo and milli.

    See the list of units at the top.
    """
    return float(value)


'''
TESTS = """from gauge.units import gram, metre


def test_a_whole_number_stays():
    assert metre(3) == 3.0


def test_grams():
    assert gram("2.5") == 2.5
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a trainer is given, and what the truth was."""

    episode: Episode
    path: Path
    remote: Path
    project: Path


def project_of(folder: Path) -> tuple[WorkTree, Path]:
    """Make a small project and a remote that holds its history."""
    tree = WorkTree.create(folder / "gauge")
    units = f'"""Units. {EMOJI}"""\n\n' + "".join(FUNCTION.format(name=name) for name in NAMES)
    tree.write("gauge/units.py", units)
    tree.write("gauge/__init__.py", "")
    tree.write("tests/test_units.py", TESTS)
    tree.write("conftest.py", "")
    tree.git("add", "-A")
    tree.git("commit", "-q", "-m", "Units")
    remote = folder / "remote.git"
    tree.git("clone", "-q", "--bare", str(tree.root), str(remote))
    tree.git("remote", "add", "origin", str(remote))
    tree.git("fetch", "-q", "origin")
    return tree, remote


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(tree: WorkTree, *command: str, expect: int = 0) -> None:
    said = signoff("run", "--", *command, cwd=tree.root)
    assert said.code == expect, said


def pytest_words(tree: WorkTree, *, expect: int) -> None:
    words = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    run(tree, *words, expect=expect)


def open_file(client: Client, path: Path) -> Keyboard:
    """Open a file, and wait until it was compared with the disk: a person reads before typing."""
    keyboard = Keyboard(client, path)

    def is_compared() -> bool:
        told = records(RecordKind.COMPANION, is_final=False)
        notes = [row.body for row in told if isinstance(row.body, list)]
        return any(
            note[1] == lsp_messages.DISK_NOTE and path.as_uri() in str(note[2]) for note in notes
        )

    wait_until(is_compared, f"{path.name} to be compared with the disk")
    return keyboard


def is_tree_told() -> bool:
    """Say whether the file watcher has written how the work tree stood at the start."""
    found = (record for path in sessions()[0].journals for record in read_journal(path).records)
    return any(record.kind == RecordKind.TREE for record in found)


def record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[WorkTree, Path]:
    """Do the task: a new test, red, ten functions, a new module, a command, green, a commit."""
    tree, remote = project_of(folder)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    enable(tree.root)
    assert signoff("task", TASK, cwd=tree.root).code == 0
    wait_until(is_tree_told, "the watcher to tell of the tree at the start")
    with bridge() as client:
        client.initialize()
        client.notify("signoff/hello", {"name": "keyboard", "version": "1", "protocol": 1})
        tests = open_file(client, tree.root / "tests" / "test_units.py")
        last = tests.row("assert gram")
        for offset, line in enumerate(
            ("", "", "def test_two_places():", "    assert metre(1.006) == 1.01")
        ):
            tests.type_line_below(last + offset, line)
        tests.save()
        wait_for_records(RecordKind.SAVE, 1)
        pytest_words(tree, expect=1)
        units = open_file(client, tree.root / "gauge" / "units.py")
        for name in NAMES:
            row = units.row(f"def {name}(") + 11
            units.backspace(row, len("    return float(value)"), len("float(value)"))
            units.type_at(row, len("    return "), "two_places(value)")
        units.type_line_below(0, "from gauge.rounding import two_places")
        units.save()
        helper = Keyboard(client, tree.root / "gauge" / "rounding.py")
        helper.type_at(0, 0, f'"""Rounding. {EMOJI}"""')
        for row, line in enumerate(
            ("", "def two_places(value):", "    return round(float(value), 1)")
        ):
            helper.type_line_below(row, line)
        helper.save()
        wait_for_records(RecordKind.SAVE, 3)
        helper.close()
        run(tree, "sed", "-i", "s/, 1)/, 2)/", "gauge/rounding.py")
        pytest_words(tree, expect=0)
        assert client.quit() == 0
    tree.git("add", "-A")
    tree.git("commit", "-q", "-m", "Round to two places")
    return tree, remote


@pytest.fixture
def recorded(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """A session recorded, sealed, reviewed with its repository named."""
    tree, remote = record(tmp_path, monkeypatch)
    sealed = signoff("seal", "--json", cwd=tree.root)
    assert sealed.code == 0, sealed
    row = json.loads(sealed.out.splitlines()[-1])
    checked = signoff("check", row["episode"], "--json")
    assert checked.code == 0, checked
    assert json.loads(checked.out)["resyncs"] == 0, checked
    named = named_repository(resolve_home(), row["sha256"], url=URL, spdx="MIT")
    plan = {
        "plan_version": 1,
        "base_sha256": row["sha256"],
        "keeps": [{"task": 0}],
        "name_repository": named.model_dump(),
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan), "utf-8")
    reviewed = signoff("review", "--plan", tmp_path / "plan.json", "--leave-open", "99", "--json")
    assert reviewed.code == 0, reviewed
    path = Path(json.loads(reviewed.out)["episode"])
    return Recorded(
        episode=read_episode(path.read_bytes()), path=path, remote=remote, project=tree.root
    )


def clone_at_base(recorded: Recorded, folder: Path) -> Path:
    """Clone the public repository and go to the commit that the episode names."""
    subprocess.run(["git", "clone", "-q", recorded.remote, folder], check=True, timeout=60)
    base = recorded.episode.header.base.commit
    assert base is not None
    subprocess.run(["git", "-C", folder, "checkout", "-q", base], check=True, timeout=60)
    return folder


def test_one_episode_gives_an_instance_a_tool_record_and_ten_next_edits(
    recorded: Recorded, tmp_path: Path
) -> None:
    clone = clone_at_base(recorded, tmp_path / "clone")
    end = tmp_path / "end"
    base = recorded.episode.header.base
    assert base.commit is not None
    out = signoff(
        "checkout",
        recorded.path,
        "--at",
        "end",
        "--disk",
        "--repo",
        clone,
        "--base",
        base.commit,
        end,
    )
    assert out.code == 0, out
    truth = {
        path: (recorded.project / path).read_bytes()
        for path in ("gauge/units.py", "gauge/rounding.py", "tests/test_units.py", "conftest.py")
    }
    assert {path: (end / path).read_bytes() for path in truth} == truth

    made = make_instances(
        recorded.episode,
        sha256_of(recorded.path),
        Source(repository=recorded.remote),
        cell=Cell.of(Path(sys.executable)),
    )
    (instance,) = made.verified
    assert instance.lists is not None
    assert instance.lists.fail_to_pass == ("tests/test_units.py::test_two_places",)
    assert set(instance.lists.pass_to_pass) == {
        "tests/test_units.py::test_a_whole_number_stays",
        "tests/test_units.py::test_grams",
    }
    assert instance.lists.flaky == ()
    assert instance.candidate.task.statement == TASK
    around = instance.candidate.around
    assert around.interpreters["python"] == ".".join(map(str, sys.version_info[:3]))
    assert around.packages["pytest"] == pytest.__version__
    assert "rounding.py" in instance.candidate.patch
    assert "rounding" not in instance.candidate.test_patch
    assert instance.repo == "ada/gauge"
    assert set(map(type, instance.row().values())) == {str}

    folder = clone_at_base(recorded, tmp_path / "executed")
    record = tmp_path / "record.json"
    call = ("export", recorded.path, "--format", "atif", "--repo", clone, "-o", record)
    assert signoff(*call).code == 0
    codes = run_trajectory(folder, json.loads(record.read_text()))
    assert codes
    assert all(told == reached for told, reached in codes), codes
    assert {path: (folder / path).read_bytes() for path in truth} == truth

    pairs = next_edits(recorded.episode, sha256_of(recorded.path)).records
    assert len(pairs) >= 10
    for pair in pairs:
        (expected,) = items_of(pair.row["expected_patches"])
        assert applied(str(expected), pair.before) == pair.after
        assert (pair.row["repository_url"], pair.row["revision"]) == (URL, base.commit)


def test_what_had_to_be_guessed_is_told() -> None:
    told = (ROOT / "docs" / "taxonomy_proof.md").read_text("utf-8")
    for guess in GUESSED:
        assert f"* {guess}" in told
