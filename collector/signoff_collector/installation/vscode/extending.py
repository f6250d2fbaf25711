"""Install our extension in editors, and uninstall it, in a crash-safe way.

Order: the record is synced, then the editor installs, then it is asked for its extensions. After a
crash between any two of these, the record names at least every editor that was touched.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Final

from signoff_collector.installation.undo.reverting import Outcome
from signoff_collector.installation.vscode.extension_record import ExtensionEntry, ExtensionRecord
from signoff_collector.installation.vscode.vscode_forks import (
    install,
    installed_version,
    standing_program,
    uninstall,
)
from signoff_collector.own_files.private_files import replace_private, storage_error
from signoff_schemas.errors import ChildFailedError, SignoffError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from signoff_collector.installation.account import Account
    from signoff_collector.installation.interface import ExtensionInstall
    from signoff_collector.own_files.home import Home

_PACKAGE: Final = "signoff.vsix"


def extend(home: Home, account: Account, installs: Sequence[ExtensionInstall]) -> None:
    """Let every editor install what was shown; one that fails does not stop the others.

    The caller holds the undo record's lock.

    Raises:
        SignoffError: an editor could not; says which. The others have it.
    """
    failures: list[SignoffError] = []
    for one in installs:
        if one.is_needed:
            try:
                _extend(home, account, one)
            except SignoffError as error:
                failures.append(error)
    if failures:
        told = "; ".join(map(str, failures))
        raise ChildFailedError(told, hint=failures[0].hint) from failures[0]


def _extend(home: Home, account: Account, one: ExtensionInstall) -> None:
    record = ExtensionRecord(home)
    known = next(
        (at for at in record.entries() if standing_program(at.program, account) == one.program),
        None,
    )
    before = (
        known.before
        if known is not None
        else installed_version(one.program, account, one.extension)
    )
    entry = ExtensionEntry(program=one.program, extension=one.extension, before=before, sha256="")
    record.put(entry)
    if known is not None and known.program != one.program:
        record.drop(known.program)
    package = _package_path(home)
    try:
        replace_private(package, one.package)
        install(one.program, account, package)
    finally:
        drop_package(home)
    has = installed_version(one.program, account, one.extension)
    if has != one.version:
        raise ChildFailedError(
            f"{one.program} installed {one.extension} {one.version}, but then lists "
            f"{has or 'none'}",
            hint="Look at its list of extensions.",
        )
    record.put(
        ExtensionEntry(
            program=one.program,
            extension=one.extension,
            before=before,
            sha256=hashlib.sha256(one.package).hexdigest(),
        )
    )


def keep_package(home: Home, package: bytes) -> Path:
    """Write the package where a person can hand it to an editor; `drop_package` takes it away.

    Raises:
        SignoffError: it cannot be written.
    """
    home.ensure()
    replace_private(_package_path(home), package)
    return _package_path(home)


def drop_package(home: Home) -> None:
    """Delete the package that was handed to an editor; a kill may have left it."""
    try:
        _package_path(home).unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(error, home.state) from error


def _package_path(home: Home) -> Path:
    return home.state / _PACKAGE


def withdraw_extension(home: Home, account: Account, entry: ExtensionEntry) -> Outcome:
    """Take the extension out of one editor and drop its entry. The caller holds the lock.

    One that was there before us stays. Repeating it after a kill at any point does no harm.

    Raises:
        SignoffError: the editor could not; the entry stays.
    """
    outcome = Outcome.UNTOUCHED
    program = standing_program(entry.program, account)
    if entry.before is None and program.exists():
        if installed_version(program, account, entry.extension) is not None:
            uninstall(program, account, entry.extension)
            outcome = Outcome.REMOVED
        if installed_version(program, account, entry.extension) is not None:
            raise ChildFailedError(f"{program} still lists {entry.extension}")
    ExtensionRecord(home).drop(entry.program)
    with contextlib.suppress(SignoffError):
        drop_package(home)
    return outcome
