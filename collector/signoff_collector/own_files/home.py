"""Locate Signoff's own folder, and refuse unsafe places for it (threat 1)."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signoff_collector.own_files.private_files import (
    make_private_folder,
    replace_private,
    storage_error,
)
from signoff_collector.system.users import is_own, profile_where_modes_say_nothing, user_id
from signoff_schemas.errors import RefusedError, SignoffError

_WORK_TREE_SIGNS: Final = (".git", ".hg", ".jj", ".svn")
CACHE_TAG: Final = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# Raw history of coding sessions; backup tools that honour this file leave it out.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder of one user's Signoff and the places in it (docs/files.md)."""

    root: Path
    """Real, absolute path."""

    @property
    def config(self) -> Path:
        """Settings and the list of enabled workspaces."""
        return self.root / "config"

    @property
    def keys(self) -> Path:
        """Signing keys, one per audience."""
        return self.root / "keys"

    @property
    def state(self) -> Path:
        """Runtime state that recording needs."""
        return self.root / "state"

    @property
    def data(self) -> Path:
        """Recorded data."""
        return self.root / "data"

    @property
    def sessions(self) -> Path:
        """One folder per session."""
        return self.state / "sessions"

    @property
    def episodes(self) -> Path:
        """Sealed episodes, their plans and sign-offs."""
        return self.data / "episodes"

    @property
    def outbox(self) -> Path:
        """What waits to be sent or withdrawn, and what was."""
        return self.state / "outbox.sqlite"

    @property
    def engines(self) -> Path:
        """Cache of compiled rules for the second engine; contains nothing recorded."""
        return self.state / "engines"

    @property
    def enabled_tsv(self) -> Path:
        """The list that shell hooks read."""
        return self.config / "enabled.tsv"

    @property
    def made_parents(self) -> Path:
        """Parent folders that had to be created, innermost first; for `uninstall --data`."""
        return self.state / "made_parents"

    @property
    def exists(self) -> bool:
        """Whether anything was ever stored here."""
        return self.root.is_dir()

    def lies_inside(self, folder: Path) -> bool:
        """Whether this home is `folder` or below it, by whole path components."""
        return self.root.is_relative_to(folder.resolve())

    def ensure(self) -> Home:
        """Create every folder that is missing, 0700, and return this home.

        Raises:
            RefusedError: a folder in it belongs to somebody else or is open to others.
            SignoffError: it cannot be written.
        """
        missing = [folder for folder in self.root.parents if not os.path.exists(folder)]  # noqa: PTH110  (never raises)
        for folder in (self.root, self.config, self.keys, self.state, self.sessions,
                       self.data, self.episodes):  # fmt: skip
            make_private_folder(folder)
            _refuse_foreign(folder)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise SignoffError(
                    f"cannot write to {folder}",
                    hint="Make it writable, or set SIGNOFF_HOME to a folder that is.",
                )
        tag = self.state / "CACHEDIR.TAG"
        if not tag.exists():
            replace_private(tag, CACHE_TAG)
        if missing:
            lines = "".join(f"{folder}\n" for folder in missing)
            replace_private(self.made_parents, os.fsencode(lines))
        return self


def resolve_home(environ: Mapping[str, str] = os.environ) -> Home:
    """Return the home that SIGNOFF_HOME names, or the system's default; nothing is created.

    Raises:
        RefusedError: it lies in a work tree, belongs to somebody else, or is open to others.
        SignoffError: it cannot be read, or is not a folder.
    """
    named = environ.get("SIGNOFF_HOME")
    chosen = Path(named) if named else _default_root()
    if not chosen.is_absolute():
        raise RefusedError(
            f"Signoff's home is not an absolute path: {chosen}",
            hint="Set SIGNOFF_HOME to an absolute path outside every repository.",
        )
    try:
        root = chosen.resolve()
        _refuse_work_tree(root)
        if os.path.lexists(root):
            _refuse_foreign(root)
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError):
            raise storage_error(error, chosen) from error
        raise SignoffError(f"cannot resolve {chosen}: its links form a circle") from error
    return Home(root=root)


def _default_root() -> Path:
    """Return the system's default place, from the environment of this process."""
    from platformdirs import user_data_path

    return user_data_path("signoff", appauthor=False)


def _refuse_work_tree(root: Path) -> None:
    for folder in (root, *root.parents):
        for sign in _WORK_TREE_SIGNS:
            if os.path.lexists(folder / sign):
                raise RefusedError(
                    f"Signoff's home {root} is inside the work tree {folder}",
                    hint="Set SIGNOFF_HOME to a folder outside every repository.",
                )


def _refuse_foreign(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise RefusedError(
            f"{folder} is not a folder", hint="Move it away, or set SIGNOFF_HOME elsewhere."
        )
    if not is_own(found):
        raise RefusedError(
            f"{folder} belongs to user {found.st_uid}, not to user {user_id()}",
            hint="Set SIGNOFF_HOME to a folder of your own.",
        )
    profile = profile_where_modes_say_nothing()
    if profile is not None:
        if not folder.is_relative_to(Path(profile).resolve()):
            raise RefusedError(
                f"{folder} lies outside of {profile}, so other accounts may read it",
                hint="Set SIGNOFF_HOME to a folder in your own profile.",
            )
    elif found.st_mode & 0o077:
        raise RefusedError(
            f"{folder} is open to others: mode {stat.S_IMODE(found.st_mode):04o}",
            hint=f"Run `chmod 700 {folder}` after a look at what is in it.",
        )
