"""Describe the tools of a workspace, from its files alone; no program is run.

Versions come from the names of `*.dist-info` folders, `pyvenv.cfg` and `node_modules`; of variables
only the names are kept, of lock files only hashes (threat 20 says what may be shared).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import fields_of

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.capture.test_results.test_reports import TestRun

LOCK_FILES: Final = (
    "requirements.txt", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "conda-lock.yml",
    "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lockb", "Cargo.lock", "go.sum",
    "Gemfile.lock", "composer.lock", "flake.lock", "mix.lock",
)  # fmt: skip
TOOLS: Final = frozenset(
    {
        "pytest", "pytest-xdist", "pytest-cov", "pytest-timeout", "hypothesis", "tox", "nox",
        "ruff", "black", "isort", "flake8", "pylint", "mypy", "pyright", "basedpyright",
        "coverage", "pre-commit", "pytest-asyncio", "pytest-benchmark", "pytest-bdd",
        "pytest-django", "pytest-env", "pytest-flask", "pytest-forked", "pytest-httpx",
        "pytest-mock", "pytest-order", "pytest-playwright", "pytest-qt", "pytest-random-order",
        "pytest-randomly", "pytest-repeat", "pytest-rerunfailures", "pytest-subtests",
        "pytest-sugar", "pytest-testmon", "anyio", "flaky", "syrupy", "trio", "unittest2",
        "autopep8", "yapf", "bandit", "pyupgrade", "pytype", "pyre-check", "ty", "nose2",
    }
)  # fmt: skip
"""Allow-list of published tools: a shared episode names no others, which could identify a user."""
NODE_TOOLS: Final = (
    "typescript", "prettier", "eslint", "@biomejs/biome", "stylelint", "vitest", "jest", "mocha",
    "ava", "@playwright/test", "cypress", "nyc", "c8",
)  # fmt: skip
_VENVS: Final = (".venv", "venv", "env")
_MAX_LOCK_BYTES: Final = 16 << 20
_MAX_NAMES: Final = 500
_FILE_NAME: Final = "environment.json"
_MAX_LAST_BYTES: Final = 1 << 20
_REPORTED: Final = ("interpreters", "tools", "distributions", "installed")
_MAX_PACKAGE_BYTES: Final = 1 << 16
_NODE_VERSION: Final = re.compile(r'"version"\s*:\s*"(\d[\w.+-]{0,60})"')
_VENV_VERSION: Final = re.compile(r"^\s*version(?:_info)?\s*=\s*(\d+\.\d+[\w.]*)", re.MULTILINE)


def describe_environment(
    root: Path, *, environ: Mapping[str, str] = os.environ, machine: Path = Path("/")
) -> dict[str, object]:
    """Return the fields of an `environment` step for a workspace.

    `machine` is the root folder in which container engines leave their marker files.
    """
    engine, digest = _container(machine)
    venv = _find_venv(root, environ)
    interpreters = _interpreters(venv)
    return {
        "kind": "environment",
        "os": _system(),
        "arch": platform.machine(),
        "interpreters": interpreters,
        "lock_files": _lock_files(root),
        "tools": {**_tools(venv), **_node_tools(root), **engine},
        "container_digest": digest,
        "variables": sorted(environ)[:_MAX_NAMES],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What test processes reported about themselves: untrusted claims."""

    interpreters: Mapping[str, str] = field(default_factory=dict[str, str])
    tools: Mapping[str, str] = field(default_factory=dict[str, str])
    distributions: Mapping[str, str] = field(default_factory=dict[str, str])
    installed: Mapping[str, str] = field(default_factory=dict[str, str])
    installed_unnamed: int | None = None

    @classmethod
    def joined(cls, runs: Iterable[TestRun]) -> Report:
        """Merge the reports of several runs of one command; the last one wins."""
        told = list(runs)
        return cls(
            interpreters={k: v for run in told for k, v in run.interpreters.items()},
            tools={k: v for run in told for k, v in run.tools.items()},
            distributions={k: v for run in told for k, v in run.distributions.items()},
            installed=told[-1].installed if told else {},
            installed_unnamed=told[-1].installed_unnamed if told else None,
        )


def renew_environment(
    session: Session, fields: Mapping[str, object], report: Report | None = None
) -> dict[str, object] | None:
    """Return the present environment if it differs from the session's last, else None.

    What only a test process can report (distributions, plugins) stays valid until another one
    reports otherwise; so do the variables, for a caller that does not know a command's.
    """
    last = _last(session)
    if report is None:
        before = _texts_of(last, "report")
        unnamed = before.get("installed_unnamed")
        report = Report(
            **{name: _texts(before.get(name)) for name in _REPORTED},
            installed_unnamed=unnamed if isinstance(unnamed, int) else None,
        )
    base = dict(fields)
    if not base.get("variables"):
        base["variables"] = _texts_of(last, "base").get("variables") or []
    told = {name: dict(getattr(report, name)) for name in _REPORTED}
    now: dict[str, object] = {
        "base": base,
        "report": {**told, "installed_unnamed": report.installed_unnamed},
    }
    if now == last:
        return None
    replace_private(session.folder / _FILE_NAME, json.dumps(now, sort_keys=True).encode())
    return {
        **base,
        "interpreters": {**_texts(base.get("interpreters")), **told["interpreters"]},
        "tools": {**_texts(base.get("tools")), **told["tools"]},
        "distributions": told["distributions"],
        "installed": told["installed"],
        "installed_unnamed": report.installed_unnamed,
    }


def drop_environment(session: Session) -> None:
    """Forget the last environment, so that the next command records it again."""
    (session.folder / _FILE_NAME).unlink(missing_ok=True)


def _last(session: Session) -> dict[str, object]:
    try:
        data = read_regular(session.folder / _FILE_NAME, max_bytes=_MAX_LAST_BYTES)
        value: object = json.loads(data)
    except (SignoffError, ValueError, RecursionError):
        return {}
    return fields_of(value)


def _texts_of(value: Mapping[str, object], name: str) -> dict[str, object]:
    found = value.get(name)
    return fields_of(found)


def _system() -> str:
    """Return the system and two version numbers: the full release identifies a machine's build."""
    numbers = re.match(r"\d+(?:\.\d+)?", platform.release())
    return f"{platform.system()} {numbers[0]}" if numbers else platform.system()


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): str(text) for name, text in value.items()}  # pyright: ignore[reportUnknownVariableType]


def _find_venv(root: Path, environ: Mapping[str, str]) -> Path | None:
    named = environ.get("VIRTUAL_ENV")
    candidates = [root / name for name in _VENVS] + ([Path(named)] if named else [])
    return next((folder for folder in candidates if (folder / "pyvenv.cfg").is_file()), None)


def _interpreters(venv: Path | None) -> dict[str, str]:
    if venv is None:
        return {}
    try:
        text = read_regular(venv / "pyvenv.cfg", max_bytes=1 << 16).decode("utf-8", "replace")
    except SignoffError:
        return {}
    found = _VENV_VERSION.search(text)
    return {"python": found[1]} if found is not None else {}


def _tools(venv: Path | None) -> dict[str, str]:
    if venv is None:
        return {}
    tools: dict[str, str] = {}
    for folder in sorted(venv.glob("lib/python3*/site-packages")):
        try:
            names = sorted(entry.name for entry in folder.iterdir())
        except OSError:
            continue
        for name in names:
            distribution, _, version = name.removesuffix(".dist-info").partition("-")
            plain = re.sub(r"[-_.]+", "-", distribution).lower()
            if name.endswith(".dist-info") and plain in TOOLS:
                tools[plain] = version
    return tools


def _node_tools(root: Path) -> dict[str, str]:
    tools: dict[str, str] = {}
    for name in NODE_TOOLS:
        path = root / "node_modules" / name / "package.json"
        try:
            text = read_regular(path, max_bytes=_MAX_PACKAGE_BYTES).decode("utf-8", "replace")
        except SignoffError:
            continue
        found = _NODE_VERSION.search(text)
        if found is not None:
            tools[name] = found[1]
    return tools


def _container(machine: Path) -> tuple[dict[str, str], str | None]:
    """Detect the container engine by its marker file; return also the image digest if available.

    Docker reveals no digest inside; the id of a container identifies a run on one machine, not its
    content.
    """
    try:
        text = read_regular(machine / "run/.containerenv", max_bytes=1 << 16)
    except SignoffError:
        pass
    else:
        found = re.search(rb'^imageid="(?:sha256:)?([0-9a-f]{64})"', text, re.MULTILINE)
        return {"container": "podman"}, None if found is None else f"sha256:{found[1].decode()}"
    if (machine / ".dockerenv").exists():
        return {"container": "docker"}, None
    try:
        text = read_regular(machine / "proc/self/cgroup", max_bytes=1 << 16)
    except SignoffError:
        return {}, None
    found = re.search(rb"/(docker|kubepods|lxc|libpod)\b", text)
    return ({"container": found[1].decode()} if found is not None else {}), None


def _lock_files(root: Path) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for name in LOCK_FILES:
        try:
            data = read_regular(root / name, max_bytes=_MAX_LOCK_BYTES)
        except SignoffError:
            continue
        hashes[name] = hashlib.sha256(data).hexdigest()
    return hashes
