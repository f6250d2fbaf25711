"""The opt-in: which folders a developer enabled; nothing else switches recording on.

A workspace is bound to its real path and to its remote (`remotes.py`) and expires after 30 days. A
path belongs to its nearest enabled ancestor by real path. Linked work trees of an enabled
repository inherit; nested repositories and submodules do not. Nothing here reads a file that a
repository could contain, except `.git` itself, which can only withdraw the permission.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.never_record import is_never_recorded
from signoff_collector.capture.opt_in.owners import FREE, CodePlace, Owners, birth_of, code_place
from signoff_collector.capture.opt_in.remotes import bound_remote
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.files.spelling import folded, folds, true_path
from signoff_collector.workspaces.enabled_list import (
    FOREVER_NS,
    EnabledList,
    Entry,
    refuse_unwritable,
)
from signoff_collector.workspaces.work_trees import (
    WorkTree,
    file_stamp,
    read_small,
    work_tree_at,
    work_tree_of,
)
from signoff_schemas.errors import NotFoundError, RefusedError, SignoffError
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from signoff_collector.own_files.home import Home
    from signoff_collector.system.clock import Clock

DAY_NS: Final = 24 * 3600 * 1_000_000_000
LASTS_DAYS: Final = 30
ANNOUNCED_DAYS: Final = 3
_MAX_CONFIG_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A folder, or a single file, whose recording the developer asked for."""

    identifier: str
    """16 random hex digits; linked work trees share their repository's."""

    root: Path
    """Real path of the folder recorded here, or of the one file."""

    enabled_root: Path
    """Real path that was enabled: differs from `root` only in a linked work tree."""

    is_file: bool
    remote: str | None
    owner: Owner
    is_confirmed: bool
    """False when a program enabled it (`--yes`): every editor and `status` say so."""

    enabled_ns: int
    """Wall clock, nanoseconds since 1970."""

    expires_ns: int
    paused_until_ns: int | None
    """Wall clock; None while not paused."""

    repository_birth: str | None = None
    """Identifies the repository, to detect another one put in its place."""

    asked_in: str | None = None
    """The editor in which a person said yes, as the program that enabled it claims."""

    def announcements(self, wall_ns: int) -> tuple[str, ...]:
        """Return what editors and `status` must show about this opt-in now, if anything."""
        said: list[str] = []
        days = -(-(self.expires_ns - wall_ns) // DAY_NS)
        if 0 < days <= ANNOUNCED_DAYS:
            when = "within a day" if days <= 1 else f"in {days} days"
            said.append(f"Recording here ends {when}; `signoff enable` renews it.")
        if not self.is_confirmed and self.asked_in is not None:
            said.append(
                f"Recording here was enabled by a program that says you confirmed it in "
                f"{self.asked_in}; if you did not, `signoff disable` ends it. "
                "`signoff enable` in a terminal confirms it for good."
            )
        elif not self.is_confirmed:
            said.append(
                "Recording here was enabled by a program (--yes), not confirmed by a person; "
                "`signoff enable` confirms it, `signoff disable` ends it."
            )
        return tuple(said)


class Place(StrEnum):
    """The state of one path with respect to the opt-ins."""

    ENABLED = "enabled"
    OFF = "off"
    EXPIRED = "expired"
    PAUSED = "paused"
    OTHER_REMOTE = "other_remote"
    NESTED = "nested_repository"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer for one path, with an explanation for a person."""

    place: Place
    workspace: Workspace | None
    """The nearest opt-in, even if expired or suspended; None when there is none."""

    fact: str
    """One sentence: why this path is recorded or not."""


class Workspaces:
    """The opt-ins of one home; cached until the files behind them change."""

    def __init__(self, home: Home, clock: Clock | None = None) -> None:
        self._home = home
        self._list = EnabledList(home)
        self._owners = Owners(home)
        self._clock: Clock = clock or SystemClock()
        self._remotes: dict[Path, tuple[object, str | None]] = {}

    def find(self, path: Path) -> Workspace | None:
        """Return the workspace that records this path now, or None: nothing may be written.

        Never raises: what cannot be read permits nothing; `look_up` says why.
        """
        try:
            finding = self.look_up(path)
        except (SignoffError, OSError, ValueError):
            return None
        return finding.workspace if finding.place is Place.ENABLED else None

    def look_up(self, path: Path) -> Finding:
        """Return whether this path is recorded, by which opt-in, or why not."""
        real = true_path(path)
        found = self._nearest(real)
        if isinstance(found, Finding):
            return found
        workspace = found
        if workspace.expires_ns <= self._clock.wall_ns():
            return Finding(
                place=Place.EXPIRED,
                workspace=workspace,
                fact=f"Recording of {workspace.root} ended {LASTS_DAYS} days after it was enabled.",
            )
        tree = work_tree_of(workspace.root)
        remote = self._remote_of(tree)
        if remote != workspace.remote and not _gained_its_first(workspace, tree):
            return Finding(
                place=Place.OTHER_REMOTE,
                workspace=workspace,
                fact=(
                    f"Recording of {workspace.root} is suspended: it was enabled with remote "
                    f"{workspace.remote or 'none'} and now has {remote or 'none'}."
                ),
            )
        if self._clock.wall_ns() < (workspace.paused_until_ns or 0):
            return Finding(place=Place.PAUSED, workspace=workspace, fact=_pause_fact(workspace))
        return Finding(
            place=Place.ENABLED, workspace=workspace, fact=f"{workspace.root} is recorded."
        )

    def all(self) -> tuple[Workspace, ...]:
        """Return every opt-in, including expired ones, sorted by path."""
        return tuple(
            _workspace(entry, root=entry.root, is_file=entry.is_file)
            for entry in sorted(self._list.entries(), key=lambda entry: entry.root)
        )

    def enable(
        self, path: Path, *, owner: Owner, is_confirmed: bool, asked_in: str | None = None
    ) -> Workspace:
        """Enable recording of this folder or file for 30 days; renew it if it is enabled already.

        Unconfirmed, it lifts no lock: the code stays an employer's where anybody said so before.
        That a person was asked in some editor is a program's claim: it is stored and shown, and
        confirms nothing.

        Raises:
            NotFoundError: there is nothing at the path.
            RefusedError: the path cannot be written in a line of a plain file, is a repository's
                own folder, or would record a whole home or file system.
        """
        self.refuse_unfit(path)
        real = true_path(path)
        tree = work_tree_of(real)
        now_ns = self._clock.wall_ns()
        self._keep_old_locks()
        previous = next((entry for entry in self._list.entries() if entry.root == real), None)
        place = code_place(real)
        is_locked = self._owners.is_locked(place)
        if not is_confirmed and is_locked:
            owner = Owner.EMPLOYER
        if is_confirmed or not is_locked:
            self._owners.say(place, owner, is_person=is_confirmed, wall_ns=now_ns)
        entry = Entry(
            identifier=previous.identifier if previous else secrets.token_hex(8),
            root=real,
            is_file=not real.is_dir(),
            remote=self._remote_of(tree),
            common_dir=tree.common_dir if tree is not None and tree.shares_repository else None,
            inside=real.relative_to(tree.root) if tree is not None else Path(),
            owner=owner,
            is_confirmed=is_confirmed,
            enabled_ns=now_ns,
            expires_ns=now_ns + LASTS_DAYS * DAY_NS,
            paused_until_ns=previous.paused_until_ns if previous else None,
            repository_birth=_birth_of(tree),
            asked_in=asked_in,
        )
        self._list.put(entry)
        return _workspace(entry, root=real, is_file=entry.is_file)

    def said_owner(self, path: Path) -> Owner | None:
        """Return whose code it is as was said before, of this very folder or in a lock over it."""
        real = true_path(path)
        if self._owners.is_locked(code_place(real)):
            return Owner.EMPLOYER
        return next((entry.owner for entry in self._list.entries() if entry.root == real), None)

    def sharing_owner(
        self, path: Path, files: Iterable[str] = (), *, since_ns: int | None = None
    ) -> Owner | None:
        """Return the owner of the code at a path as far as sharing may rely on it.

        A lock holds, whoever put it and whatever is enabled now. Anything else counts only if a
        person said it of the opt-in that covers the path and confirmed it (threat 12).

        Args:
            path: the folder or file.
            files: names below it that count too.
            since_ns: wall clock; a lock that was lifted only after this counts as well.

        Returns:
            None: nobody who may say it has said it; the code stays local.
        """
        real = true_path(path)
        workspace = self.look_up(real).workspace
        if workspace is not None and workspace.owner is Owner.EMPLOYER:
            return Owner.EMPLOYER
        places = [code_place(real)]
        if workspace is not None and workspace.root != workspace.enabled_root:
            # a linked work tree: asked about where the repository was enabled
            places = [CodePlace(root=real), code_place(workspace.enabled_root)]
        if any(self._owners.is_locked(one, files, since_ns=since_ns) for one in places):
            return Owner.EMPLOYER
        if workspace is None or not workspace.is_confirmed or workspace.owner not in FREE:
            return None
        said = self._owners.persons_word(workspace.enabled_root)
        return workspace.owner if said is workspace.owner else None

    def owner_here(self, path: Path, workspace: Workspace) -> Owner:
        """Return whose code a path of a workspace is: what was said of it, unless a lock holds."""
        is_locked = self.sharing_owner(path) is Owner.EMPLOYER
        return Owner.EMPLOYER if is_locked else workspace.owner

    def disable(self, path: Path) -> Workspace:
        """Remove the opt-in that covers this path, wherever below it the path lies.

        Raises:
            NotFoundError: neither the path nor an ancestor of it is enabled.
        """
        finding = self.look_up(path)
        if finding.workspace is None:
            raise NotFoundError(
                f"{path} is not enabled", hint="`signoff status` lists what is recorded."
            )
        self._keep_old_locks()
        self._list.remove(finding.workspace.identifier)
        return finding.workspace

    def set_pause(self, identifiers: Collection[str], until_ns: int | None) -> None:
        """Pause these workspaces until a wall-clock time; with None, resume them."""
        self._list.change(
            lambda entries: tuple(
                replace(entry, paused_until_ns=until_ns)
                if entry.identifier in identifiers
                else entry
                for entry in entries
            )
        )

    def _keep_old_locks(self) -> None:
        """Keep locks of opt-ins from before answers were kept by themselves."""
        for entry in self._list.entries():
            place = code_place(entry.root)
            if entry.owner is Owner.EMPLOYER and not self._owners.is_locked(place):
                self._owners.say(place, entry.owner, is_person=False, wall_ns=entry.enabled_ns)

    def _nearest(self, real: Path) -> Workspace | Finding:
        """Search upwards from a real path for an opt-in, stopping at the edge of a repository."""
        entries = self._list.entries()
        by_root = {entry.root: entry for entry in entries}
        for folder in (real, *real.parents):
            entry = by_root.get(folder) or _respelled(folder, entries)
            if entry is not None and (not entry.is_file or folder == real):
                return _workspace(entry, root=entry.root, is_file=entry.is_file)
            tree = work_tree_at(folder)
            if tree is not None:
                return _inherited(real, tree, entries) or _beyond_edge(tree, by_root)
        return Finding(
            place=Place.OFF, workspace=None, fact="Nothing is recorded here: it is not enabled."
        )

    def _remote_of(self, tree: WorkTree | None) -> str | None:
        if tree is None or tree.common_dir is None:
            return None
        config = tree.common_dir / "config"
        stamp = file_stamp(config)
        known = self._remotes.get(config)
        if known is not None and known[0] == stamp:
            return known[1]
        content = read_small(config, _MAX_CONFIG_BYTES)
        remote = None if content is None else bound_remote(content)
        self._remotes[config] = (stamp, remote)
        return remote

    def refuse_unfit(self, path: Path) -> None:
        """Refuse what cannot or must not be enabled, before a person is asked about it.

        Raises:
            NotFoundError: there is nothing at the path.
            RefusedError: see `enable`.
        """
        real = true_path(path)
        if not real.exists():
            raise NotFoundError(f"there is nothing at {path}", hint="Name a folder that exists.")
        refuse_unwritable(real)
        if self._home.lies_inside(real):
            raise RefusedError(
                f"{real} contains Signoff's own files at {self._home.root}",
                hint="Name one project, or set SIGNOFF_HOME to a folder outside it.",
            )
        if is_never_recorded(real):
            raise RefusedError(
                f"{real} is on the never-record list", hint="See docs/never_recorded.md."
            )
        if ".git" in real.parts:
            raise RefusedError(
                f"{real} is inside the .git folder of a repository",
                hint="Name the work tree instead.",
            )
        user_home = true_path(Path.home())
        if real == user_home or real in user_home.parents:
            raise RefusedError(
                f"{real} contains your whole home folder",
                hint="Name one project: signoff enable ~/projects/that-one",
            )


def find_workspace(home: Home, path: Path, *, clock: Clock | None = None) -> Workspace | None:
    """Return the workspace that records this path now, or None: nothing may be written.

    A caller that asks often keeps one `Workspaces` object instead, which caches what it read.
    """
    return Workspaces(home, clock).find(path)


def _respelled(folder: Path, entries: tuple[Entry, ...]) -> Entry | None:
    """Return the opt-in of a folder that was renamed to another spelling of its name since."""
    key = folded(str(folder))
    for entry in entries:
        if folded(str(entry.root)) == key and folds(folder.parent) and _is_same(entry.root, folder):
            return replace(entry, root=folder)
    return None


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _inherited(real: Path, tree: WorkTree, entries: tuple[Entry, ...]) -> Workspace | None:
    """Return the opt-in of another work tree of the same repository, if one covers this one."""
    if not tree.shares_repository or tree.common_dir is None:
        return None
    inside = real.relative_to(tree.root)
    covering = [
        entry
        for entry in entries
        if entry.common_dir == tree.common_dir
        and (inside == entry.inside if entry.is_file else inside.is_relative_to(entry.inside))
    ]
    if not covering:
        return None
    entry = max(covering, key=lambda candidate: len(candidate.inside.parts))
    return _workspace(entry, root=tree.root / entry.inside, is_file=entry.is_file)


def _beyond_edge(tree: WorkTree, by_root: dict[Path, Entry]) -> Finding:
    above = next((folder for folder in tree.root.parents if folder in by_root), None)
    if above is None:
        return Finding(
            place=Place.OFF, workspace=None, fact="Nothing is recorded here: it is not enabled."
        )
    return Finding(
        place=Place.NESTED,
        workspace=None,
        fact=f"{tree.root} is a separate repository inside {above}: not recorded until it is "
        f"enabled itself.",
    )


def _workspace(entry: Entry, *, root: Path, is_file: bool) -> Workspace:
    return Workspace(
        identifier=entry.identifier,
        root=root,
        enabled_root=entry.root,
        is_file=is_file,
        remote=entry.remote,
        owner=entry.owner,
        is_confirmed=entry.is_confirmed,
        enabled_ns=entry.enabled_ns,
        expires_ns=entry.expires_ns,
        paused_until_ns=entry.paused_until_ns,
        repository_birth=entry.repository_birth,
        asked_in=entry.asked_in,
    )


def _birth_of(tree: WorkTree | None) -> str | None:
    return None if tree is None or tree.common_dir is None else birth_of(tree.common_dir)


def _gained_its_first(workspace: Workspace, tree: WorkTree | None) -> bool:
    """Whether this is the same repository, which had no remote when it was enabled."""
    birth = workspace.repository_birth
    return workspace.remote is None and birth is not None and birth == _birth_of(tree)


def _pause_fact(workspace: Workspace) -> str:
    if workspace.paused_until_ns == FOREVER_NS:
        return f"Recording of {workspace.root} is paused until `signoff resume`."
    until = datetime.fromtimestamp((workspace.paused_until_ns or 0) // 1_000_000_000).astimezone()
    return f"Recording of {workspace.root} is paused until {until:%H:%M:%S}."
