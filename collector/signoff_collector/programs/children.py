"""Run other programs: absolute paths, an allow-listed environment, limits on time and output.

Every environment variable may come from the workspace (`.envrc`, editor settings), so children get
only the names below, and a search path of system folders (threat 1).
"""

from __future__ import annotations

import functools
import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_collector.system.abilities import is_apple
from signoff_collector.system.processes import (
    PROGRAM_SUFFIX,
    SYSTEM_FOLDERS,
    SYSTEM_VARIABLES,
    LimitError,
    end_child,
    exchange,
)
from signoff_schemas.errors import ChildFailedError, MissingProgramError, SignoffError

PASSED_ON: Final = frozenset(
    {"HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TERM"}
    | SYSTEM_VARIABLES
)
"""Allow-list of environment variables that a child inherits; others must be passed explicitly."""

APPLE_STUB: Final = Path("/usr/bin/git")
"""On macOS it is git with Apple's developer tools; without, it opens a dialog to install them."""
XCODE_SELECT: Final = Path("/usr/bin/xcode-select")

MAX_OUTPUT_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildResult:
    """How a child ended and what it wrote."""

    exit_code: int
    """By the convention of `subprocess`: negative for a signal."""
    stdout: bytes
    stderr: bytes


def child_environment(
    extra: Mapping[str, str] | None = None, *, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the allow-listed environment of a child, with `extra` on top."""
    kept = {name: value for name, value in environ.items() if name in PASSED_ON}
    return {**kept, "PATH": os.pathsep.join(SYSTEM_FOLDERS), **(extra or {})}


def find_program(
    name: str,
    *,
    avoid: Iterable[Path] = (),
    environ: Mapping[str, str] = os.environ,
    folders: Sequence[str] = SYSTEM_FOLDERS,
) -> Path:
    """Return the absolute path of a program: the pinned one, else see `search_program`.

    Raises:
        MissingProgramError: there is none, the pinned one is gone or in a workspace now, or it is
            Apple's git without the developer tools.
    """
    shunned = tuple(folder.resolve() for folder in avoid)
    fixed = _fixed(name, environ)
    if fixed is None:
        return search_program(name, avoid=shunned, environ=environ, folders=folders)
    if _lies_in(fixed, (*shunned, *_enabled_folders(environ))):
        raise MissingProgramError(
            f"{name} was fixed to {fixed} by `signoff setup`; that is inside a workspace now",
            hint="Install it elsewhere, then run `signoff setup` again.",
        )
    if _is_bare_stub(fixed):
        raise _without_tools()
    return fixed


def _fixed(name: str, environ: Mapping[str, str]) -> Path | None:
    """Return the program that `setup` pinned, if the home exists and has one."""
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.programs.fixed_programs import fixed_path

    try:
        home = resolve_home(environ)
    except SignoffError:
        return None
    return fixed_path(name, home)


def search_program(
    name: str,
    *,
    avoid: Iterable[Path] = (),
    environ: Mapping[str, str] = os.environ,
    folders: Sequence[str] = SYSTEM_FOLDERS,
) -> Path:
    """Search a program that no workspace provides, ignoring pinned paths.

    System folders come first, then absolute entries of PATH outside every work tree, outside every
    enabled workspace and outside the folders of `avoid`.

    Raises:
        MissingProgramError: there is none, or only Apple's git without the developer tools.
    """
    is_bare = False
    shunned = tuple(folder.resolve() for folder in avoid)
    for folder in folders:
        candidate = Path(folder, f"{name}{PROGRAM_SUFFIX}")
        if not _is_program(candidate) or _lies_in(candidate, shunned):
            continue
        if not _is_bare_stub(candidate):
            return candidate
        is_bare = True
    shunned += _enabled_folders(environ)
    for entry in environ.get("PATH", "").split(os.pathsep):
        candidate = Path(entry, f"{name}{PROGRAM_SUFFIX}")
        if (
            candidate.is_absolute()
            and _is_program(candidate)
            and not _lies_in(candidate, shunned)
            and not _is_in_work_tree(candidate)
            and not (is_bare and candidate == APPLE_STUB)
        ):
            return candidate
    if is_bare:
        raise _without_tools()
    raise MissingProgramError(
        f"there is no program {name} in the system's folders or on PATH", hint=f"Install {name}."
    )


def _is_bare_stub(path: Path) -> bool:
    """Whether a program is Apple's git, and the developer tools that it needs are not there."""
    if not is_apple() or path != APPLE_STUB:
        return False
    try:
        _ask_for_developer_tools()
    except _NoToolsError:
        return True
    return False


class _NoToolsError(Exception):
    """Apple's developer tools are not installed; not kept, since they may be at any time."""


@functools.cache
def _ask_for_developer_tools() -> None:
    """Ask where Apple's developer tools are, which opens no dialog; asked until they are there.

    Raises:
        _NoToolsError: nowhere.
    """
    try:
        said = run_child([XCODE_SELECT, "-p"], cwd=Path("/"), timeout_s=10)
    except SignoffError as error:
        raise _NoToolsError from error
    folder = os.fsdecode(said.stdout).strip()
    if said.exit_code != 0 or not folder or not Path(folder).is_dir():
        raise _NoToolsError


def _without_tools() -> MissingProgramError:
    return MissingProgramError(
        f"{APPLE_STUB} is git only with Apple's developer tools, which are not installed",
        hint="Install them (`xcode-select --install`), or another git (`brew install git`).",
    )


def _enabled_folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the enabled workspaces: one without git cannot be recognised by its files."""
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.workspaces.enabled_list import EnabledList

    try:
        return tuple(entry.root for entry in EnabledList(resolve_home(environ)).entries())
    except SignoffError:
        return ()


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _lies_in(path: Path, folders: tuple[Path, ...]) -> bool:
    return any(
        place.is_relative_to(folder) for folder in folders for place in (path, path.resolve())
    )


def _is_in_work_tree(path: Path) -> bool:
    return any((folder / ".git").exists() for folder in path.resolve().parents)


def run_child(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    timeout_s: float,
    stdin: bytes | None = None,
    extra_env: Mapping[str, str] | None = None,
    max_output_bytes: int = MAX_OUTPUT_BYTES,
    keeps_terminal: bool = False,
) -> ChildResult:
    """Run a program to its end and return its output; its exit code is the caller's to judge.

    Args:
        argv: the program by absolute path, and its arguments.
        cwd: where it runs.
        timeout_s: after this it is killed, with all of its process group.
        stdin: what it reads; nothing when None.
        extra_env: variables beyond the allow-list.
        max_output_bytes: more than this on one stream counts as a failure.
        keeps_terminal: leave it the terminal, so that it can ask for a passphrase.

    Raises:
        MissingProgramError: the program is not there.
        ChildFailedError: it took too long or wrote too much.
    """
    program = str(argv[0])
    if not Path(program).is_absolute():
        raise ValueError(f"a child process is started by its absolute path, not {program!r}")
    try:
        process = subprocess.Popen(
            [program, *map(str, argv[1:])],
            cwd=cwd,
            env=child_environment(extra_env),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=not keeps_terminal,
        )
    except FileNotFoundError as error:
        raise MissingProgramError(f"cannot run {program} in {cwd}: not found") from error
    except OSError as error:
        raise ChildFailedError(f"cannot run {program}: {os.strerror(error.errno or 0)}") from error
    with process:
        try:
            output = exchange(process, stdin or b"", time.monotonic() + timeout_s, max_output_bytes)
            process.wait(timeout=timeout_s)
        except (LimitError, subprocess.TimeoutExpired) as error:
            reason = str(error) if isinstance(error, LimitError) else "did not end"
            raise ChildFailedError(f"{program} was stopped: {reason}") from None
        finally:
            end_child(process, has_group=not keeps_terminal)
    return ChildResult(exit_code=process.returncode, stdout=output[0], stderr=output[1])
