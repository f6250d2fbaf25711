"""Fixtures of the whole suite: a clean home, default signals, repeatable hypothesis."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from signoff_collector.known_values.kept_values import drop_values
from signoff_collector.own_files.home import Home
from signoff_collector.system.processes import ENDING

settings.register_profile(
    "signoff", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("signoff")
# Hypothesis mixes in constants of whichever local modules other tests have imported so far:
# without them a test draws the same examples in every order and on every worker.
providers.is_local_module_file = lambda path: False

_REMOVED_PREFIXES = (
    "SIGNOFF_", "GIT_", "XDG_", "PYTEST_", "NVIM", "PYTHON", "COV_", "COVERAGE_", "LC_", "LANGUAGE",
    "CLICOLOR", "COLORTERM", "COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "SSH_", "TMUX",
    "EDITOR", "VISUAL", "PAGER",
)  # fmt: skip
_KEPT = {
    "SIGNOFF_TEST_DEADLINE_S",
    "PYTEST_CURRENT_TEST",
    "PYTEST_XDIST_WORKER",
    "COVERAGE_PROCESS_CONFIG",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run tests of many examples untraced: it would take them four times as long, to no end."""
    tracer = sys.gettrace()
    if tracer is None or not getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture(autouse=True, scope="session")
def default_signals() -> Iterator[None]:
    """Give children default dispositions, whatever started the suite."""
    for number in (signal.SIGINT, *ENDING):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(
                number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            )
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, *ENDING})
    return


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give every test its own HOME and none of the caller's settings."""
    for name in list(os.environ):
        if name.startswith(_REMOVED_PREFIXES) and name not in _KEPT:
            monkeypatch.delenv(name)
    own = tmp_path / "home-of-test"
    own.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(own))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ada Example")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ada@example.org")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Ada Example")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "ada@example.org")
    before = os.umask(0o022)
    yield
    _end_sessions(tmp_path)
    after = os.umask(before)
    if after not in (0o022, 0o077):
        pytest.fail(f"the test left the umask at {after:#o}")


def _end_sessions(folder: Path) -> None:
    """Take away the sessions of a test's homes: their watchers end, nothing is sealed later."""
    for where in ("*", "*/*", "*/.local/share/signoff"):
        for sessions in folder.glob(f"{where}/state/sessions"):
            shutil.rmtree(sessions, ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the path of a fresh SIGNOFF_HOME, already in the environment."""
    folder = tmp_path / "signoff-home"
    monkeypatch.setenv("SIGNOFF_HOME", str(folder))
    yield folder
    drop_values(Home(root=folder.resolve()))


@pytest.fixture(scope="session")
def compiled_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the second engine's rules, compiled once for this worker."""
    from kingfisher_sdk import Rules

    folder = tmp_path_factory.mktemp("engines")
    folder.chmod(0o700)
    assert Rules(cache_dir=folder).cache_status == "stored"
    return folder


@pytest.fixture
def compiled_engine(home: Path, compiled_rules: Path) -> None:
    """Make the home with compiled rules in it: sealing then takes seconds less."""
    engines = home / "state" / "engines"
    for folder in (home, home / "state", engines):
        folder.mkdir(mode=0o700)
    for path in compiled_rules.iterdir():
        shutil.copy2(path, engines)
