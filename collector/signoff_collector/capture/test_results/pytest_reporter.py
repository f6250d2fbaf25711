"""Write down what each test of one pytest run came to; runs inside that pytest, not inside Signoff.

`signoff run` copies this file alone into a private folder of that one run and names the folder in
PYTHONPATH, with a `pytest11` entry point beside it. So it depends on nothing but the standard
library and pytest >= 7, and runs on any Python >= 3.7. It takes itself out of PYTHONPATH and
`sys.path` when it is loaded, so nested pytest runs and the tests never see it, and a stripped
PYTHONPATH (tox, `python -I`) means no report instead of a broken run. Workers of xdist load it too
and tell their controller what only they know.

The same file lies in the archive of `pytest_results` for every pytest of a shell whose hook names
that: then `pytest_sessions` beside it says where it may write, if anywhere.

It writes JSON lines to `<pid>-<random>.spool` beside itself, one `write()` each: what is written
outlives the process, however it ends. A test that began is told before it can crash. Nothing here
may disturb a test run: every hook swallows its own faults. The hook per phase is written for speed:
it runs three times per test (`benchmarks/pytest_reporter.py`).
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from contextlib import suppress
from importlib import import_module
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Json: TypeAlias = dict[str, object]

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  (as PYTHONPATH spells it)
_NAME = "signoff-run-reporter"
_MAX_CASES = 100_000
_MAX_BYTES = 48 << 20
_MAX_ID = 16_000
_MAX_MESSAGE = 4_000
_MAX_NAMES = 500
_MAX_INSTALLED = 1_000
_INSTALLED = re.compile(
    r"([A-Za-z0-9][\w.]{0,99})-(\d[\w.+!]{0,59})(?:-[\w.-]+)?\.(?:dist|egg)-info"
)
_MARKERS = (
    "CLAUDECODE",
    "CODEX_THREAD_ID",
    "CODEX_SESSION_ID",
    "CODEX_SANDBOX",
    "CODEX_CI",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "OPENCODE",
    "AI_AGENT",
    "AGENT",
)
"""Variables that agents set (`agents/markers.py`, compared by a test); only the names are told."""
_NO_END = "did not end"
_PHASES = frozenset({"setup", "call", "teardown"})
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|_AUTH|_PWD|DSN|_URL$")
"""A coarse net, since a session's own masking comes later and knows other variables."""
_MIN_SECRET = 8
_MASK = "REDACTED_VALUE"
_LISTING = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")
"""Options with which pytest runs no test."""
_IS_FOR_ALL = _HERE.endswith(".whl")
"""Whether it is lent to every pytest of a shell, not to one run."""
_SUBTESTS = frozenset({"SubtestReport", "SubTestReport"})


def _hide() -> None:
    """Take this folder out of what children and the tests themselves inherit."""
    kept = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part != _HERE]
    if any(kept):
        os.environ["PYTHONPATH"] = os.pathsep.join(kept)
    else:
        os.environ.pop("PYTHONPATH", None)
    sys.path[:] = [part for part in sys.path if part != _HERE]


_sessions = import_module(__name__.replace("_body", "_sessions")) if _IS_FOR_ALL else None
_hide()
_modules_before: set[str] = set()
"""What the runner and its plugins had imported before the first conftest."""


def _boot_ns() -> int:
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if clock is None else time.clock_gettime_ns(clock)


class Spool:
    """One append-only file of JSON lines, of this process only."""

    root = ""
    """Of the workspace, where it is known."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._left_bytes = _MAX_BYTES
        name = os.path.join(_HERE, f"{self._pid}-{os.urandom(4).hex()}.spool")  # noqa: PTH118
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def is_ours(self) -> bool:
        """Whether this is still the process that began: a forked test is not."""
        return os.getpid() == self._pid

    def append(self, text: str) -> None:
        """Append ASCII text that is whole lines."""
        line = text.encode("ascii")
        if len(line) <= self._left_bytes:
            self._left_bytes -= len(line)
            os.write(self._descriptor, line)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)


class Case:
    """One test while its phases come in."""

    outcome = "passed"
    duration_s = 0.0
    message: str | None = None
    frame: Json | None = None
    reruns = 0

    def begin_again(self) -> None:
        """Forget what came before: it is run again."""
        self.outcome, self.duration_s = "passed", 0.0
        self.message = self.frame = None
        self.reruns += 1

    def add(self, report: object, root: str) -> None:
        """Take a phase that did not simply pass; a failure is never taken back."""
        outcome = _phase_outcome(report)
        if outcome == "passed" or self.outcome in {"failed", "error"}:
            return
        self.outcome = outcome
        self.message, self.frame = _why(report, root)

    def line(self, node_id: str) -> str:
        """Return the line of the spool."""
        duration_ns = max(0, int(self.duration_s * 1e9))
        start = (
            f'{{"kind":"case","id":{encode_basestring_ascii(node_id[:_MAX_ID])},'
            f'"outcome":"{self.outcome}","duration_ns":{duration_ns}'
        )
        if self.message is None and self.frame is None and not self.reruns:
            return start + "}\n"
        rest = {"message": self.message, "frame": self.frame, "reruns": self.reruns or None}
        return start + "," + json.dumps(rest)[1:] + "\n"


def _phase_outcome(report: object) -> str:
    outcome = str(getattr(report, "outcome", ""))
    if hasattr(report, "wasxfail"):
        return "xfailed" if outcome == "skipped" else "xpassed"
    if outcome == "failed":
        return "failed" if getattr(report, "when", "") == "call" else "error"
    return "skipped" if outcome == "skipped" else "passed"


def _why(report: object, root: str) -> tuple[str | None, Json | None]:
    """Return the message of a phase that did not pass, and the frame it came from."""
    text = getattr(report, "longrepr", None)
    if isinstance(text, tuple) and len(text) == 3:
        return re.sub(r"^Skipped: ", "", str(text[2]))[:_MAX_MESSAGE], None
    crash = getattr(text, "reprcrash", None)
    if crash is None:
        return (None if text is None else str(text)[-_MAX_MESSAGE:]), None
    path = str(crash.path)
    if os.path.isabs(path):  # noqa: PTH117
        path = os.path.relpath(path, root)
    return str(crash.message)[:_MAX_MESSAGE], {"path": path, "line": int(crash.lineno)}


class Reporter:
    """The hooks; registered in the one process that collects all results."""

    def __init__(self, config: object, spool: Spool) -> None:
        self._config = config
        self._spool = spool
        self._root = str(getattr(config, "rootpath", "."))
        self._session: object = None
        self._open: dict[str, Case] = {}
        self._written = 0
        self._ran = 0
        self._broken: set[str] = set()
        self._selected: int | None = None
        self._deselected: int | None = 0
        self._worker_distributions: dict[str, str] = {}
        self._begun_ns = 0
        self._option = getattr(config, "option", None)
        self._secrets = _secrets() if _IS_FOR_ALL else ()

    def pytest_sessionstart(self, session: object) -> None:
        """Say what is about to run."""
        with suppress(Exception):
            self._session = session
            self._start()
        with suppress(Exception):
            if _workers(self._option) is not None:
                _lend_to_workers()

    def pytest_deselected(self, items: Iterable[object]) -> None:
        """Count what `-k` and the like left out."""
        with suppress(Exception):
            self._deselected = (self._deselected or 0) + len(list(items))

    def pytest_collection_finish(self, session: object) -> None:
        """Count what is to run, in a run without workers."""
        with suppress(Exception):
            items = getattr(session, "items", None)
            if _workers(self._option) is None and items is not None:
                self._selected = len(items)
                self._tell_collected()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        """Count what is to run, as a worker says it; what it left out it does not say."""
        del node
        with suppress(Exception):
            _take_from_workers()
            if self._selected is None:  # every worker says it
                self._selected, self._deselected = len(ids), None
                self._tell_collected()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Take what a worker says when it ends."""
        del error
        with suppress(Exception):
            told = getattr(node, "workeroutput", {}).get(_NAME)
            if isinstance(told, dict):
                self._worker_distributions.update(told["distributions"])
                self._deselected = told["deselected"]

    def pytest_collectreport(self, report: object) -> None:
        """Report a file that could not be collected as one error."""
        with suppress(Exception):
            node_id = str(getattr(report, "nodeid", ""))
            is_new = node_id not in self._broken  # every xdist worker says it
            if getattr(report, "failed", False) and is_new and self._spool.is_ours():
                case = Case()
                case.outcome = "error"
                case.message, case.frame = _why(report, self._root)
                self._broken.add(node_id)
                self._write_case(node_id, case)

    def pytest_runtest_logreport(self, report: object) -> None:
        """Gather the phases of one test; write the case after its last."""
        try:  # cheaper than `suppress`
            if self._spool.is_ours():
                self._phase(report)
        except Exception:  # noqa: BLE001, S110  nothing of ours may disturb the run
            pass

    def pytest_unconfigure(self) -> None:
        """Write the end, after every plugin has had its say about the exit code."""
        with suppress(Exception):
            if self._spool.is_ours() and self._session is not None:
                self._finish()
                self._spool.close()

    def _start(self) -> None:
        if not self._spool.is_ours():
            return
        self._begun_ns = _boot_ns()
        invocation = getattr(self._config, "invocation_params", None)
        self._write(
            "start",
            {
                "framework": "pytest",
                "framework_version": pytest.__version__,
                "python": ".".join(str(part) for part in sys.version_info[:3]),
                "implementation": sys.implementation.name,
                "argv": [str(part) for part in getattr(invocation, "args", ())][:_MAX_NAMES],
                "selection": _selection(self._option),
                "seed": _seed(self._option),
                "workers": _workers(self._option),
                "root": self._root,
                "workspace": self._spool.root,
                "run": getattr(self._spool, "run", ""),
                "shell": getattr(self._spool, "shell", ""),
                "markers": [name for name in _MARKERS if os.environ.get(name)],
            },
        )

    def _tell_collected(self) -> None:
        if self._spool.is_ours():
            self._write("collected", {"selected": self._selected, "deselected": self._deselected})

    def _write(self, kind: str, fields: Json) -> None:
        """Write one line with its time."""
        text = json.dumps({"kind": kind, "t_boot_ns": _boot_ns(), **fields})
        self._spool.append(self._masked(text) + "\n")

    def _masked(self, line: str) -> str:
        """Take out the secret values that this process was started with."""
        for value in self._secrets:
            if value in line:
                line = line.replace(value, _MASK)
        return line

    def _is_elsewhere(self, report: object) -> bool:
        """Whether a test lies outside the tests' root: of another workspace, maybe."""
        location = getattr(report, "location", None) or ("",)
        return _IS_FOR_ALL and os.path.normpath(str(location[0])).startswith(("..", "/"))

    def _phase(self, report: object) -> None:
        node_id: str = report.nodeid  # type: ignore[attr-defined]
        when: str = report.when  # type: ignore[attr-defined]
        if when == "call" and type(report).__name__ in _SUBTESTS:
            self._subtest(node_id, report)
            return
        case = self._open.get(node_id)
        if case is None:
            if self._is_elsewhere(report):
                return
            case = self._open[node_id] = Case()
            begun = encode_basestring_ascii(node_id[:_MAX_ID])
            self._spool.append(self._masked(f'{{"kind":"begin","id":{begun}}}\n'))
        elif when == "setup":
            case.begin_again()
        case.duration_s += report.duration  # type: ignore[attr-defined]
        outcome: str = report.outcome  # type: ignore[attr-defined]
        if outcome != "passed" or "wasxfail" in report.__dict__:
            case.add(report, self._root)
        if when == "teardown" and outcome != "rerun":
            del self._open[node_id]
            self._end(node_id, case)
        elif when not in _PHASES:  # a worker of xdist died in this test: nothing more will come
            case.outcome = "error"
            del self._open[node_id]
            self._end(node_id, case)

    def _end(self, node_id: str, case: Case) -> None:
        self._ran += 1
        self._write_case(node_id, case)

    def _subtest(self, node_id: str, report: object) -> None:
        """Write a part of a test that pytest reports by itself, as a case of its own."""
        describe = getattr(report, "_sub_test_description", None) or getattr(
            report, "sub_test_description", None
        )
        if callable(describe):
            case = Case()
            case.duration_s = float(getattr(report, "duration", 0.0))
            case.add(report, self._root)
            self._write_case(f"{node_id} {describe()}", case)

    def _write_case(self, node_id: str, case: Case) -> None:
        self._written += 1
        if self._written <= _MAX_CASES:
            self._spool.append(self._masked(case.line(node_id)))

    def _finish(self) -> None:
        for node_id, case in self._open.items():
            if case.outcome == "passed":
                case.outcome, case.message = "error", _NO_END
            self._end(node_id, case)
        ran, selected = self._ran, self._selected
        exit_code = getattr(self._session, "exitstatus", None)
        self._write(
            "finish",
            {
                "exit_code": None if exit_code is None else int(exit_code),
                "shell": getattr(self._spool, "shell", ""),
                "duration_ns": _boot_ns() - self._begun_ns,
                "collected": None if selected is None else selected + (self._deselected or 0),
                "deselected": self._deselected,
                "not_run": None if selected is None else max(0, selected - ran),
                "stopped_early": bool(
                    getattr(self._session, "shouldstop", False)
                    or getattr(self._session, "shouldfail", False)
                    or exit_code == 2
                ),
                **({} if _IS_FOR_ALL else self._environment()),
            },
        )

    def _environment(self) -> Json:
        """Return what `signoff run` tells of the process; a spool of a session may not."""
        return {
            "tools": _plugins(self._config),
            "distributions": {
                **_distributions(set(sys.modules) - _modules_before),
                **self._worker_distributions,
            },
            **_installed(sys.path),
        }


class WorkerReporter:
    """What a worker of xdist alone can tell; sent with what it tells its controller anyway."""

    def __init__(self, config: object) -> None:
        self._config = config
        self._deselected = 0

    def pytest_deselected(self, items: Iterable[object]) -> None:
        """Count what `-k` and the like left out; every worker leaves out the same."""
        with suppress(Exception):
            self._deselected += len(list(items))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Leave the words for the controller."""
        with suppress(Exception):
            output = self._config.workeroutput  # type: ignore[attr-defined]
            output[_NAME] = {
                "deselected": self._deselected,
                "distributions": _distributions(set(sys.modules) - _modules_before),
            }


def _lend_to_workers() -> None:
    """Let local workers find this reporter: xdist gives them its copy of the search path.

    Where another version of xdist keeps no such copy, workers tell of nothing of their own.
    """
    import xdist.workermanage  # type: ignore[import-not-found,import-untyped,unused-ignore]

    paths = getattr(xdist.workermanage, "_sys_path", None)
    if isinstance(paths, list) and _HERE not in paths:
        paths.append(_HERE)


def _take_from_workers() -> None:
    module = sys.modules.get("xdist.workermanage")
    paths = getattr(module, "_sys_path", None)
    if isinstance(paths, list) and _HERE in paths:
        paths.remove(_HERE)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Remember what is imported before any file of the project runs."""
    _modules_before.update(sys.modules)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the reporter; that of a worker tells its controller alone."""
    with suppress(Exception):
        manager = config.pluginmanager
        hidden = getattr(manager, "_plugin_distinfo", None)
        if isinstance(hidden, list):  # the header's "plugins:" line stays as it was
            hidden[:] = [pair for pair in hidden if not _is_ours(pair[0])]
        is_run = not any(getattr(config.option, name, False) for name in _LISTING)
        if is_run and not manager.has_plugin(_NAME):
            if hasattr(config, "workerinput"):
                manager.register(WorkerReporter(config), _NAME)
                return
            spool = _session_spool(config) if _IS_FOR_ALL else Spool()
            if spool is not None:
                manager.register(Reporter(config, spool), _NAME)


def _session_spool(config: object) -> Spool | None:
    """Return where a run may write that `signoff run` did not start; None for nowhere."""
    home = os.path.dirname(os.path.dirname(_HERE))  # noqa: PTH120
    begun = getattr(config, "invocation_params", None)
    cwd = str(getattr(begun, "dir", "") or os.getcwd())  # noqa: PTH109
    if _sessions is None:
        return None
    found: Spool | None = _sessions.spool_of(home, cwd, str(getattr(config, "rootpath", cwd)))
    return found


def _secrets() -> tuple[str, ...]:
    """Return the values of secret variables, as they stand in a line of JSON; longest first."""
    values = {
        json.dumps(value)[1:-1]
        for name, value in os.environ.items()
        if _SECRET_NAME.search(name.upper())
        and len(value) >= _MIN_SECRET
        and not value.startswith("/")
    }
    return tuple(sorted(values, key=len, reverse=True))


def _is_ours(plugin: object) -> bool:
    """Whether this is the module that the entry point names, which loaded this one."""
    return __name__.startswith(str(getattr(plugin, "__name__", "-")))


def _selection(option: object) -> list[str]:
    given = [str(part) for part in getattr(option, "file_or_dir", None) or ()]
    for name, flag in (("keyword", "-k"), ("markexpr", "-m")):
        if getattr(option, name, ""):
            given += [flag, str(getattr(option, name))]
    for name, flag in (("lf", "--lf"), ("failedfirst", "--ff"), ("newfirst", "--nf")):
        given += [flag] if getattr(option, name, False) is True else []
    given += [f"--deselect={part}" for part in getattr(option, "deselect", None) or ()]
    return given[:_MAX_NAMES]


def _seed(option: object) -> str | None:
    for name in ("randomly_seed", "random_order_seed"):
        if getattr(option, name, None) is not None:
            return str(getattr(option, name))
    return None


def _workers(option: object) -> int | None:
    if getattr(option, "dist", "no") == "no":
        return None
    specifications = getattr(option, "tx", None)
    return len(specifications) if specifications else None


def _plugins(config: object) -> dict[str, str]:
    manager = getattr(config, "pluginmanager", None)
    found = {} if manager is None else dict(manager.list_plugin_distinfo())
    return {str(info.project_name): str(info.version) for info in list(found.values())[:_MAX_NAMES]}


def _distributions(modules: Iterable[str]) -> dict[str, str]:
    """Return name to version of the installed distributions these modules belong to.

    Only folder names and, for the few whose module is called otherwise, `top_level.txt` are read:
    parsing all metadata would be felt at the end of each run.
    """
    standard = getattr(sys, "stdlib_module_names", frozenset(sys.builtin_module_names))
    wanted: dict[str, set[str]] = {}
    for name in modules:
        top = name.partition(".")[0]
        origin = getattr(sys.modules.get(top), "__file__", None)
        if top in standard or top.startswith("_") or not origin:
            continue
        folder = os.path.dirname(origin)  # noqa: PTH120
        if os.path.basename(origin) == "__init__.py":  # noqa: PTH119
            folder = os.path.dirname(folder)  # noqa: PTH120
        wanted.setdefault(folder, set()).add(top)
    found: dict[str, str] = {}
    for folder, tops in wanted.items():
        found.update(_in_folder(folder, tops))
    return dict(list(found.items())[:_MAX_NAMES])


def _in_folder(folder: str, tops: set[str]) -> dict[str, str]:
    left = {_plain(top) for top in tops}
    found: dict[str, str] = {}
    others = []
    for entry in os.listdir(folder):  # noqa: PTH208
        if not entry.endswith(".dist-info"):
            continue
        name, _, version = entry[: -len(".dist-info")].partition("-")
        if _plain(name) in left:
            left.discard(_plain(name))
            found[name] = version
        else:
            others.append((name, version, os.path.join(folder, entry, "top_level.txt")))  # noqa: PTH118
    for name, version, path in others if left else ():
        try:
            with open(path, encoding="utf-8") as lines:  # noqa: PTH123
                if left & {_plain(line) for line in lines.read(4_096).split()}:
                    found[name] = version
        except OSError:
            continue
    return found


def _installed(path: Iterable[str]) -> Json:
    """Return what is installed on an interpreter's path, from names of folders alone.

    What was installed from a folder, a repository or an address is counted, not named: its
    `direct_url.json` is looked for and never opened.
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    for folder in path:
        if os.path.basename(folder) not in {"site-packages", "dist-packages"}:  # noqa: PTH119
            continue
        with suppress(OSError):
            for entry in sorted(os.listdir(folder)):  # noqa: PTH208
                if not entry.endswith((".dist-info", ".egg-info")):
                    continue
                told = _INSTALLED.fullmatch(entry)
                name = _plain(told.group(1) if told else entry)
                if name in seen:  # one earlier on the path hides it
                    continue
                seen.add(name)
                is_local = os.path.lexists(os.path.join(folder, entry, "direct_url.json"))  # noqa: PTH118
                if told and not is_local and len(found) < _MAX_INSTALLED:
                    found[told.group(1)] = told.group(2)
    return {"installed": found, "installed_unnamed": len(seen) - len(found)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
