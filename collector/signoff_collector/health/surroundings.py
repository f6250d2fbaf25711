"""Checks of dependencies: git, OpenSSH, what tells of changes on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.git.git import Git, program_and_version, users_settings
from signoff_collector.capture.git.git_repository import RefFormat, find_repository
from signoff_collector.health.interface import bad, note, ok
from signoff_collector.own_files.home import Home
from signoff_collector.programs.children import find_program
from signoff_collector.programs.fixed_programs import State, read_fixed
from signoff_collector.system.abilities import WHERE_IT_RECORDS, can_record, is_apple
from signoff_collector.system.files import inotify
from signoff_collector.system.users import is_own
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.health.interface import Line, Surroundings

_ENOUGH_WATCHES: Final = 65_536
_ENOUGH_INSTANCES: Final = 128
_OLDEST_GIT: Final = (2, 30)
"""The oldest that our tests run with (`make versions-check`)."""


def git(around: Surroundings) -> Line:
    """Look for git, and see that it can be told to run no program of a repository."""
    hint = "Install git 2.30 or newer: without it nothing of git is recorded."
    try:
        program, version = program_and_version(around.here)
    except SignoffError as error:
        says_more = is_apple() or _is_fixed("git", around)
        return bad(str(error), error.hint if says_more else hint)
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    fact = f"{program}, {version or 'of unknown version'}"
    if numbers < _OLDEST_GIT:
        return bad(fact, "Install git 2.30 or newer: Signoff was never tried with an older one.")
    return _said("git", fact, around)


def _is_fixed(name: str, around: Surroundings) -> bool:
    home = around.home
    try:
        return isinstance(home, Home) and name in read_fixed(home)
    except SignoffError:
        return True


def _said(name: str, fact: str, around: Surroundings) -> Line:
    """Add whether `setup` fixed a program, and whether it is still the one that it fixed."""
    home = around.home
    program = read_fixed(home).get(name) if isinstance(home, Home) else None
    if program is None:
        return ok(f"{fact}; looked for at each use, until `signoff setup` fixes it")
    if program.state is State.SAME:
        return ok(f"{fact}; fixed by `signoff setup`")
    return note(
        f"{fact}; not the file that `signoff setup` fixed: an upgrade, or a replacement",
        "If you upgraded it, run `signoff setup` again.",
    )


def repository(around: Surroundings) -> Line:
    """Check whether git accepts the current repository, and which ref storage it uses."""
    found = find_repository(around.here)
    if found is None:
        return ok("no repository here")
    try:
        Git(found.root).run("rev-parse", "--is-inside-work-tree")
    except SignoffError as error:
        return note(f"no git step is recorded here: {error}", error.hint)
    status = found.git_dir.stat()
    if not is_own(status) and not _is_allowed(found.root):
        return note(
            f"{found.root} belongs to user {status.st_uid}, so your git refuses it "
            "(safe.directory); git operations of others in it are recorded nevertheless",
            f"git config --global --add safe.directory {found.root}",
        )
    if found.ref_format is RefFormat.REFTABLE:
        return note(
            f"{found.root} keeps its refs as a reftable: git is asked instead of read, "
            "and its steps may come later",
            "Nothing to do; `git refs migrate --ref-format=files` goes back.",
        )
    return ok(f"{found.root}")


def _is_allowed(root: Path) -> bool:
    """Say whether the person's own git trusts a folder of somebody else."""
    try:
        named = users_settings("safe.directory")
    except SignoffError:
        return False
    counting = named[len(named) - named[::-1].index("") :] if "" in named else named
    return any(value in {str(root), "*"} for value in counting)


def watches(around: Surroundings) -> Line:
    """Check that the system can tell of changes, in a large repository too."""
    if not can_record():
        return note("nothing is recorded on Windows itself", WHERE_IT_RECORDS)
    if not inotify.is_here():
        from signoff_collector.system.files.watchdog_teller import why_not

        missing = why_not()
        if missing is None:
            return ok("the system tells of changes below a whole folder, through watchdog")
        return note(
            f"nothing tells of changes on disk, so files are compared in turn: {missing}",
            "Install Signoff again: watchdog belongs to it on macOS and Windows.",
        )
    folder = around.proc / "sys" / "fs" / "inotify"
    try:
        limit = int((folder / "max_user_watches").read_text())
        instances = int((folder / "max_user_instances").read_text())
    except (OSError, ValueError):
        return note(
            "the limits of inotify cannot be read, so perhaps nothing tells of changes on disk",
            "Mount /proc; `signoff status` says how a workspace is watched.",
        )
    fact = f"{limit} folders, {instances} watchers"
    if limit >= _ENOUGH_WATCHES and instances >= _ENOUGH_INSTANCES:
        return ok(fact)
    name = "max_user_watches" if limit < _ENOUGH_WATCHES else "max_user_instances"
    enough = 524_288 if limit < _ENOUGH_WATCHES else 512
    return note(
        f"{fact}: editors and watchers share them, and a large repository needs more",
        f"sudo sysctl fs.inotify.{name}={enough}",
    )


def ssh_keygen(around: Surroundings) -> Line:
    """Check for the program that signs."""
    try:
        program = find_program("ssh-keygen", avoid=(around.here,), environ=around.environ)
        return _said("ssh-keygen", str(program), around)
    except SignoffError as error:
        hint = "Install OpenSSH: sign-offs are made and checked with it."
        return note(str(error), error.hint if _is_fixed("ssh-keygen", around) else hint)
