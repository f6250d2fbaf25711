"""One commit of a repository, alone in a repository of our own, and git within it.

The other repository's configuration, hooks and attributes of its folder are never read: git runs in
a repository of ours and takes its objects as data (`objects/info/alternates`). Then the commit's
objects alone are packed into a second one, which holds no parent and no later commit: what the task
should lead to cannot be looked up in it.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.scratch import scratch_folder
from signoff_collector.programs.children import find_program, run_child
from signoff_collector.trees.checkout import TreeFile, write_tree
from signoff_schemas.errors import ChildFailedError, DamagedError, NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

NOWHERE: Final = "/dev/null"
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
_TIMEOUT_S: Final = 300.0
_MOST_BYTES: Final = 1 << 30
_LINK_FILE_BYTES: Final = 4096
_SUBMODULE: Final = "160000"
_SETTINGS: Final[Mapping[str, str]] = {
    "core.hooksPath": NOWHERE,
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.attributesFile": NOWHERE,
    "core.excludesFile": NOWHERE,
    "core.autocrlf": "false",
    "core.quotePath": "true",
    "diff.algorithm": "myers",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
}
NEUTRAL: Final[Mapping[str, str]] = {
    "GIT_CONFIG_GLOBAL": NOWHERE,
    "GIT_CONFIG_SYSTEM": NOWHERE,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
"""Variables without which git would read settings of the person or the system."""
_FIXED: Final[Mapping[str, str]] = {
    **NEUTRAL,
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ASKPASS": "false",
    "GIT_EDITOR": "false",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
    "GIT_TEMPLATE_DIR": NOWHERE,
    "LC_ALL": "C",
    "GIT_CONFIG_COUNT": str(len(_SETTINGS)),
    **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(_SETTINGS)},
    **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(_SETTINGS.values())},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    path: str
    mode: str
    object_id: str


class BaseClone:
    """A work tree of our own at one commit; also the base that `whole_tree` lays episodes over."""

    def __init__(self, folder: Path, commit: str) -> None:
        self.folder = folder
        self.commit = commit

    @classmethod
    def take(cls, repository: Path, revision: str, folder: Path) -> BaseClone:
        """Make one in a new folder.

        Args:
            repository: a work tree or a bare repository; only its objects are read.
            revision: id of a commit, at least seven digits of it.
            folder: does not exist yet.

        Raises:
            UsageError: the revision is no id of a commit.
            NotFoundError: there is no repository, or it has no such commit.
            ChildFailedError: git fails, as where the repository is a partial clone.
        """
        if not _COMMIT.fullmatch(revision):
            raise UsageError(
                f"{revision[:80]!r} is no id of a commit",
                hint="Name the commit at which the task began by its id.",
            )
        objects = objects_of(repository)
        with scratch_folder("signoff-", what="a clone") as made:
            lookup = Path(made, "lookup.git")
            kind = "sha256" if len(revision) > 40 else "sha1"
            _git(lookup.parent, "init", "-q", "--bare", f"--object-format={kind}", str(lookup))
            (lookup / "objects" / "info").mkdir(exist_ok=True)
            (lookup / "objects" / "info" / "alternates").write_bytes(os.fsencode(objects) + b"\n")
            at = {"GIT_DIR": str(lookup)}
            commit = _commit_of(lookup, revision, at)
            _git(lookup.parent, "init", "-q", f"--object-format={kind}", str(folder))
            listed = _git(lookup, "rev-list", "--objects", "--no-walk", commit, env=at)
            own = folder / ".git" / "objects"
            (own / "pack").mkdir(parents=True, exist_ok=True)
            # git writes a pack among its objects first and renames it: they may be on two disks
            at["GIT_OBJECT_DIRECTORY"] = str(own)
            at["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = str(lookup / "objects")
            _git(lookup, "pack-objects", "-q", str(own / "pack" / "pack"), stdin=listed, env=at)
        (folder / ".git" / "shallow").write_text(f"{commit}\n", "ascii")
        clone = cls(folder, commit)
        clone.git("checkout", "-q", "--detach", commit)
        return clone

    def git(self, *words: str, stdin: bytes | None = None, index: Path | None = None) -> bytes:
        """Run git in this repository and return its output.

        Args:
            words: the verb and its arguments.
            stdin: what it reads.
            index: another index than the repository's.

        Raises:
            ChildFailedError: it fails.
        """
        env = {"GIT_DIR": str(self.folder / ".git"), "GIT_WORK_TREE": str(self.folder)}
        if index is not None:
            env["GIT_INDEX_FILE"] = str(index)
        return _git(self.folder, *words, stdin=stdin, env=env)

    def copy(self, folder: Path) -> BaseClone:
        """Return a copy in a new folder: what a run leaves behind is of no run after it."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return BaseClone(folder, self.commit)

    def apply(self, patch: str) -> None:
        """Apply a patch to the work tree.

        Raises:
            ChildFailedError: it does not fit.
        """
        if patch:
            self.git("apply", "--whitespace=nowarn", "-", stdin=patch.encode())

    def tree_of(self, files: Mapping[str, TreeFile]) -> str:
        """Return the id of the tree that adding these files in a work tree gives.

        What `.gitignore` names and the commit does not hold is left out, as `git add` does.

        Raises:
            RefusedError: a path is not safe to write, or not as it is.
            SignoffError: a file cannot be written, or git fails.
        """
        with scratch_folder("signoff-", what="a clone") as made:
            folder, index = Path(made, "tree"), Path(made, "index")
            write_tree(files, folder, links=True, exact=True)
            for entry in self._entries():
                if entry.mode == _SUBMODULE:
                    (folder / entry.path).mkdir(parents=True, exist_ok=True)
            self.git("read-tree", self.commit, index=index)
            env = {
                "GIT_DIR": str(self.folder / ".git"),
                "GIT_WORK_TREE": str(folder),
                "GIT_INDEX_FILE": str(index),
            }
            _git(folder, "add", "-A", ".", env=env)
            return self.git("write-tree", index=index).decode("ascii").strip()

    def changed(self, tree: str) -> tuple[str, ...]:
        """Return the paths that differ between the commit and a tree."""
        told = self.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", self.commit, tree)
        return tuple(os.fsdecode(name) for name in told.split(b"\0") if name)

    def patch(self, tree: str, paths: Sequence[str]) -> bytes:
        """Return the patch from the commit to a tree, of some paths."""
        if not paths:
            return b""
        words = ("-p", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv")
        return self.git("diff-tree", *words, self.commit, tree, "--", *paths)

    # What the episode is laid over

    def files(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield path, mode and content of every file of the commit.

        Raises:
            SignoffError: git fails, or lacks an object.
        """
        entries = [entry for entry in self._entries() if entry.mode != _SUBMODULE]
        asked = "".join(f"{entry.object_id}\n" for entry in entries).encode()
        answer = self.git("cat-file", "--batch", stdin=asked) if asked else b""
        at = 0
        for entry in entries:
            end = answer.find(b"\n", at)
            fields = answer[at:end].split(b" ")
            if end < 0 or len(fields) != 3 or fields[1] != b"blob":
                raise DamagedError(
                    f"git has no file {entry.object_id}", hint="Fetch the whole repository."
                )
            size = int(fields[2])
            yield entry.path, entry.mode, answer[end + 1 : end + 1 + size]
            at = end + size + 2

    def find(self, paths: Collection[str], wanted: Collection[str]) -> dict[str, bytes]:
        """Return wanted contents, by SHA-256, that the commit has at some paths."""
        from hashlib import sha256

        named, found = set(paths), dict[str, bytes]()
        for path, _, content in self.files():
            if path in named:
                for spelled in (content, content.replace(b"\n", b"\r\n")):
                    digest = sha256(spelled).hexdigest()
                    if digest in wanted:
                        found[digest] = spelled
        return found

    def _entries(self) -> Iterator[_Entry]:
        for line in self.git("ls-tree", "-r", "-z", "--full-tree", self.commit).split(b"\0"):
            head, _, name = line.partition(b"\t")
            if name:
                mode, _, object_id = head.decode("ascii").split(" ")
                yield _Entry(path=os.fsdecode(name), mode=mode, object_id=object_id)


def _commit_of(lookup: Path, revision: str, at: Mapping[str, str]) -> str:
    try:
        told = _git(lookup, "rev-parse", "-q", "--verify", f"{revision}^{{commit}}", env=at)
    except ChildFailedError:
        raise NotFoundError(
            f"the repository has no commit {revision[:12]}",
            hint="Fetch the branch that the task began on, then export again.",
        ) from None
    return told.decode("ascii").strip()


def objects_of(repository: Path) -> Path:
    """Return the folder of objects of a work tree, a linked one, or a bare repository.

    Raises:
        NotFoundError: there is none.
    """
    found = repository.resolve() / ".git"
    try:
        mode = found.stat().st_mode
        if stat.S_ISREG(mode):
            with found.open("rb") as file:
                said = file.read(_LINK_FILE_BYTES)
            found = repository.resolve() / os.fsdecode(said.strip().removeprefix(b"gitdir: "))
        elif not stat.S_ISDIR(mode):
            raise NotFoundError(f"{repository} is not a git repository")
    except FileNotFoundError:
        found = repository.resolve()
    shared = found / "commondir"
    if shared.is_file():
        with shared.open("rb") as file:
            found /= os.fsdecode(file.read(_LINK_FILE_BYTES).strip())
    objects = (found / "objects").resolve()
    if not objects.is_dir() or b"\n" in os.fsencode(objects):
        raise NotFoundError(
            f"{repository} is not a git repository",
            hint="Name a clone of the repository with `--repo`.",
        )
    return objects


def _git(
    cwd: Path, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
) -> bytes:
    result = run_child(
        [find_program("git"), *words],
        cwd=cwd,
        timeout_s=_TIMEOUT_S,
        stdin=stdin,
        extra_env={**_FIXED, **(env or {})},
        max_output_bytes=_MOST_BYTES,
    )
    if result.exit_code != 0:
        said = result.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:200]
        raise ChildFailedError(f"git {words[0]} ended with {result.exit_code}: {said}")
    return result.stdout
