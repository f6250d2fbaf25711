"""Run git: the only place that does, with read-only verbs in a fixed environment (threat 7).

A repository is untrusted: its configuration and attributes can name programs that git would run. So
git reads none of its configuration files except to list them (`git_configuration`). In addition,
every fixed key that names a program is set in the environment, which overrides all files, and in
the file that git gets in their place; network protocols are disabled; nothing may write, not even a
refreshed index.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from signoff_collector.capture.git.git_configuration import (
    LIST_SETTINGS,
    Settings,
    as_configuration,
    keep_settings,
    private_common_dir,
)
from signoff_collector.capture.git.git_repository import (
    Head,
    RefFormat,
    ReflogEntry,
    ReflogReading,
    Repository,
    find_repository,
    is_pipe,
    read_head,
    read_reflog,
)
from signoff_collector.programs.children import ChildResult, find_program, run_child
from signoff_collector.system.users import entry_of_account
from signoff_schemas.errors import ChildFailedError, NotFoundError

__all__ = [
    "Git",
    "Head",
    "RefFormat",
    "ReflogEntry",
    "ReflogReading",
    "Repository",
    "find_repository",
    "program_and_version",
    "read_head",
    "read_reflog",
    "users_setting",
    "users_settings",
]

TIMEOUT_S: Final = 30.0
_NOWHERE: Final = "/dev/null"

READING_VERBS: Final = frozenset(
    {
        "cat-file",
        "check-attr",
        "check-ignore",
        "config",
        "diff-files",
        "diff-index",
        "diff-tree",
        "for-each-ref",
        "log",
        "ls-files",
        "ls-tree",
        "merge-base",
        "name-rev",
        "rev-list",
        "rev-parse",
        "show-ref",
        "status",
        "symbolic-ref",
        "version",
    }
)
"""Allow-list of verbs; each only reads under the environment below."""

_NO_PROGRAMS: Final = ("--no-ext-diff", "--no-textconv")
_NO_SUBMODULES: Final = "--ignore-submodules=dirty"
_ALWAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "diff-files": (*_NO_PROGRAMS, _NO_SUBMODULES),
    "diff-index": (*_NO_PROGRAMS, _NO_SUBMODULES),
    "diff-tree": _NO_PROGRAMS,
    "log": _NO_PROGRAMS,
    "status": (_NO_SUBMODULES,),
}
"""Options that are added to every call of a verb."""

_REFUSED: Final = (
    "--output",
    "--textconv",
    "--filters",
    "--ext-diff",
    "--remerge-diff",
    "--show-signature",
)

_PINNED: Final[Mapping[str, str]] = {
    "core.hooksPath": _NOWHERE,
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.attributesFile": _NOWHERE,
    "core.sshCommand": "false",
    "core.gitProxy": "",
    "core.askPass": "false",
    "core.pager": "cat",
    "core.editor": "false",
    "core.alternateRefsCommand": "false",
    "sequence.editor": "false",
    "credential.helper": "",
    "diff.autoRefreshIndex": "false",
    "diff.external": "",
    "diff.ignoreSubmodules": "all",
    "submodule.recurse": "false",
    "status.submoduleSummary": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "gpg.program": _NOWHERE,
    "gpg.openpgp.program": _NOWHERE,
    "gpg.x509.program": _NOWHERE,
    "gpg.ssh.program": _NOWHERE,
    "gpg.ssh.defaultKeyCommand": "",
    "log.diffMerges": "separate",
    "log.showSignature": "false",
    "merge.verifySignatures": "false",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
    "uploadpack.packObjectsHook": "false",
}


class Git:
    """Git in one work tree."""

    def __init__(self, workdir: Path, *, program: Path | None = None) -> None:
        """Prepare to query the repository that contains `workdir`; runs nothing yet.

        Args:
            workdir: any folder in a work tree.
            program: absolute path of git; searched for when None.
        """
        self._workdir = workdir
        self._program = program
        self._environment: Mapping[str, str] = {}
        self._settings = Settings(config=b"", files=())
        self._stamp: dict[Path, object] = {}

    @cached_property
    def repository(self) -> Repository | None:
        """The repository that contains the folder, or None."""
        return find_repository(self._workdir)

    @cached_property
    def program(self) -> Path:
        """Absolute path of git, never one that the work tree provides.

        Raises:
            MissingProgramError: there is no git.
        """
        avoid = (self._workdir,) if self.repository is None else (self.repository.root,)
        return self._program or find_program("git", avoid=avoid)

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables of every git child, added to the allow-list of `children`.

        Raises:
            MissingProgramError: there is no git.
            NotFoundError: the folder is in no repository.
            ChildFailedError: the configuration cannot be read.
        """
        self._renew_settings()
        return self._environment

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        timeout_s: float = TIMEOUT_S,
        accepted: frozenset[int] = frozenset({0}),
    ) -> bytes:
        """Run one reading verb and return its stdout.

        Args:
            arguments: the verb and its arguments.
            stdin: what git reads.
            timeout_s: after this it is killed.
            accepted: exit codes that are no failure.

        Raises:
            MissingProgramError: there is no git.
            NotFoundError: the folder is in no repository.
            ChildFailedError: git failed or took too long, or would wait for a pipe.
        """
        result = self.result(*arguments, stdin=stdin, timeout_s=timeout_s)
        if result.exit_code not in accepted:
            said = result.stderr.decode("utf-8", "replace").strip().split("\n")[0][:200]
            raise ChildFailedError(
                f"git {arguments[0]} ended with {result.exit_code} in {self._workdir}: {said}"
            )
        return result.stdout

    def result(
        self, *arguments: str, stdin: bytes | None = None, timeout_s: float = TIMEOUT_S
    ) -> ChildResult:
        """Run one reading verb and return how it ended, whatever its exit code; see `run`."""
        guarded, environment = _guarded(arguments), self.environment
        if arguments[0] == "config":
            return self._run(guarded, environment, stdin, timeout_s)
        with private_common_dir(self._found().common_dir, self._settings.config) as private:
            return self._run(guarded, {**environment, **private}, stdin, timeout_s)

    def _run(
        self,
        arguments: list[str],
        environment: Mapping[str, str],
        stdin: bytes | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> ChildResult:
        repository = self._found()
        _refuse_pipes(repository)
        return run_child(
            [self.program, *arguments],
            cwd=repository.root,
            timeout_s=timeout_s,
            stdin=stdin,
            extra_env=environment,
        )

    def _found(self) -> Repository:
        if self.repository is None:
            raise NotFoundError(f"{self._workdir} is not in a git repository")
        return self.repository

    def _base(self) -> dict[str, str]:
        repository = self._found()
        return {
            **_FIXED_VARIABLES,
            **_users_folders(repository.root),
            "GIT_DIR": str(repository.git_dir),
            "GIT_WORK_TREE": str(repository.root),
        }

    def _renew_settings(self) -> None:
        """Read the configuration again when one of its files changed.

        The kept settings name no program, so outdated values are harmless.
        """
        before = self._configuration_stamp()
        if self._stamp == before:
            return
        own, home = self._found().common_dir / "config", Path(self._base()["HOME"])
        settings = keep_settings(self._ask_with_settings(*LIST_SETTINGS), own, home)
        if own not in settings.files:  # git does not list it when it does not know the format
            self._ask_with_settings("rev-parse", "--git-dir")
        pinned = {**_PINNED, "core.excludesFile": self._users_excludes()}
        # Git 2.30 does not read settings from the environment; it finds them in its private folder.
        self._settings = settings._replace(config=settings.config + as_configuration(pinned))
        self._environment = {**self._base(), **_as_variables(pinned)}
        self._stamp = {**self._configuration_stamp(), **before}

    def _ask_with_settings(self, *arguments: str) -> bytes:
        """Run a call that starts no program, whatever the configuration says.

        Raises:
            ChildFailedError: git cannot read the repository, or is too old for it.
        """
        result = self._run(list(arguments), {**self._base(), **_as_variables(_PINNED)})
        if result.exit_code != 0:
            said = result.stderr.decode("utf-8", "replace").strip()[:200]
            raise ChildFailedError(f"git cannot read the settings of {self._workdir}: {said}")
        return result.stdout

    def _users_excludes(self) -> str:
        """Return the person's global ignore file; the repository must not replace it."""
        environment = self._base()
        arguments = ["config", "--global", "--includes", "--path", "--get", "core.excludesFile"]
        result = self._run(arguments, environment)
        named = result.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
        if result.exit_code == 0 and named:
            return named
        own = Path(environment.get("HOME", _NOWHERE), ".config")
        return str(Path(environment.get("XDG_CONFIG_HOME", own), "git", "ignore"))

    def _configuration_stamp(self) -> dict[Path, object]:
        repository, folders = self._found(), _users_folders(self._found().root)
        home = Path(folders["HOME"])
        files = (
            repository.common_dir / "config",
            repository.git_dir / "config.worktree",
            repository.git_dir / "HEAD",
            home / ".gitconfig",
            Path(folders.get("XDG_CONFIG_HOME", home / ".config"), "git", "config"),
            *self._settings.files,
        )
        return {path: _file_stamp(path) for path in files}


def users_setting(name: str) -> str:
    """Return one of the person's own git settings, empty when unset; no repository is consulted.

    Raises:
        MissingProgramError: there is no git.
        ChildFailedError: git took too long.
    """
    return next(iter(reversed(users_settings(name))), "")


def users_settings(name: str) -> tuple[str, ...]:
    """Return every value of one of the person's own git settings; the last one is in force.

    Raises:
        MissingProgramError: there is no git.
        ChildFailedError: git took too long.
    """
    nowhere = Path("/")
    arguments = ["config", "--global", "--includes", "--null", "--get-all", name]
    environment = {**_FIXED_VARIABLES, **_users_folders(nowhere / "dev"), **_as_variables(_PINNED)}
    result = run_child(
        [find_program("git"), *arguments],
        cwd=nowhere,
        timeout_s=TIMEOUT_S,
        extra_env={**environment, "GIT_DIR": _NOWHERE},
    )
    return tuple(result.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1])


def program_and_version(avoid: Path) -> tuple[Path, str]:
    """Return git's absolute path and its version, empty when it prints none.

    Args:
        avoid: a folder whose programs are not accepted.

    Raises:
        MissingProgramError: there is no git.
        ChildFailedError: git took too long.
    """
    program = find_program("git", avoid=(avoid,))
    argv: list[str | Path] = [program, "version"]
    said = run_child(argv, cwd=Path("/"), timeout_s=TIMEOUT_S, extra_env=_FIXED_VARIABLES)
    words = said.stdout.decode("utf-8", "replace").split()
    return program, words[2] if len(words) > 2 else ""


def _refuse_pipes(repository: Repository) -> None:
    """Refuse a repository with a pipe or device where git would open a file and block.

    Checks what git opens at every start; for files deeper in the tree there is the timeout.

    Raises:
        ChildFailedError: there is one (threat 33).
    """
    folders = dict.fromkeys((repository.git_dir, repository.common_dir))
    paths = [folder / name for folder in folders for name in _OWN_FILES]
    for path in (*paths, *(repository.root / name for name in _TREE_FILES)):
        if is_pipe(path):
            raise ChildFailedError(f"git is not run here: {path} is a pipe or a device")


_OWN_FILES: Final = (
    "HEAD",
    "commondir",
    "config",
    "config.worktree",
    "index",
    "info/attributes",
    "info/exclude",
    "info/grafts",
    "logs/HEAD",
    "objects/info/alternates",
    "objects/info/commit-graph",
    "packed-refs",
    "shallow",
)
_TREE_FILES: Final = (".gitattributes", ".gitignore", ".gitmodules")

_FIXED_VARIABLES: Final[Mapping[str, str]] = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ASKPASS": "false",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_EDITOR": "false",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_SSH_COMMAND": "false",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_TRACE2": "0",
    "GIT_TRACE2_EVENT": "0",
    "GIT_TRACE2_PERF": "0",
    "LANGUAGE": "",
    "LC_ALL": "C",
}


def _guarded(arguments: tuple[str, ...]) -> list[str]:
    """Build the full argument list of a reading verb.

    Raises:
        ValueError: it could write or run a program: a bug of ours.
    """
    verb, rest = arguments[0], arguments[1:]
    is_refused = verb not in READING_VERBS or any(
        word.startswith(_REFUSED) or "%G" in word for word in rest
    )
    if verb == "config":
        is_refused |= not rest or not rest[0].startswith(("--get", "--list"))
    if verb == "symbolic-ref":
        plain = [word for word in rest if not word.startswith("-")]
        is_refused |= len(plain) != 1 or "-d" in rest or "--delete" in rest
    if is_refused:
        raise ValueError(f"git {' '.join(arguments)!r} is not a read-only call")
    # check-ignore refuses to run under GIT_LITERAL_PATHSPECS; its callers write `./` before names.
    before = ["--no-literal-pathspecs"] if verb == "check-ignore" else []
    return [*before, verb, *_ALWAYS.get(verb, ()), *rest]


def _as_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Encode settings as environment variables, which override every configuration file."""
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _users_folders(root: Path) -> dict[str, str]:
    """Return HOME and XDG_CONFIG_HOME, unless they point into the work tree (threat 1)."""
    home = Path(os.environ.get("HOME", ""))
    entry = entry_of_account()
    registered = Path(_NOWHERE if entry is None else entry.home)
    if not home.is_absolute() or (home != registered and home.resolve().is_relative_to(root)):
        home = registered
    folders = {"HOME": str(home)}
    named = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if named.is_absolute() and not named.resolve().is_relative_to(root):
        folders["XDG_CONFIG_HOME"] = str(named)
    return folders


def _file_stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
