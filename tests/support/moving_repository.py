"""A repository that is rewritten while somebody works in it: settings, attributes, hooks, includes,
work trees, submodules, HEAD.

Every turn names its programs in drivers and files of another name, so that no list of them that
was made before is true. Each program leaves a mark of its own name when it is started.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.deadline import deadline
from tests.support.git_programs import (
    KINDS,
    Kind,
    begin_rebase,
    make_signed_merge,
    plain_git,
)
from tests.support.hostile_repository import GIT, git
from tests.support.pseudo_terminal import Terminal

PAUSE_S = 1.0
_TEXT = "text 😀𝄞\n"
_HOOKS = ("post-index-change", "reference-transaction", "post-checkout", "pre-commit")
_SETTINGS_OF = {
    "the repository": ".git/config",
    "an included file": "team.gitconfig",
    "a file included there": ".git/deeper",
    "includeIf gitdir": ".git/if-gitdir",
    "includeIf onbranch": ".git/if-onbranch",
    "includeIf hasconfig": ".git/if-hasconfig",
    "the work tree": ".git/config.worktree",
    "the person": "~/.gitconfig",
    "the person's XDG folder": "~/.config/git/config",
}
"""Where a setting may stand; in each there is a clean filter of its own."""
_INCLUDES = """[include]
	path = {root}/team.gitconfig
[includeIf "gitdir:**"]
	path = {git}/if-gitdir
[includeIf "onbranch:late*"]
	path = {git}/if-onbranch
[includeIf "hasconfig:remote.*.url:**"]
	path = {git}/if-hasconfig
[extensions]
	worktreeConfig = true
[safe]
	directory = *
"""
_ATTRIBUTES_OF = {
    "gitattributes": ".gitattributes",
    "info attributes": ".git/info/attributes",
    "attributes of a folder": "deep/.gitattributes",
    "attributes of the person": "~/.config/git/attributes",
    "core.attributesFile": "~/attributes",
}
"""Where attributes may stand; each gives a file of its own to the first driver."""
_INNER = {
    "a submodule": "sub",
    "another git folder of the submodule": "sub",
    "an embedded bare repository": "vendor.git",
    "another common folder": ".",
}
"""Other git folders, with a monitor each, and from where plain git finds them."""


def _slug(name: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in name)


@dataclass(slots=True)
class MovingRepository:
    """Where its parts lie, and the turn it is in."""

    folder: Path
    turn: int = 0
    standing_still: threading.Lock = field(default_factory=threading.Lock)
    """Held by who wants no turn meanwhile."""
    _config: dict[Path, str] = field(default_factory=dict[Path, str])
    """The settings that each git folder began with."""

    @property
    def root(self) -> Path:
        return self.folder / "work"

    @property
    def programs(self) -> Path:
        return self.folder / "programs"

    @property
    def names(self) -> set[str]:
        """Every planted program that plain git starts although nothing here is calm."""
        where = (*_SETTINGS_OF, *_ATTRIBUTES_OF, *_INNER)
        kinds = (kind.name for kind in KINDS if not kind.needs_calm)
        return {_slug(name) for name in (*where, *kinds)}

    def fired(self) -> set[str]:
        """Return the programs that were started."""
        return {path.name for path in (self.folder / "marks").iterdir()}

    def make(self) -> None:
        """Build it; it names no program before the first turn."""
        origin, bare = self.folder / "origin", self.root / "vendor.git"
        for folder in (origin, self.root, self.programs, self.folder / "marks"):
            folder.mkdir(parents=True)
        for name in {*self.names, "hook", *(kind.name for kind in KINDS)}:
            self._program(self.programs / _slug(name), _slug(name))
        for name in _HOOKS:
            self._program(self.programs / "hooks" / name, "hook")
        git(origin, "init", "-q", "-b", "main")
        git(origin, "commit", "-q", "--allow-empty", "-m", "x")
        git(self.root, "init", "-q", "-b", "main")
        for name in self._files():
            path = self.root / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(_TEXT)
        for name in (".gitattributes", "deep/.gitattributes", "team.gitconfig"):
            (self.root / name).write_text("\n")
        (self.root / "a.py").write_text("a = 1\n")
        (self.root / "lost.txt").write_text("nobody has this any more\n")
        own = ("-c", "protocol.file.allow=always")
        git(self.root, *own, "submodule", "add", "-q", str(origin), "sub")
        git(self.root, "clone", "-q", "--bare", str(origin), str(bare))
        git(self.root, "add", ".")
        git(self.root, "commit", "-q", "-m", "first 😀𝄞")
        make_signed_merge(self.root)
        lost = git(self.root, "rev-parse", "HEAD:lost.txt")
        (self.root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
        (self.root / "lost.txt").write_text("changed\n")
        git(self.root, "branch", "late")
        modules = self.root / ".git" / "modules"
        shutil.copytree(modules / "sub", modules / "sub-late")
        common = self.folder / "common"
        common.mkdir()
        for name in ("objects", "refs", "logs", "worktrees"):
            (common / name).symlink_to(self.root / ".git" / name)
        shutil.copy(self.root / ".git" / "config", common / "config")
        alternates = self.root / ".git" / "objects" / "info" / "alternates"
        alternates.write_text(f"{origin / '.git' / 'objects'}\n")
        for place in (self.root / ".git", modules / "sub", modules / "sub-late", bare, common):
            self._config[place] = (place / "config").read_text()
        for name in self._files():
            (self.root / name).write_text(_TEXT.upper())

    def _program(self, path: Path, mark: str) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\n: >"{self.folder / "marks" / mark}"\n')
        path.chmod(0o755)

    def _files(self) -> Iterator[str]:
        """Yield the files that attributes are about."""
        yield from map(_file, KINDS)
        yield from (f"by-{_slug(name)}.txt" for name in _SETTINGS_OF)
        yield from (f"deep/to-{_slug(name)}.txt" for name in _ATTRIBUTES_OF)

    def driver(self, name: str) -> str:
        """Return what a driver is called in this turn."""
        return f"late-{_slug(name)}-{self.turn}"

    def next_turn(self) -> None:
        """Rewrite everything; what came before is nowhere any more."""
        with self.standing_still:
            self.turn += 1
            self._rewrite_settings()
            self._rewrite_attributes()
            self._point_elsewhere()
            for name in self._files():
                os.utime(self.root / name)

    def _rewrite_settings(self) -> None:
        dot_git, common = self.root / ".git", self.folder / "common"
        own = _INCLUDES.format(root=self.root, git=dot_git)
        if self.turn % 2:  # else the one in the person's XDG folder counts
            own += f"[core]\n\tattributesFile = {Path.home() / 'attributes'}\n"
        own += "".join(self._lines(kind) for kind in KINDS)
        own += "".join(self._clean(name) for name in _ATTRIBUTES_OF)
        for name, place in _SETTINGS_OF.items():
            if place == ".git/config":
                own += self._clean(name)
            else:
                more = "[include]\n\tpath = .git/deeper\n" if place == "team.gitconfig" else ""
                self._replace(place, self._clean(name) + more)
        self._replace(".git/config", self._config[dot_git] + own)
        inner = zip(_INNER, (*list(self._config)[1:4], common), strict=True)
        for name, folder in inner:
            monitor = f"[core]\n\tfsmonitor = {self.programs / _slug(name)}\n"
            more = own if folder == common else ""
            self._replace(folder / "config", self._config[folder] + more + monitor)

    def _rewrite_attributes(self) -> None:
        for name, place in _ATTRIBUTES_OF.items():
            text = f"to-{_slug(name)}.txt filter={self.driver(name)}\n"
            if place == ".gitattributes":
                for where in _SETTINGS_OF:
                    text += f"by-{_slug(where)}.txt filter={self.driver(where)}\n"
                for kind in KINDS:
                    if kind.attribute:
                        text += f"{_file(kind)} {kind.attribute}={self.driver(kind.name)}\n"
            self._replace(place, text)

    def _point_elsewhere(self) -> None:
        """Turn HEAD, the common folder and the submodule to others, and back."""
        is_late = self.turn % 2 == 1
        self._replace(".git/HEAD", f"ref: refs/heads/{'late' if is_late else 'main'}\n")
        self._replace("sub/.git", f"gitdir: ../.git/modules/sub{'-late' if is_late else ''}\n")
        if is_late:
            self._replace(".git/commondir", f"{self.folder / 'common'}\n")
        else:
            (self.root / ".git" / "commondir").unlink(missing_ok=True)

    def _lines(self, kind: Kind) -> str:
        program, hooks = self.programs / _slug(kind.name), self.programs / "hooks"
        return kind.lines(program=program, hooks=hooks, driver=self.driver(kind.name))

    def _clean(self, name: str) -> str:
        return f'[filter "{self.driver(name)}"]\n\tclean = {self.programs / _slug(name)}\n'

    def _replace(self, place: str | Path, text: str) -> None:
        """Put a file in place as a whole: nobody meets half of it."""
        path = self.root / place
        if isinstance(place, str) and place.startswith("~/"):
            path = Path.home() / place[2:]
        path.parent.mkdir(parents=True, exist_ok=True)
        new = self.folder / "new"
        new.write_text(text)
        new.replace(path)

    @contextmanager
    def moving(self) -> Generator[None]:
        """Make a turn every second meanwhile."""
        is_over = threading.Event()

        def move() -> None:
            while not is_over.wait(PAUSE_S):
                self.next_turn()

        thread = threading.Thread(target=move)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join(deadline())

    def commit(self, message: str) -> None:
        """Commit the same tree again, as a person who has none of those settings."""
        quiet = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
        with self.standing_still:
            new = git(self.root, *quiet, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", message)
            git(self.root, *quiet, "update-ref", "-m", f"commit: {message}", "HEAD", new)

    def prove(self) -> set[str]:
        """Run plain git where it starts them; return the programs that were started."""
        begin_rebase(self.root)
        for _ in range(2):
            self.next_turn()
            for folder in dict.fromkeys(_INNER.values()):
                self._plain("-C", folder, *(("--work-tree=..",) if "." in folder[1:] else ()),
                            "status")  # fmt: skip
            for kind in KINDS:
                call = kind.call(file=_file(kind), driver=self.driver(kind.name))
                self._plain(*call, on_terminal=kind.needs_terminal)
        return self.fired()

    def _plain(self, *arguments: str, on_terminal: bool = False) -> None:
        if on_terminal:
            with Terminal([GIT, *arguments], cwd=self.root) as terminal:
                terminal.end()
            return
        plain_git(self.root, *arguments)


def _file(kind: Kind) -> str:
    return kind.file or f"{_slug(kind.name)}.txt"
