"""Every kind of setting of which git starts a program, and a plain call of git that does."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.deadline import deadline
from tests.support.hostile_repository import GIT, git


def plain_git(root: Path, *arguments: str) -> None:
    """Call git as anybody does, with no terminal; whatever it exits with."""
    subprocess.run(
        [GIT, *arguments],
        cwd=root,
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        input=b"url=https://example.invalid\n\n",
        capture_output=True,
        start_new_session=True,
        timeout=deadline(),
        check=False,
    )


@cache
def git_version() -> tuple[int, int]:
    """Return the first two numbers of the version of git that the tests use."""
    said = subprocess.run([GIT, "version"], capture_output=True, text=True, check=True).stdout
    first, second = said.split()[2].split(".")[:2]
    return int(first), int(second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A setting that names a program."""

    name: str
    settings: str
    """Lines of a configuration; with the places `program`, `hooks` (a folder) and `driver`."""
    plain: tuple[str, ...]
    """What follows `git` in a call that starts the program, in a dirty work tree."""
    attribute: str = ""
    """The attribute that gives a file to the driver."""
    file: str = ""
    """The file that the attribute is for; else one of its own."""
    own_file_only: bool = False
    """Whether git reads it in the repository's own file alone."""
    needs_terminal: bool = False
    needs_rebase: bool = False
    """Whether a rebase has to be under way: see `begin_rebase`."""
    needs_conflict: bool = False
    """Whether a file has to be unmerged: see `begin_conflict`."""
    needs_calm: bool = False
    """Whether plain git starts it only where no rebase is under way and no hook is in the way."""
    needs_submodule: bool = False
    """Whether there has to be a submodule `sub`."""
    since: tuple[int, int] = (2, 30)
    """The first git whose plain call starts the program."""

    def lines(self, *, program: object, hooks: object, driver: str) -> str:
        """Return the setting with its places filled."""
        return self.settings.format(program=program, hooks=hooks, driver=driver)

    def call(self, *, file: str, driver: str) -> list[str]:
        """Return the plain call with its places filled."""
        return [word.format(file=file, driver=driver) for word in self.plain]


_LAZY = """[core]
	repositoryFormatVersion = 1
[extensions]
	partialClone = origin
[protocol]
	allow = always
"""
_MISSING = "0" * 39 + "1"

KINDS = (
    Kind(name="clean", attribute="filter", plain=("status",),
         settings='[filter "{driver}"]\n\tclean = {program}\n'),
    Kind(name="clean, required", attribute="filter", plain=("status",),
         settings='[filter "{driver}"]\n\tclean = {program}\n\trequired = true\n'),
    Kind(name="process", attribute="filter", plain=("status",),
         settings='[filter "{driver}"]\n\tprocess = {program}\n'),
    Kind(name="smudge", attribute="filter", plain=("cat-file", "--filters", "HEAD:{file}"),
         settings='[filter "{driver}"]\n\tsmudge = {program}\n'),
    Kind(name="fsmonitor", plain=("status",), settings="[core]\n\tfsmonitor = {program}\n"),
    Kind(name="textconv", attribute="diff", plain=("diff", "--no-ext-diff", "--", "{file}"),
         settings='[diff "{driver}"]\n\ttextconv = {program}\n'),
    Kind(name="diff driver", attribute="diff", plain=("diff", "--", "{file}"),
         settings='[diff "{driver}"]\n\tcommand = {program}\n'),
    Kind(name="diff.external", plain=("diff", "--", "{file}"),
         settings="[diff]\n\texternal = {program}\n"),
    Kind(name="difftool", plain=("difftool", "-y", "--", "{file}"),
         settings='[diff]\n\ttool = {driver}\n[difftool "{driver}"]\n\tcmd = {program}\n'),
    Kind(name="mergetool", plain=("mergetool", "--no-prompt"), needs_calm=True, needs_conflict=True,
         settings='[merge]\n\ttool = {driver}\n[mergetool "{driver}"]\n\tcmd = {program}\n'),
    Kind(name="diff filter", plain=("-c", "color.ui=always", "commit", "-p"), needs_calm=True,
         settings="[interactive]\n\tdiffFilter = {program}\n"),
    Kind(name="merge driver", attribute="merge", file="a.txt", since=(2, 35),
         plain=("log", "-p", "-m"),
         settings='[merge "{driver}"]\n\tdriver = {program}\n[log]\n\tdiffMerges = remerge\n'),
    Kind(name="hook", plain=("update-ref", "refs/heads/planted", "HEAD"),
         settings="[core]\n\thooksPath = {hooks}\n"),
    Kind(name="signature", plain=("log",),
         settings="[log]\n\tshowSignature = true\n[gpg]\n\tprogram = {program}\n"),
    Kind(name="pager", plain=("-p", "log"), needs_terminal=True,
         settings="[core]\n\tpager = {program}\n"),
    Kind(name="pager of a verb", plain=("ls-files",), needs_terminal=True,
         settings="[pager]\n\tls-files = {program}\n"),
    Kind(name="editor", plain=("tag", "-a", "planted"),
         settings="[core]\n\teditor = {program}\n"),
    Kind(name="sequence editor", plain=("rebase", "--edit-todo"), needs_rebase=True,
         settings="[sequence]\n\teditor = {program}\n"),
    Kind(name="alias", plain=("st",), settings="[alias]\n\tst = !{program}\n"),
    Kind(name="trailer", plain=("interpret-trailers",),
         settings='[trailer "{driver}"]\n\tcommand = {program}\n'),
    Kind(name="archive", plain=("archive", "--format={driver}", "HEAD", "a.txt"),
         settings='[tar "{driver}"]\n\tcommand = {program}\n'),
    Kind(name="submodule update", plain=("submodule", "update", "--force", "sub"),
         needs_submodule=True,
         settings='[submodule "sub"]\n\tupdate = !{program}\n'),
    Kind(name="credential helper", plain=("credential", "fill"),
         settings="[credential]\n\thelper = {program}\n"),
    Kind(name="askpass", plain=("-c", "credential.helper=", "credential", "fill"),
         settings="[core]\n\taskPass = {program}\n"),
    Kind(name="proxy", plain=("ls-remote", "git://localhost/x"),
         settings="[core]\n\tgitProxy = {program}\n"),
    Kind(name="uploadpack", plain=("ls-remote", "{driver}"),
         settings='[remote "{driver}"]\n\turl = .\n\tuploadpack = {program}\n'),
    Kind(name="alternate refs", plain=("rev-list", "--alternate-refs"),
         settings="[core]\n\talternateRefsCommand = {program}; true\n"),
    Kind(name="lazy fetch over ssh", plain=("cat-file", "-p", _MISSING), own_file_only=True,
         settings=_LAZY + "[core]\n\tsshCommand = {program}\n"
         '[remote "origin"]\n\tpromisor = true\n\turl = ssh://localhost/x\n'),
    Kind(name="lazy fetch by a helper", plain=("cat-file", "-p", _MISSING), own_file_only=True,
         settings=_LAZY + '[remote "{driver}"]\n\tpromisor = true\n\turl = ext::{program} x\n'
         '[remote "origin"]\n\tpromisor = true\n'),
)  # fmt: skip


def begin_rebase(root: Path) -> None:
    """Leave what an interactive rebase leaves when it stops."""
    state = root / ".git" / "rebase-merge"
    state.mkdir(exist_ok=True)
    for name, text in {"git-rebase-todo": "noop", "head-name": "refs/heads/main", "onto": "0" * 40,
                       "orig-head": "0" * 40, "interactive": ""}.items():  # fmt: skip
        (state / name).write_text(f"{text}\n")


def begin_conflict(root: Path) -> None:
    """Leave a file that two branches changed, as a merge does when it stops."""
    blob = git(root, "rev-parse", "HEAD:a.txt")
    rows = "".join(f"100644 {blob} {stage}\tunmerged.txt\n" for stage in (1, 2, 3))
    git(root, "update-index", "--index-info", stdin=rows)
    (root / "unmerged.txt").write_text("<<<<<<<\n")


def make_signed_merge(root: Path) -> None:
    """Make a merge with a conflict that was solved, and a commit with what looks a signature."""
    git(root, "checkout", "-q", "-b", "side")
    (root / "a.txt").write_text("side\n")
    (root / "b.txt").write_text("b\n")
    git(root, "add", "b.txt")
    git(root, "commit", "-q", "-a", "-m", "side")
    git(root, "checkout", "-q", "main")
    (root / "a.txt").write_text("main\n")
    git(root, "commit", "-q", "-a", "-m", "main")
    tree = git(root, "rev-parse", "side^{tree}")
    merged = git(root, "commit-tree", tree, "-p", "main", "-p", "side", "-m", "merged")
    text = git(root, "cat-file", "commit", merged)
    head, _, message = text.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----\n"
    signed = f"{head}\n{signature}\n{message}\n"
    commit = git(root, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed)
    git(root, "reset", "-q", "--hard", commit)
