"""What tools a workspace uses, as far as its files say so; no program is run.

Versions come from the names of `*.dist-info` folders and from `pyvenv.cfg`; of variables only the
names are kept, of lock files only hashes (THREATS 20 says what of this may ever be shared).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.sessions import Session

LOCK_FILES: Final = (
    "requirements.txt", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "conda-lock.yml",
    "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lockb", "Cargo.lock", "go.sum",
    "Gemfile.lock", "composer.lock", "flake.lock", "mix.lock",
)  # fmt: skip
TOOLS: Final = frozenset(
    {
        "pytest", "pytest-xdist", "pytest-cov", "pytest-timeout", "hypothesis", "tox", "nox",
        "ruff", "black", "isort", "flake8", "pylint", "mypy", "pyright", "basedpyright",
        "coverage", "pre-commit",
    }
)  # fmt: skip
_VENVS: Final = (".venv", "venv", "env")
_MAX_LOCK_BYTES: Final = 16 << 20
_MAX_NAMES: Final = 500
_FILE_NAME: Final = "environment.sha256"
_VENV_VERSION: Final = re.compile(r"^\s*version(?:_info)?\s*=\s*(\d+\.\d+[\w.]*)", re.MULTILINE)


def describe_environment(
    root: Path, *, environ: Mapping[str, str] = os.environ
) -> dict[str, object]:
    """Return the fields of an `environment` step for a workspace."""
    venv = _find_venv(root, environ)
    interpreters = _interpreters(venv)
    return {
        "kind": "environment",
        "os": _system(),
        "arch": platform.machine(),
        "interpreters": interpreters,
        "lock_files": _lock_files(root),
        "tools": _tools(venv),
        "variables": sorted(environ)[:_MAX_NAMES],
    }


def with_report(
    fields: Mapping[str, object], *, interpreters: Mapping[str, str],
    tools: Mapping[str, str], distributions: Mapping[str, str],
) -> dict[str, object]:  # fmt: skip
    """Return the fields with what a test process said about itself."""
    known = fields.get("interpreters"), fields.get("tools")
    return {
        **fields,
        "interpreters": {**_texts(known[0]), **interpreters},
        "tools": {**_texts(known[1]), **tools},
        "distributions": dict(distributions),
    }


def note_environment(session: Session, fields: Mapping[str, object]) -> bool:
    """Return whether this differs from the last environment of the session, and remember it."""
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    path = session.folder / _FILE_NAME
    try:
        if read_regular(path, max_bytes=1_024).decode("ascii", "replace") == digest:
            return False
    except SignoffError:
        pass
    replace_private(path, digest.encode())
    return True


def _system() -> str:
    """Return system and version in two numbers: the whole release names a machine's build."""
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
    if venv is None or sys.platform == "win32":
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


def _lock_files(root: Path) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for name in LOCK_FILES:
        try:
            data = read_regular(root / name, max_bytes=_MAX_LOCK_BYTES)
        except SignoffError:
            continue
        hashes[name] = hashlib.sha256(data).hexdigest()
    return hashes
