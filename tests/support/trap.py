"""A workspace, and an environment, with a canary wherever something could be made to run one.

A canary leaves a file of its own name when it runs. `prove` runs plain commands, as a careless
tool would, and so shows that the canaries are alive; what no plain command can fire is no place.
"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.deadline import deadline
from tests.support.hostile_repository import _add_signed_commit, git

SANE_PATH = os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin"))
ASTRAL = "\U0001f600\U00010348"
ODD_NAMES = (
    "tab\tname.py",
    "new\nline.py",
    "esc\x1b[31m\x1b]0;title\x07.py",
    "bidi\u202egpj.py",
    "zero\u200bwidth\U000e0041.py",
    "carriage\rreturn.py",
    f"{ASTRAL}.py",
    "-rf --exec=id.py",
    "%2e%2e %0a.py",
    "$(id)`id`;id.py",
)
"""Names that lie to a terminal, a line file, a shell or an option parser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere a program, a module or a setting was planted."""

    name: str
    """The file its canary leaves."""
    where: str
    """For the page: what was planted."""
    group: str
    needs: str = ""
    """A program without which nothing can fire it; then it is planted all the same."""


_GIT = "git settings of the repository"
_BARE = "a bare repository inside the work tree"
_SUBMODULE = "a submodule"
_VARIABLES = "environment: git and OpenSSH"
_PYTHON = "Python"
_SHELL = "environment: programs and the loader"
_TOOLS = "files that editors, shells and test runners run"

FAKE_PROGRAMS = (
    "dirname", "emacs", "git", "gpg", "hx", "nice", "nvim", "python", "python3", "readlink",
    "sh", "ssh", "ssh-add", "ssh-keygen", "uname", "vim", "zstd",
)  # fmt: skip
DECOYS = ("json", "re", "numpy", "signoff_collector", "signoff_schemas", "signoff_bridge")

PLACES: tuple[Place, ...] = (
    *(
        Place(name=name, where=where, group=_GIT)
        for name, where in {
            "fsmonitor": "`core.fsmonitor`",
            "hook-post-index-change": "`core.hooksPath`: post-index-change",
            "hook-post-checkout": "`core.hooksPath`: post-checkout",
            "hook-reference-transaction": "`core.hooksPath`: reference-transaction",
            "clean": "`filter.*.clean`",
            "smudge": "`filter.*.smudge`",
            "process": "`filter.*.process`",
            "included": "a filter in an included file (`include.path`)",
            "included-if": "a filter in a file of `includeIf.gitdir`",
            "textconv": "`diff.*.textconv`",
            "diff-command": "`diff.*.command`",
            "diff-external": "`diff.external`",
            "gpg-openpgp": "`gpg.openpgp.program` (`log.showSignature`)",
            "gpg-ssh": "`gpg.ssh.program`",
            "gpg-x509": "`gpg.x509.program`",
            "alias": "`alias.*` with `!`",
            "pager": "`core.pager`",
            "editor": "`core.editor`",
            "credential": "`credential.helper`",
            "askPass": "`core.askPass`",
            "sshCommand": "`core.sshCommand`",
            "gitProxy": "`core.gitProxy`",
            "ext": "a remote of `ext::`, also as promisor",
            "uploadpack": "`remote.*.uploadpack`",
        }.items()
    ),
    Place(name="bare-fsmonitor", where="its `core.fsmonitor`", group=_BARE),
    Place(name="sub-fsmonitor", where="its `core.fsmonitor`", group=_SUBMODULE),
    *(
        Place(name=name, where=f"`{name}`", group=_VARIABLES)
        for name in (
            "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_SYSTEM",
            "GIT_CONFIG_COUNT",
            "GIT_CONFIG_PARAMETERS",
            "XDG_CONFIG_HOME",
            "HOME",
            "GIT_DIR",
            "GIT_EXEC_PATH",
            "GIT_EXTERNAL_DIFF",
            "GIT_PAGER",
            "PAGER",
            "GIT_EDITOR",
            "VISUAL",
            "EDITOR",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_ASKPASS",
            "SSH_ASKPASS",
            "GIT_PROXY_COMMAND",
            "GIT_TRACE",
            "GIT_TRACE2_EVENT",
        )
    ),
    *(
        Place(name=f"{name}.py", where=f"`{name}.py` in the work tree", group=_PYTHON)
        for name in DECOYS
    ),
    Place(name="sitecustomize", where="`sitecustomize.py` (`PYTHONPATH`)", group=_PYTHON),
    Place(name="usercustomize", where="`usercustomize.py` (`PYTHONPATH`)", group=_PYTHON),
    Place(name="PYTHONUSERBASE", where="a `.pth` file below `PYTHONUSERBASE`", group=_PYTHON),
    Place(name="PYTHONSTARTUP", where="`PYTHONSTARTUP`", group=_PYTHON),
    Place(name="PYTHONWARNINGS", where="a category named by `PYTHONWARNINGS`", group=_PYTHON),
    Place(name="PYTHONBREAKPOINT", where="`PYTHONBREAKPOINT`", group=_PYTHON),
    *(
        Place(name=f"PATH-{name}", where=f"`{name}` first on `PATH`", group=_SHELL)
        for name in FAKE_PROGRAMS
    ),
    Place(name="LD", where="`LD_*` handed on to a child (`LD_DEBUG` stands in)", group=_SHELL),
    Place(name="BASH_ENV", where="`BASH_ENV`", group=_SHELL, needs="bash"),
    Place(name="ENV", where="`ENV` of an interactive shell", group=_SHELL),
    Place(name="conftest", where="`conftest.py`", group=_TOOLS),
    Place(name="pytest-ini", where="`-p` in `pytest.ini`", group=_TOOLS),
    Place(name="PYTEST_PLUGINS", where="`PYTEST_PLUGINS`", group=_TOOLS),
    Place(name="PYTEST_ADDOPTS", where="`-p` in `PYTEST_ADDOPTS`", group=_TOOLS),
    Place(name="exrc", where="`.exrc`", group=_TOOLS, needs="vim"),
    Place(name="vimrc", where="`.vimrc`", group=_TOOLS, needs="vim"),
    Place(name="nvim.lua", where="`.nvim.lua`", group=_TOOLS, needs="nvim"),
    Place(name="envrc", where="`.envrc`", group=_TOOLS, needs="direnv"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """Where the parts of the trap lie."""

    root: Path
    """The hostile work tree."""
    neutral: Path
    """A harmless repository, to prove the environment in."""
    marks: Path
    programs: Path

    def program(self, name: str) -> str:
        """Plant a program that leaves a mark; return its path."""
        return str(_program(self.programs / name, self.marks / name, is_filter=name in _FILTERS))

    def fired(self) -> set[str]:
        """Return the canaries that ran since the last `reset`."""
        names = (path.name for path in self.marks.iterdir())
        return {name.partition(".")[0] if name.startswith("LD.") else name for name in names}

    def reset(self) -> None:
        for path in self.marks.iterdir():
            path.unlink()

    def variables(self) -> dict[str, str]:
        """Return each hostile variable, all of them together."""
        root, own = self.root, self.root / "own"
        names = ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "PAGER", "GIT_EDITOR", "VISUAL", "EDITOR",
                 "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS",
                 "GIT_PROXY_COMMAND")  # fmt: skip
        monitor = self.program("GIT_CONFIG_PARAMETERS")
        return {
            **{name: self.program(name) for name in names},
            "GIT_CONFIG_GLOBAL": str(own / "global"),
            "GIT_CONFIG_SYSTEM": str(own / "system"),
            "GIT_CONFIG_NOSYSTEM": "0",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.fsmonitor",
            "GIT_CONFIG_VALUE_0": self.program("GIT_CONFIG_COUNT"),
            "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor'='{monitor}'",
            "HOME": str(own),
            "XDG_CONFIG_HOME": str(own / "xdg"),
            **{f"XDG_{name}": str(own / "xdg") for name in
               ("DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR")},
            "TMPDIR": str(own / "tmp"),
            "GIT_DIR": str(own / "other.git"),
            "GIT_EXEC_PATH": str(own / "exec"),
            "GIT_TRACE": str(self.marks / "GIT_TRACE"),
            "GIT_TRACE2_EVENT": str(self.marks / "GIT_TRACE2_EVENT"),
            "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": ":9",
            "SSH_SK_PROVIDER": str(own / "provider.so"),
            "SSH_AUTH_SOCK": str(own / "agent"),
            "HTTP_PROXY": "http://127.0.0.1:1",
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "ALL_PROXY": "http://127.0.0.1:1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "PYTHONPATH": f"{root}{os.pathsep}{root / 'site'}",
            "PYTHONUSERBASE": str(own / "base"),
            "PYTHONSTARTUP": str(own / "startup.py"),
            "PYTHONWARNINGS": "ignore::planted_warning.Category",
            "PYTHONBREAKPOINT": "planted_breakpoint.stop",
            "PYTHONINSPECT": "1",
            "PATH": f"{root / 'bin'}{os.pathsep}{SANE_PATH}",
            "LD_DEBUG": "statistics",
            "LD_DEBUG_OUTPUT": str(self.marks / "LD"),
            "BASH_ENV": str(own / "bash_env"),
            "ENV": str(own / "env"),
            "PYTEST_PLUGINS": "planted_plugins",
            "PYTEST_ADDOPTS": "-p planted_addopts",
            "NVIM_APPNAME": "../../own",
            "VIMINIT": f"source {root / '.exrc'}",
        }  # fmt: skip


_FILTERS = frozenset(
    {"clean", "smudge", "process", "included", "included-if", "pager", "GIT_PAGER", "PAGER",
     "credential", "gpg-openpgp", "gpg-ssh", "gpg-x509"}
)  # fmt: skip
"""What git writes to: these read it, or git would be ended by a broken pipe at times."""


def _program(path: Path, mark: Path, *, is_filter: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    end = "exec /bin/cat\n" if is_filter else ""
    path.write_text(f'#!/bin/sh\n: >"{mark}"\n{end}')
    path.chmod(0o755)
    return path


def _module(mark: Path, more: str = "") -> str:
    return f"import os\nos.close(os.open({str(mark)!r}, os.O_CREAT | os.O_WRONLY))\n{more}"


def make_trap(folder: Path) -> Trap:
    """Build the trap and prove nothing yet; it is left with no mark."""
    trap = Trap(
        root=folder / "project",
        neutral=folder / "neutral",
        marks=folder / "marks",
        programs=folder / "programs",
    )
    for place in (trap.root, trap.neutral, trap.marks, trap.programs):
        place.mkdir(parents=True)
    _make_repository(trap)
    _make_own_folder(trap)
    _make_python_decoys(trap)
    _make_tool_files(trap)
    for name in FAKE_PROGRAMS:
        _program(trap.root / "bin" / name, trap.marks / f"PATH-{name}")
    git(trap.neutral, "init", "-q", "-b", "main")
    (trap.neutral / "a.py").write_text("x\n")
    git(trap.neutral, "add", ".")
    git(trap.neutral, "commit", "-q", "-m", "first")
    (trap.neutral / "a.py").write_text("changed\n")
    trap.reset()
    return trap


def _make_repository(trap: Trap) -> None:
    root, marks = trap.root, trap.marks
    origin = root.parent / "origin"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    (origin / "file.txt").write_text("x\n")
    git(origin, "add", ".")
    git(origin, "commit", "-q", "-m", "x")
    git(root, "init", "-q", "-b", "main")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(origin), "sub")
    for name in ("a.txt", "b.txt", "c.txt", "d.txt", "code.py", "plain.md", "ignored.log"):
        (root / name).write_text(f"{name} {ASTRAL}\n")
    for name in ODD_NAMES:
        (root / name).write_text(f"x = '{ASTRAL}'\n")
    Path(os.fsdecode(os.fsencode(root) + b"/latin-\xe9.py")).write_text("x = 1\n")
    (root / ".gitignore").write_text("*.log\nown/\n")
    (root / ".env").write_text("TOKEN=\n")
    (root / ".gitattributes").write_text(
        "*.txt filter=evil diff=evil\nb.txt filter=process\nc.txt filter=third\n"
        "d.txt filter=fourth\n*.py diff=python\n*.md diff=conv\n"
    )
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first \x1b[31m red")
    for kind in ("PGP", "SSH", "X509"):
        _add_signed_commit(root, kind)
    bare = root / "vendor.git"
    git(root, "clone", "-q", "--bare", str(origin), str(bare))
    config = root / ".git" / "config"
    with config.open("a") as file:
        file.write(_settings(trap))
    for name, driver in (("included", "third"), ("included-if", "fourth")):
        (root / ".git" / name).write_text(
            f'[filter "{driver}"]\n    clean = {trap.program(name)}\n'
        )
    hooks = root / ".git" / "own-hooks"
    for name in ("post-index-change", "reference-transaction", "post-checkout", "pre-commit"):
        _program(hooks / name, marks / f"hook-{name}")
    for where, name in ((bare, "bare-fsmonitor"), (root / ".git" / "modules" / "sub",
                                                   "sub-fsmonitor")):  # fmt: skip
        with (where / "config").open("a") as file:
            file.write(f"[core]\n    fsmonitor = {trap.program(name)}\n")
    for name in ("a.txt", "b.txt", "c.txt", "d.txt", "code.py", "plain.md"):
        (root / name).write_text(f"changed {ASTRAL}\n")
    (root / "sub" / "file.txt").write_text("dirty\n")


def _settings(trap: Trap) -> str:
    return f"""
[core]
    fsmonitor = {trap.program("fsmonitor")}
    hooksPath = {trap.root / ".git" / "own-hooks"}
    sshCommand = {trap.program("sshCommand")}
    askPass = {trap.program("askPass")}
    pager = {trap.program("pager")}
    editor = {trap.program("editor")}
    gitProxy = {trap.program("gitProxy")}
[filter "evil"]
    clean = {trap.program("clean")}
    smudge = {trap.program("smudge")}
[filter "process"]
    process = {trap.program("process")}
[diff]
    external = {trap.program("diff-external")}
[diff "evil"]
    command = {trap.program("diff-command")}
[diff "conv"]
    textconv = {trap.program("textconv")}
[log]
    showSignature = true
[gpg "openpgp"]
    program = {trap.program("gpg-openpgp")}
[gpg "x509"]
    program = {trap.program("gpg-x509")}
[gpg "ssh"]
    program = {trap.program("gpg-ssh")}
    allowedSignersFile = {trap.root / "a.txt"}
[credential]
    helper = {trap.program("credential")}
[alias]
    st = !{trap.program("alias")}
[protocol]
    allow = always
[remote "origin"]
    url = ext::{trap.program("ext")} %S
    promisor = true
    partialclonefilter = blob:none
[remote "near"]
    url = {trap.root.parent / "origin"}
    uploadpack = {trap.program("uploadpack")}
[include]
    path = included
[includeIf "gitdir:**"]
    path = included-if
"""


def _make_own_folder(trap: Trap) -> None:
    """Make what hostile variables point at, inside the work tree."""
    own = trap.root / "own"
    for name in ("tmp", "xdg/git", "exec", "xdg/nvim", ".config/nvim", ".ssh"):
        (own / name).mkdir(parents=True)

    def configure(path: Path, name: str) -> None:
        path.write_text(f"[core]\n    fsmonitor = {trap.program(name)}\n")

    configure(own / "global", "GIT_CONFIG_GLOBAL")
    configure(own / "system", "GIT_CONFIG_SYSTEM")
    configure(own / ".gitconfig", "HOME")
    configure(own / "xdg" / "git" / "config", "XDG_CONFIG_HOME")
    shutil.copytree(trap.root.parent / "origin" / ".git", own / "other.git")
    with (own / "other.git" / "config").open("a") as file:
        file.write(f"[core]\n    fsmonitor = {trap.program('GIT_DIR')}\n")
    _program(own / "exec" / "git-planted", trap.marks / "GIT_EXEC_PATH")
    for name in ("bash_env", "env"):
        (own / name).write_text(f': >"{trap.marks / name.upper()}"\n')
    (own / "startup.py").write_text(_module(trap.marks / "PYTHONSTARTUP"))
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = own / "base" / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    line = _module(trap.marks / "PYTHONUSERBASE").replace("\n", ";").rstrip(";")
    (packages / "planted.pth").write_text(f"{line}\n")
    (own / ".vimrc").write_text("set exrc\n")


def _make_python_decoys(trap: Trap) -> None:
    root, marks = trap.root, trap.marks
    for name in DECOYS:
        (root / f"{name}.py").write_text(_module(marks / f"{name}.py"))
    (root / "site").mkdir()
    for name, mark, more in (
        ("sitecustomize", "sitecustomize", ""),
        ("usercustomize", "usercustomize", ""),
        ("planted_warning", "PYTHONWARNINGS", "class Category(Warning): pass\n"),
        ("planted_breakpoint", "PYTHONBREAKPOINT", "def stop(): pass\n"),
        ("planted_plugins", "PYTEST_PLUGINS", ""),
        ("planted_addopts", "PYTEST_ADDOPTS", ""),
        ("planted_ini", "pytest-ini", ""),
    ):
        (root / "site" / f"{name}.py").write_text(_module(marks / mark, more))


def _make_tool_files(trap: Trap) -> None:
    root, marks = trap.root, trap.marks
    checks = root / "checks"
    checks.mkdir()
    (checks / "pytest.ini").write_text("[pytest]\naddopts = -p planted_ini\n")
    (checks / "conftest.py").write_text(_module(marks / "conftest"))
    (checks / "test_nothing.py").write_text("def test_nothing(): pass\n")
    for name, mark in ((".exrc", "exrc"), (".vimrc", "vimrc")):
        (root / name).write_text(f"call writefile([], '{marks / mark}')\n")
    (root / ".nvim.lua").write_text(f"io.open('{marks / 'nvim.lua'}', 'w'):close()\n")
    (root / ".envrc").write_text(f': >"{marks / "envrc"}"\n')


_BASE_PYTHON = str(getattr(sys, "_base_executable", sys.executable))


def prove(trap: Trap) -> set[str]:
    """Run plain commands, each with one hostile variable at most; return which canaries ran."""
    every = trap.variables()
    own = {name: value for name, value in os.environ.items() if name.startswith("GIT_")}
    calm = {"HOME": str(trap.marks.parent), "PATH": SANE_PATH, "TERM": "xterm", **own}

    def run(
        *argv: str, cwd: Path = trap.root, stdin: str = "", tty: bool = False, **env: str
    ) -> None:
        _run_plainly(argv, cwd=cwd, stdin=stdin, env={**calm, **env}, has_terminal=tty)

    def with_variables(*names: str) -> dict[str, str]:
        return {name: every[name] for name in names}

    _prove_git(run, trap)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_PARAMETERS",
                 "XDG_CONFIG_HOME", "HOME"):  # fmt: skip
        run("git", "status", cwd=trap.neutral, GIT_CONFIG_NOSYSTEM="0", **with_variables(name))
    run(
        "git",
        "status",
        cwd=trap.neutral,
        **with_variables("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"),
    )
    run(
        "git",
        "status",
        cwd=trap.neutral,
        GIT_WORK_TREE=str(trap.neutral),
        **with_variables("GIT_DIR"),
    )
    run("git", "planted", **with_variables("GIT_EXEC_PATH"))
    run("git", "diff", cwd=trap.neutral, **with_variables("GIT_EXTERNAL_DIFF"))
    for name in ("GIT_PAGER", "PAGER"):
        run("git", "-p", "log", cwd=trap.neutral, tty=True, **with_variables(name))
    for name in ("GIT_EDITOR", "VISUAL", "EDITOR"):
        run("git", "commit", "--allow-empty", cwd=trap.neutral, **with_variables(name))
    for name in ("GIT_SSH", "GIT_SSH_COMMAND"):
        run("git", "ls-remote", "ssh://planted.invalid/x", cwd=trap.neutral, **with_variables(name))
    run(
        "git",
        "ls-remote",
        "git://planted.invalid/x",
        cwd=trap.neutral,
        **with_variables("GIT_PROXY_COMMAND"),
    )
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        run(
            "git",
            "credential",
            "fill",
            cwd=trap.neutral,
            stdin="protocol=https\nhost=x\n\n",
            **with_variables(name),
        )
    for name in ("GIT_TRACE", "GIT_TRACE2_EVENT"):
        run("git", "version", cwd=trap.neutral, **with_variables(name))
    for name in DECOYS:
        run(_BASE_PYTHON, "-S", "-c", f"import {name}", PYTHONDONTWRITEBYTECODE="1")
    run(
        _BASE_PYTHON,
        "-c",
        "",
        cwd=trap.neutral,
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONPATH=str(trap.root / "site"),
        **with_variables("PYTHONUSERBASE", "PYTHONWARNINGS"),
    )
    run(
        _BASE_PYTHON,
        "-c",
        "breakpoint()",
        cwd=trap.neutral,
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONPATH=str(trap.root / "site"),
        **with_variables("PYTHONBREAKPOINT"),
    )
    run(_BASE_PYTHON, "-i", "-q", cwd=trap.neutral, **with_variables("PYTHONSTARTUP"))
    words = "; ".join(f"{name} </dev/null" for name in FAKE_PROGRAMS)
    run("/bin/sh", "-c", words, cwd=trap.neutral, **with_variables("PATH"))
    run("/bin/true", cwd=trap.neutral, **with_variables("LD_DEBUG", "LD_DEBUG_OUTPUT"))
    run("bash", "-c", ":", cwd=trap.neutral, **with_variables("BASH_ENV"))
    run("/bin/sh", "-i", cwd=trap.neutral, **with_variables("ENV"))
    run(
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        cwd=trap.root / "checks",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONPATH=str(trap.root / "site"),
        **with_variables("PYTEST_PLUGINS", "PYTEST_ADDOPTS"),
    )
    _prove_editors(run, trap)
    return trap.fired()


def _prove_git(run: object, trap: Trap) -> None:
    assert callable(run)
    run("git", "status")
    run("git", "diff")
    run("git", "diff", "plain.md")
    for back in range(4):
        run("git", "log", "-p", "-1", f"HEAD~{back}")
    run("git", "-p", "log", tty=True)
    run("git", "-C", "vendor.git", "--work-tree=..", "status")
    run("git", "-C", "sub", "status")
    run("git", "update-index", "--refresh")
    run("git", "st")
    run("git", "commit", "--allow-empty", "--no-verify")
    run("git", "branch", "planted")
    run("git", "credential", "fill", stdin="protocol=https\nhost=x\n\n")
    run("git", "ls-remote", "origin")
    run("git", "ls-remote", "near")
    run("git", "ls-remote", "ssh://planted.invalid/x")
    run("git", "ls-remote", "git://planted.invalid/x")
    run("git", "checkout", "--", "a.txt")
    run("git", "checkout", "planted")
    run("git", "diff-index", "-p", "--no-ext-diff", "HEAD", "--", "plain.md")


def _prove_editors(run: object, trap: Trap) -> None:
    assert callable(run)
    home = str(trap.root / "own")
    run("vim", "-T", "dumb", "-i", "NONE", "-n", "-c", "qa!", tty=True, HOME=home)
    (trap.root / ".vimrc").rename(trap.root / ".vimrc-away")
    run("vim", "-T", "dumb", "-i", "NONE", "-n", "-c", "qa!", tty=True, HOME=home)
    (trap.root / ".vimrc-away").rename(trap.root / ".vimrc")
    run("nvim", "--headless", "--cmd", "set exrc", "-c", "qa!")
    run("direnv", "exec", str(trap.root), "true")


def provable() -> set[str]:
    """Return the places that can be proven with what this machine has."""
    return {place.name for place in PLACES if not place.needs}


def _run_plainly(
    argv: Sequence[str],
    *,
    cwd: Path,
    stdin: str,
    env: Mapping[str, str],
    has_terminal: bool,
) -> None:
    """Run a plain command; how it ends does not matter."""
    if shutil.which(argv[0], path=SANE_PATH) is None and not Path(argv[0]).is_absolute():
        return
    ours, theirs = pty.openpty() if has_terminal else (-1, -1)
    try:
        subprocess.run(
            list(argv),
            cwd=cwd,
            env=dict(env),
            input=stdin.encode(),
            stdout=theirs if has_terminal else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=deadline(),
            check=False,
        )
    finally:
        for descriptor in (ours, theirs):
            if descriptor >= 0:
                os.close(descriptor)
