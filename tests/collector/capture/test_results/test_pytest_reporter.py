"""Results of real pytest runs under `signoff run`: every outcome, and nothing disturbed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.deadline import deadline
from tests.support.leaks import random_secret
from tests.support.runs import Project, outcomes

from signoff_collector.capture.test_results.test_reports import ReportFolder, case
from signoff_schemas.steps import TestsStep

pytestmark = pytest.mark.slow

PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
CASES = """
import pytest

def test_passes(): pass
def test_fails():
    assert "🎉" == "𝄞"
@pytest.mark.skip(reason="not here")
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert 0
@pytest.mark.xfail
def test_surprise(): pass
@pytest.fixture
def broken(): raise ValueError("no fixture")
def test_error(broken): pass
@pytest.fixture
def late():
    yield
    raise ValueError("at the end")
def test_teardown(late): pass
@pytest.mark.parametrize("x", ["a", "ü"])
def test_many(x): pass
"""


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Iterator[Project]:
    del home
    made = Project.create(tmp_path / "work")
    yield made
    made.end()


def short(results: dict[str, str]) -> dict[str, str]:
    return {name.partition("::")[2]: outcome for name, outcome in results.items()}


def test_every_outcome_is_told_apart(project: Project) -> None:
    project.tree.write("test_shop.py", CASES)
    result = project.run(*PYTEST, "-q")
    assert result.returncode == 1
    step = project.step("tests")
    assert short(outcomes(step)) == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_skipped": "skipped",
        "test_expected": "xfailed",
        "test_surprise": "xpassed",
        "test_error": "error",
        "test_teardown": "error",
        "test_many[a]": "passed",
        "test_many[\\xfc]": "passed",
    }
    assert (step["collected"], step["deselected"], step["not_run"]) == (9, 0, 0)
    assert (step["exit_code"], step["stopped_early"], step["framework"]) == (1, False, "pytest")
    assert step["exactness"] != "raced"  # unknown when this machine was too busy to look
    failed = next(item for item in step["cases"] if item["outcome"] == "failed")  # type: ignore[attr-defined]
    assert "🎉" in failed["message"]
    assert failed["frame"] == {"path": "test_shop.py", "line": 6}


def test_the_oldest_pytest_is_told_test_by_test_too(project: Project) -> None:
    old = Path(sys.prefix) / "old-pytest"
    if not (old / "pytest").is_dir():
        assert not os.environ.get("CI"), "make dev installs requirements/old_pytest.txt"
        pytest.skip("the oldest pytest is not installed: make dev")
    project.tree.write("test_shop.py", CASES)
    project.tree.write(
        "test_stop.py",
        "import os\ndef test_1(): pass\ndef test_2(): os._exit(4)\ndef test_3(): pass\n",
    )
    env = {"PYTHONPATH": str(old), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""}
    command = (*PYTEST, "-q", "-p", "no:randomly")
    assert project.run(*command, "test_shop.py", env=env).returncode == 1
    assert project.run(*command, "test_stop.py", env=env).returncode == 4
    shop, stopped = project.steps("tests")
    assert (shop["framework_version"], stopped["framework_version"]) == ("7.0.1", "7.0.1")
    found = short(outcomes(shop))
    assert list(found.values()) == [
        "passed", "failed", "skipped", "xfailed", "xpassed", "error", "error", "passed", "passed",
    ]  # fmt: skip
    assert short(outcomes(stopped)) == {"test_1": "passed", "test_2": "error"}
    assert (stopped["exit_code"], stopped["not_run"]) == (4, 1)


def test_the_run_is_as_without_us(project: Project) -> None:
    project.tree.write(
        "test_env.py",
        "import os, sys, importlib.metadata\n"
        "def test_nothing_of_ours_is_here():\n"
        "    assert os.environ.get('PYTHONPATH') == os.environ['EXPECTED']\n"
        "    assert 'PYTEST_ADDOPTS' not in os.environ or os.environ['PYTEST_ADDOPTS'] == '-v'\n"
        "    assert not [part for part in sys.path if 'run-' in part]\n"
        "    names = [d.name for d in importlib.metadata.distributions()]\n"
        "    assert 'signoff-run-reporter' not in names\n",
    )
    library = project.tree.root.parent / "library"
    library.mkdir()
    env = {"PYTHONPATH": str(library), "EXPECTED": str(library), "PYTEST_ADDOPTS": "-v"}
    plain = subprocess.run(
        PYTEST, cwd=project.tree.root, env={**os.environ, **env}, capture_output=True,
        timeout=deadline(), check=False,
    )  # fmt: skip
    ours = project.run(*PYTEST, env=env)
    assert ours.returncode == plain.returncode == 0
    assert [line for line in ours.stdout.splitlines() if b" in " not in line] == [
        line for line in plain.stdout.splitlines() if b" in " not in line
    ]
    assert len(outcomes(project.step("tests"))) == 1


def test_workers_of_xdist_report_once_through_their_controller(project: Project) -> None:
    tests = "".join(f"def test_{n}(): pass\n" for n in range(12)) + "def test_bad(): assert 0\n"
    look = (
        "import msgpack, os, sys, importlib.metadata\n"
        "def test_nothing_of_ours_is_here():\n"
        "    assert 'run-' not in os.environ.get('PYTHONPATH', '') + ':'.join(sys.path)\n"
        "    names = [d.name for d in importlib.metadata.distributions()]\n"
        "    assert 'signoff-run-reporter' not in names\n"
    )
    project.tree.write("test_wide.py", look + tests)
    assert project.run(*PYTEST, "-q", "-n", "2", "-k", "not test_11").returncode == 1
    step = project.step("tests")
    assert list(outcomes(step).values()).count("passed") == 12
    assert (step["workers"], step["collected"], step["not_run"]) == (2, 14, 0)
    assert step["deselected"] == 1
    assert "msgpack" in project.step("environment")["distributions"]  # type: ignore[operator]


def test_a_nested_run_is_not_reported(project: Project) -> None:
    project.tree.write(
        "test_outer.py",
        "import subprocess, sys\n"
        "def test_starts_another(tmp_path):\n"
        "    (tmp_path / 'test_inner.py').write_text('def test_in(): assert 0')\n"
        "    run = subprocess.run([sys.executable, '-m', 'pytest', '-q', '-p',"
        " 'no:cacheprovider'], cwd=tmp_path)\n"
        "    assert run.returncode == 1\n"
        "def test_runs_in_this_process(tmp_path):\n"
        "    import pytest\n"
        "    (tmp_path / 'test_same.py').write_text('def test_same(): assert 0')\n"
        "    assert pytest.main(['-q', '-p', 'no:cacheprovider', str(tmp_path)]) == 1\n",
    )
    assert project.run(*PYTEST, "-q").returncode == 0
    assert list(short(outcomes(project.step("tests")))) == [
        "test_starts_another",
        "test_runs_in_this_process",
    ]


def test_a_forked_child_that_dies_reports_nothing(project: Project) -> None:
    project.tree.write(
        "test_fork.py",
        "import os\n"
        "def test_forks():\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        raise SystemExit(5)\n"
        "    os.waitpid(pid, 0)\n"
        "def test_after(): pass\n",
    )
    project.run(*PYTEST, "-q")
    (step,) = project.steps("tests")
    assert short(outcomes(step)) == {"test_forks": "passed", "test_after": "passed"}


def test_stopping_early_selection_and_broken_files_are_told(project: Project) -> None:
    project.tree.write("test_a.py", "def test_1(): assert 0\ndef test_2(): pass\n")
    project.run(*PYTEST, "-q", "-x", "test_a.py", "-k", "test")
    project.tree.write("test_b.py", "import missing_module_of_nobody\n")
    project.run(*PYTEST, "-q", "test_b.py")
    stopped, broken = project.steps("tests")
    assert (stopped["stopped_early"], stopped["not_run"]) == (True, 1)
    assert stopped["selection"] == ["test_a.py", "-k", "test"]
    assert outcomes(broken) == {"test_b.py": "error"}
    assert broken["exit_code"] == 2


def test_a_run_that_is_killed_keeps_the_cases_it_had(project: Project) -> None:
    project.tree.write(
        "test_k.py",
        "import os\ndef test_1(): pass\ndef test_2(): os.kill(os.getpid(), 9)\n"
        "def test_3(): pass\n",
    )
    assert project.run(*PYTEST, "-q").returncode == 137
    step = project.step("tests")
    assert short(outcomes(step)) == {"test_1": "passed", "test_2": "error"}
    assert (step["stopped_early"], step["exit_code"], step["not_run"]) == (True, 137, 1)


def test_a_runner_that_takes_pythonpath_away_runs_without_a_report(project: Project) -> None:
    project.tree.write("test_a.py", "def test_1(): pass\n")
    program = (
        "import os, subprocess, sys\n"
        "env = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}\n"
        "sys.exit(subprocess.run(sys.argv[1:], env=env).returncode)"
    )
    assert project.run(sys.executable, "-c", program, *PYTEST, "-q").returncode == 0
    assert project.run(sys.executable, "-I", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                       env={"PYTEST_ADDOPTS": "-v"}).returncode == 0  # fmt: skip
    step = project.step("tests")
    assert (step["framework"], step["exit_code"], step["cases"]) == ("pytest", 0, [])


def test_runs_one_after_another_in_one_command_are_each_told(project: Project) -> None:
    project.tree.write("test_a.py", "def test_1(): pass\n")
    project.tree.write("test_b.py", "def test_2(): pass\n")
    program = (
        "import subprocess, sys\n"
        "for name in ('test_a.py', 'test_b.py'):\n"
        "    subprocess.run([*sys.argv[1:], name], check=True)"
    )
    project.run(sys.executable, "-c", program, *PYTEST, "-q")
    steps = project.steps("tests")
    assert [list(short(outcomes(step))) for step in steps] == [["test_1"], ["test_2"]]
    assert len({step["run_id"] for step in steps}) == 2


def test_what_the_tests_import_is_told_with_versions(project: Project) -> None:
    project.tree.write("test_a.py", "import msgpack\ndef test_1(): pass\n")
    project.run(*PYTEST, "-q")
    step = project.step("environment")
    import msgpack

    version = ".".join(str(part) for part in msgpack.version)
    assert step["distributions"]["msgpack"] == version  # type: ignore[index]  # a mapping
    assert "zstandard" not in step["distributions"]  # type: ignore[operator]  # a mapping
    assert step["interpreters"] == {"python": ".".join(map(str, sys.version_info[:3]))}
    assert "pytest-timeout" in step["tools"]  # type: ignore[operator]  # a mapping
    project.run(*PYTEST, "-q")
    assert len(project.steps("environment")) == 1


def test_what_is_installed_beside_is_told_and_what_came_from_elsewhere_is_counted(
    project: Project,
) -> None:
    library = project.tree.root.parent / "site-packages"
    told = {"beside_it": "2.0", "hidden": "1", "Mixed.Case": "1!2.0rc1"}
    for name, version in told.items():
        (library / f"{name}-{version}.dist-info").mkdir(parents=True)
    (library / "old_form-0.1-py3.11.egg-info").write_text("")
    secret = random_secret(31)
    for name in ("local_name-1.0", f"no version {secret} \U0001f389\U0001d11e"):
        (library / f"{name}.dist-info").mkdir()
        address = f"https://user:{secret}@example.org/\U0001f389"
        (library / f"{name}.dist-info" / "direct_url.json").write_text(address)
    behind = library.parent / "behind" / "site-packages"
    (behind / "hidden-9.dist-info").mkdir(parents=True)
    project.tree.write("test_a.py", "def test_1(): pass\n")
    project.run(*PYTEST, "-q", env={"PYTHONPATH": f"{library}{os.pathsep}{behind}"})
    step = project.step("environment")
    installed = cast("dict[str, str]", step["installed"])
    assert installed.items() >= {**told, "old_form": "0.1"}.items()
    assert "zstandard" in installed
    assert "local_name" not in installed
    assert cast("int", step["installed_unnamed"]) >= 2
    assert not [text for text in (secret, str(library), "direct_url") if text in json.dumps(step)]
    assert not [name for name in installed if "run_reporter" in name]


def test_a_file_written_while_the_tests_ran_never_leaves_the_run_exact(project: Project) -> None:
    project.tree.commit("code", "shop.py", "1\n")
    project.tree.write("test_a.py", "def test_1(): open('shop.py', 'a').write('🎉𝄞')\n")
    project.run(*PYTEST, "-q")
    assert project.step("tests")["exactness"] != "exact"


def test_a_run_that_crashes_in_the_middle_keeps_what_ran(project: Project) -> None:
    for name, crash, code in (
        ("exit", "os._exit(3)", 3),
        ("segv", "ctypes.string_at(0)", 139),
    ):
        project.tree.write(
            f"test_{name}.py",
            "import os, ctypes\n"
            "def test_before(): pass\n"
            f"def test_crash(): {crash}\n"
            "def test_after(): pass\ndef test_last(): pass\n",
        )
        assert project.run(*PYTEST, "-q", f"test_{name}.py").returncode == code
    for step, code in zip(project.steps("tests"), (3, 139), strict=True):
        assert short(outcomes(step)) == {"test_before": "passed", "test_crash": "error"}
        assert (step["collected"], step["not_run"], step["exit_code"]) == (4, 2, code)
        assert step["stopped_early"]
        assert "did not end" in step["cases"][1]["message"]  # type: ignore[index]  # a list


def test_a_worker_that_crashes_loses_only_its_test(project: Project) -> None:
    project.tree.write(
        "test_w.py",
        "import os\ndef test_1(): pass\ndef test_2(): os._exit(1)\ndef test_3(): pass\n",
    )
    assert project.run(*PYTEST, "-q", "-n", "2").returncode == 1
    step = project.step("tests")
    assert short(outcomes(step)) == {"test_1": "passed", "test_2": "error", "test_3": "passed"}
    assert (step["not_run"], step["exit_code"]) == (0, 1)


def test_odd_names_and_parts_of_tests_are_told_whole(project: Project) -> None:
    option = "disable_test_id_escaping_and_forfeit_all_rights_to_community_support"
    project.tree.write("pytest.ini", f"[pytest]\n{option} = true\n")
    project.tree.write(
        "test_odd.py",
        "import pytest, unittest\n"
        "@pytest.mark.parametrize('x', ['🎉𝄞', 'a/b::c', 'two\\nlines', 'z' * 10_000],\n"
        "                         ids=lambda x: x)\n"
        "def test_odd(x): pass\n"
        "def test_parts(subtests):\n"
        "    for n in range(3):\n"
        "        with subtests.test('part', n=n): assert n != 1\n",
    )
    project.run(*PYTEST, "-q")
    step = project.step("tests")
    found = short(outcomes(step))
    assert list(found)[:4] == [
        "test_odd[🎉𝄞]", "test_odd[a/b::c]", "test_odd[two\nlines]", f"test_odd[{'z' * 10_000}]",
    ]  # fmt: skip
    parts = {name: outcome for name, outcome in found.items() if "part]" in name}
    assert sorted(parts.values()) == ["failed", "passed", "passed"]
    assert (step["collected"], step["not_run"], step["deselected"]) == (5, 0, 0)


def test_a_test_that_is_run_again_says_so_and_its_last_outcome_wins(project: Project) -> None:
    project.tree.write(
        "conftest.py",
        "from _pytest.runner import runtestprotocol\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    for left in (2, 1, 0):\n"
        "        reports = runtestprotocol(item, nextitem=nextitem, log=False)\n"
        "        for report in reports:\n"
        "            is_again = report.failed and left\n"
        "            report.outcome = 'rerun' if is_again else report.outcome\n"
        "            item.ihook.pytest_runtest_logreport(report=report)\n"
        "            if is_again:\n"
        "                break\n"
        "        else:\n"
        "            return True\n",
    )
    project.tree.write(
        "test_again.py",
        "tries = []\n"
        "def test_third_time(): tries.append(1); assert len(tries) > 2, '🎉𝄞'\n"
        "def test_never(): assert 0\ndef test_at_once(): pass\n",
    )
    assert project.run(*PYTEST, "-q").returncode == 1
    step = project.step("tests")
    assert short(outcomes(step)) == {
        "test_third_time": "passed", "test_never": "failed", "test_at_once": "passed",
    }  # fmt: skip
    assert [case["reruns"] for case in step["cases"]] == [2, 2, None]  # type: ignore[attr-defined]
    assert (step["collected"], step["not_run"]) == (3, 0)


def test_tests_started_by_make_and_what_was_left_out_are_told(project: Project) -> None:
    project.tree.write("test_a.py", "def test_1(): assert 0\ndef test_2(): pass\n")
    project.tree.write("Makefile", f"test:\n\t@{' '.join(PYTEST[:3])} -q --lf test_a.py\n")
    assert project.run("make", "-s", "test").returncode == 2
    project.run("make", "-s", "test")
    first, second = project.steps("tests")
    assert (first["framework"], first["deselected"], first["exit_code"]) == ("pytest", 0, 1)
    assert (second["collected"], second["deselected"]) == (2, 1)
    assert second["selection"] == ["test_a.py", "--lf"]
    assert list(short(outcomes(second))) == ["test_1"]


def test_only_listing_tests_is_no_run_and_no_secret_reaches_the_journal(
    project: Project,
) -> None:
    secret = random_secret(20, 24)
    project.run(*PYTEST, "--co", "-q")
    project.run(*PYTEST, "--fixtures", "-q")
    assert project.steps("tests") == []
    project.tree.write(
        f"test_{secret}.py",
        f"import pytest\n@pytest.mark.parametrize('x', ['{secret}'])\n"
        f"def test_it(x): assert x == 'a', 'it is {secret}'\n",
    )
    own = project.tree.root / "library" / f"{secret}-1.0.dist-info"
    own.mkdir(parents=True)
    (own.parent / f"{secret}.py").write_text("")
    project.tree.write("conftest.py", f"import sys; sys.path.append('library'); import {secret}\n")
    env = {"SHOP_TOKEN": secret}
    assert project.run(*PYTEST, "-q", f"test_{secret}.py", env=env).returncode == 1
    told = project.steps("tests") + project.steps("command") + project.steps("environment")
    for step in told:
        step.pop("disk", None)  # names of files are masked when sealing
    assert project.steps("tests")
    assert "'REDACTED_VALUE': '1.0'" in repr(project.steps("environment")), "its distribution"
    assert secret not in repr(told)


def test_a_run_that_names_a_file_never_recorded_keeps_no_message(project: Project) -> None:
    project.tree.write("test_a.py", "def test_1(): assert 0, open('.env').read() + '🎉𝄞'\n")
    project.tree.write(".env", "not-a-known-form 7\n")
    project.run(*PYTEST, "-q", "test_a.py", "--deselect", ".env")
    step = project.step("tests")
    (case_of_test,) = step["cases"]  # type: ignore[misc]  # a list
    assert (case_of_test["outcome"], case_of_test["message"]) == ("failed", None)
    assert "not-a-known-form" not in repr(step)


def test_listing_packages_does_not_show_the_reporter(tmp_path: Path) -> None:
    folder = ReportFolder.create(tmp_path)
    for argv in (["pip", "list"], [sys.executable, "-m", "pip", "freeze"], ["uv", "pip", "list"]):
        assert "PYTHONPATH" not in folder.environment({}, argv)
    assert folder.environment({"PYTHONPATH": "/a"}, ["pytest"])["PYTHONPATH"].startswith("/a:")
    folder.remove()


def test_a_run_inside_a_run_tells_of_its_tests_itself(tmp_path: Path) -> None:
    outer, inner = ReportFolder.create(tmp_path), ReportFolder.create(tmp_path)
    around = outer.environment({"PYTHONPATH": "/a"}, ["make"])
    within = inner.environment(around, ["pytest"])["PYTHONPATH"].split(":")
    assert within[0] == "/a"
    assert len(within) == 2
    assert within[1] != around["PYTHONPATH"].split(":")[1]


def test_claims_of_a_spool_are_checked_field_by_field(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    folder = ReportFolder.create(reports)
    (place,) = reports.iterdir()
    (place / "1-a.spool").write_text(
        '{"kind":"start","framework":7,"argv":"x","t_boot_ns":-1}\n'
        '{"kind":"case","id":"t","outcome":"passed","duration_ns":-5,"message":[],"frame":{}}\n'
        '{"kind":"case","id":"t","outcome":"invented"}\n'
        '{"kind":"git","id":"t"}\n'
        "garbage\n"
        '{"kind":"finish","exit_code":"0","tools":{"a":1}}\n'
    )
    (place / "2-b.spool").write_text('{"kind":"case","id":"t","outcome":"passed"}\n')
    (run,) = folder.read()
    assert run.fields["cases"] == [
        {
            "id": "t",
            "outcome": "passed",
            "duration_ns": None,
            "message": None,
            "frame": None,
            "reruns": None,
        }
    ]
    assert (run.fields["framework"], run.fields["argv"], run.tools) == ("unknown", [], {})
    assert case({"id": "x", "outcome": []}) is None
    folder.remove()


_VALUES: st.SearchStrategy[object] = st.sampled_from(
    ["t", "🎉𝄞", "passed", "error", "", 3, -1, 1.5, None, True, [], {}, {"path": "a\0", "line": 1},
     {"path": "/etc/x", "line": 2}, ["x"], 1 << 70]
)  # fmt: skip
_FIELDS = (
    "id", "outcome", "duration_ns", "message", "frame", "reruns", "root", "argv", "selected",
    "deselected", "tools", "distributions", "installed", "installed_unnamed", "exit_code",
    "t_boot_ns", "framework", "markers",
)  # fmt: skip
_LINES = st.fixed_dictionaries(
    {"kind": st.sampled_from(["start", "collected", "begin", "case", "finish", "git"])},
    optional=dict.fromkeys(_FIELDS, _VALUES),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(_LINES, max_size=20), st.binary(max_size=20))
def test_any_spool_gives_valid_runs(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, object]], torn: bytes
) -> None:
    parent = tmp_path_factory.mktemp("spool")
    folder = ReportFolder.create(parent)
    (place,) = parent.iterdir()
    start = {"kind": "start", "framework": "pytest"}
    text = "".join(f"{json.dumps(line)}\n" for line in (start, *lines))
    (place / "1-a.spool").write_bytes(text.encode() + torn)
    for run in folder.read(root=parent):
        fields = {name: value for name, value in run.fields.items() if value is not None}
        TestsStep.model_validate({"seq": 0, "t_ns": 0, "source": "run", "kind": "tests", **fields})
    folder.remove()
