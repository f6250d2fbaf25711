"""A repository that names a program wherever git would run one; each leaves a mark when run."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.deadline import deadline

GIT = "/usr/bin/git" if Path("/usr/bin/git").exists() else "git"

_SIGNED = """tree {tree}
parent {parent}
author A <a@example.org> 1790000000 +0000
committer A <a@example.org> 1790000000 +0000
gpgsig -----BEGIN {kind} SIGNATURE-----
{space}
 iQEzBAABCAAdFiEE
 -----END {kind} SIGNATURE-----

signed 😀𝄞
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileRepository:
    """Where the parts of the trap lie."""

    root: Path
    bare: Path
    """A bare repository that came with the clone, inside its work tree."""
    submodule: Path
    mark: Path
    """Exists once any planted program has run; its lines say which."""

    @property
    def fired(self) -> list[str]:
        """The planted programs that ran."""
        return self.mark.read_text().splitlines() if self.mark.exists() else []


_IDENTITY = {
    f"GIT_{who}_{what}": word
    for who in ("AUTHOR", "COMMITTER")
    for what, word in (("NAME", "Ada Example"), ("EMAIL", "ada@example.org"))
}
"""For fixtures that are made before a test has its environment; git guesses for root only."""


def git(folder: Path, *arguments: str, stdin: str | None = None) -> str:
    """Run plain git, with everything a repository says, as a person would."""
    done = subprocess.run(
        [GIT, *arguments],
        cwd=folder,
        env={**_IDENTITY, **os.environ},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=True,
    )
    return done.stdout.strip()


def listing(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Return every path below a folder with its mode, time of change and content."""
    found: dict[str, tuple[int, int, str]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        digest = (
            hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(status.st_mode) else ""
        )
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, digest)
    return found


def make_hostile_repository(folder: Path) -> HostileRepository:
    """Build the trap; nothing has been run by it yet."""
    root, mark, programs = folder / "project", folder / "mark", folder / "programs"
    programs.mkdir(parents=True)
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    submodule = _plain_repository(folder / "origin-of-submodule")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(submodule), "sub")
    for name in ("a.txt", "b.txt", "c.txt", "ignored.log"):
        (root / name).write_text(f"{name} 😀𝄞\n")
    (root / ".gitignore").write_text("*.log\n")
    (root / ".gitattributes").write_text(
        "*.txt filter=evil diff=evil merge=evil\nb.txt filter=process\nc.txt filter=third\n"
    )
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "attributes").write_text("*.md filter=evil diff=evil\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    for kind in ("PGP", "SSH", "X509"):
        _add_signed_commit(root, kind)
    bare = root / "vendor.git"
    git(folder, "clone", "-q", "--bare", str(folder / "origin-of-submodule"), str(bare))
    _plant(root / ".git", programs, mark)
    _plant(bare, programs, mark)
    _plant(root / ".git" / "modules" / "sub", programs, mark)
    (root / "a.txt").write_text("changed\n")
    (root / "c.txt").write_text("changed\n")
    (root / "new.txt").write_text("new\n")
    (root / "sub" / "file.txt").write_text("dirty\n")
    os.utime(root / "b.txt", ns=(10**18, 10**18))
    return HostileRepository(root=root, bare=bare, submodule=root / "sub", mark=mark)


def _plain_repository(folder: Path) -> Path:
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "file.txt").write_text("x\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "x")
    return folder


def _add_signed_commit(root: Path, kind: str) -> None:
    words = {"PGP": "PGP", "SSH": "SSH", "X509": "SIGNED MESSAGE"}[kind]
    text = _SIGNED.format(
        tree=git(root, "rev-parse", "HEAD^{tree}"),
        parent=git(root, "rev-parse", "HEAD"),
        kind=words,
        space=" ",
    ).replace("SIGNED MESSAGE SIGNATURE", "SIGNED MESSAGE")
    commit = git(root, "hash-object", "-t", "commit", "-w", "--stdin", stdin=text)
    git(root, "update-ref", "HEAD", commit)


def _plant(git_dir: Path, programs: Path, mark: Path) -> None:
    """Name a program in every setting and hook that git could run."""

    def program(name: str) -> str:
        path = programs / name
        path.write_text(f"#!/bin/sh\necho {name} >>{mark}\ncat\n")
        path.chmod(0o755)
        return str(path)

    hooks = git_dir / "own-hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\necho hook-{name} >>{mark}\n")
        (hooks / name).chmod(0o755)
    settings = f"""
[core]
    fsmonitor = {program("fsmonitor")}
    hooksPath = {hooks}
    sshCommand = {program("sshCommand")}
    askPass = {program("askPass")}
    pager = {program("pager")}
    editor = {program("editor")}
    gitProxy = {program("gitProxy")}
    alternateRefsCommand = {program("alternateRefs")}
    untrackedCache = true
[sequence]
    editor = {program("sequenceEditor")}
[filter "evil"]
    clean = {program("clean")}
    smudge = {program("smudge")}
    required = true
[filter "process"]
    process = {program("process")}
[diff]
    external = {program("external")}
    autoRefreshIndex = true
[diff "evil"]
    textconv = {program("textconv")}
    command = {program("command")}
    cachetextconv = true
[merge "evil"]
    driver = {program("driver")}
[log]
    showSignature = true
[gpg]
    program = {program("gpg")}
[gpg "openpgp"]
    program = {program("openpgp")}
[gpg "x509"]
    program = {program("x509")}
[gpg "ssh"]
    program = {program("ssh-signature")}
    allowedSignersFile = {programs / "none"}
    defaultKeyCommand = {program("defaultKey")}
[credential]
    helper = {program("credential")}
[uploadpack]
    packObjectsHook = {program("packObjects")}
[pager]
    log = {program("pager-log")}
    status = {program("pager-status")}
    diff = {program("pager-diff")}
[alias]
    status = !{program("alias")}
    log = !{program("alias")}
[protocol]
    allow = always
[remote "origin"]
    url = ext::{program("ext")} %S
    uploadpack = {program("uploadpack")}
    promisor = true
    partialclonefilter = blob:none
[include]
    path = included
"""
    with (git_dir / "config").open("a") as file:
        file.write(settings)
    (git_dir / "included").write_text(f'[filter "third"]\n    clean = {program("included")}\n')
    (programs / "none").write_text("")
