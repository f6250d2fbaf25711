"""Opt-in for results of plain pytest: one archive file that is both the consent and the plugin.

The archive in `config` of a home is what a person agreed to at `setup`. While it exists, hooks of
shells name it last in PYTHONPATH where lines are recorded, and a pytest that loads plugins finds
the reporter in it like any other. It is not a folder, so that no other file can be added beside the
reporter. It is named like a wheel: pip does not look into one in PYTHONPATH, so it neither lists
nor freezes it. Its modules have a random name, so that no file of a project can be mistaken for
them.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.journal.spool import lines_in
from signoff_collector.capture.test_results.test_reports import (
    FOR_ALL,
    KINDS,
    METADATA,
    door_of,
    entry_points,
    text_in,
)
from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.sessions.sessions import Session
    from signoff_collector.own_files.home import Home

NAME: Final = FOR_ALL
_MAX_BYTES: Final = 1 << 20
_DOOR: Final = re.compile(r"(signoff_reporter_[0-9a-f]{8})\.py")
_INFO: Final = "signoff_run_reporter-0.dist-info"
_PARTS: Final = {"body": "pytest_reporter.py", "sessions": "pytest_sessions.py"}
_WAITS_S: Final = 120
"""Most time between the end of a run and the session that adopts it."""


def results_path(home: Home) -> Path:
    """Return the path of the archive."""
    return home.config / NAME


def is_agreed(home: Home) -> bool:
    """Whether the person agreed."""
    return results_path(home).is_file()


def told_since_ns(home: Home) -> int | None:
    """Return since when results may be reported (wall-clock ns), or None; an upgrade resets it."""
    try:
        return results_path(home).stat().st_mtime_ns
    except OSError:
        return None


def agree(home: Home) -> None:
    """Write the archive of this release, under a new random name: plain pytest reports from now on.

    Raises:
        SignoffError: it cannot be written.
    """
    home.ensure()
    current = _read(home)
    content = _archive(_module_of(current) or f"signoff_reporter_{secrets.token_hex(4)}")
    if content != current:
        replace_private(results_path(home), content)


def keep_current(home: Home) -> None:
    """Replace the reporter of an older release, if the person agreed; never raises.

    A run that starts during the replacement finds either file: the module that both name is first
    in the archive and is identical.
    """
    with suppress(SignoffError, OSError):
        if is_agreed(home):
            agree(home)


def is_current(home: Home) -> bool:
    """Whether the reporter is this release's."""
    current = _read(home)
    name = _module_of(current)
    return name is not None and current == _archive(name)


def take_back(home: Home) -> bool:
    """Remove the archive, so that no further pytest reports; return whether it existed."""
    had = is_agreed(home)
    results_path(home).unlink(missing_ok=True)
    shutil.rmtree(_waiting(home), ignore_errors=True)
    return had


def take_in(home: Home, session: Session, *, is_private: bool) -> None:
    """Move runs that ended before their session was open into it; never raises.

    Args:
        home: where they wait.
        session: the session that was just opened.
        is_private: the line that opened it begins with a space, so none of it is kept.
    """
    with suppress(OSError):
        now_s = time.time()  # noqa: TID251  as the file system counts
        for path in sorted(_waiting(home).glob("tests-*.spool*")):
            is_old = now_s - path.stat().st_mtime > _WAITS_S
            if path.suffix == ".spool" and not is_old and _root_of(path) == str(session.root):
                if is_private:
                    path.unlink()
                else:
                    path.rename(session.folder / path.name)
            elif is_old:
                path.unlink()


def _waiting(home: Home) -> Path:
    return home.state / "pytest"


def _root_of(path: Path) -> str | None:
    try:
        line = read_regular(path, max_bytes=64 << 20).partition(b"\n")[0] + b"\n"
    except SignoffError:
        return None
    records = lines_in(line, kinds=KINDS).records
    return text_in(records[0], "workspace") if records else None


def _read(home: Home) -> bytes:
    try:
        return read_regular(results_path(home), max_bytes=_MAX_BYTES)
    except SignoffError:
        return b""


def _module_of(content: bytes) -> str | None:
    """Return the module that the entry point names, from the archive's first file."""
    import io
    import zipfile

    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    found = _DOOR.fullmatch(names[0]) if names else None
    return None if found is None else found[1]


def _archive(module: str) -> bytes:
    """Build the archive: deterministic for a name and release, stored uncompressed."""
    import io
    import zipfile

    made = io.BytesIO()
    folder = Path(__file__).parent
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        files = {
            f"{module}.py": door_of(module),
            **{
                f"{module}_{part}.py": (folder / name).read_bytes() for part, name in _PARTS.items()
            },
            f"{_INFO}/entry_points.txt": entry_points(module),
            f"{_INFO}/METADATA": METADATA,
        }
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()
