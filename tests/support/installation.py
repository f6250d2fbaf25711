"""An installation of its own, laid out as the wheel lays it out, and what becomes of one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.support.deadline import deadline, wait_until

import signoff_bridge
import signoff_collector
import signoff_datasets
import signoff_schemas

ROOT = Path(__file__).resolve().parents[2]
RUINS = ("removed", "without Python", "under another Python", "half removed")
"""What may become of it: `pipx uninstall`, a Python that was uninstalled, one that was upgraded, an
uninstall that was cut short."""


def install(folder: Path) -> Path:
    """Make a venv with Signoff in it; return its launcher. Dependencies are those of the tests."""
    argv = [sys.executable, "-I", "-m", "venv", "--without-pip", "--symlinks", str(folder)]
    subprocess.run(argv, timeout=deadline(), check=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    for package in (signoff_collector, signoff_bridge, signoff_datasets, signoff_schemas):
        source = Path(str(package.__file__)).parent
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, packages / source.name, ignore=ignored)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    shared = folder / "share" / "signoff-companions"
    shutil.copytree(ROOT / "editor_extensions" / "neovim", shared / "neovim")
    hook = packages / "signoff_collector" / "capture" / "agents" / "hook_start.py"
    shutil.copy(hook, shared)
    vscode = packages / "signoff_collector" / "editor_extensions" / "vscode"
    vscode.mkdir(parents=True)
    for name in ("package.json", "README.md", "dist", "media", "walkthrough"):
        source = ROOT / "editor_extensions" / "vscode" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, vscode / name)
    shutil.copy(ROOT / "LICENSE", vscode / "LICENSE.txt")
    return Path(shutil.copy(ROOT / "launcher" / "signoff", folder / "bin" / "signoff"))


def call(launcher: Path, *arguments: str) -> str:
    """Run a verb of an installation and return what it said; it must end with 0 or 3."""
    done = subprocess.run(
        [launcher, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.returncode in {0, 3}, done.stderr
    return done.stdout


def remove(folder: Path) -> None:
    """Remove an installation, although a running process may write there what it compiles."""

    def is_gone() -> bool:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()

    wait_until(is_gone, f"{folder} to be gone")


def ruin(launcher: Path, how: str) -> None:
    """Let happen to an installation what a person does without `signoff uninstall`."""
    python = launcher.with_name("python")
    if how == "removed":
        remove(launcher.parents[1])
        return
    if how in {"half removed", "without a part"}:
        (packages,) = launcher.parents[1].glob("lib/python3*/site-packages")
        if how == "half removed":
            remove(packages / "signoff_schemas")
        else:
            (packages / "signoff_bridge" / "process.py").unlink()
        return
    python.unlink()
    if how == "under another Python":
        python.symlink_to(another_python(launcher.parents[1]))
    else:
        python.symlink_to("/gone/python3.11")


def another_python(folder: Path) -> Path:
    """Return a Python of another release; where there is none, this one, and our packages go."""
    found = other_python()
    if found is not None:
        return found
    (packages,) = folder.glob("lib/python3*")
    packages.rename(packages.with_name("python3.0"))
    return Path(sys.executable).resolve()


def other_python() -> Path | None:
    """Return a Python from 3.11 on of another minor release than the one that runs the tests."""
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)  # that of the account, not of the test
    ours = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    installed = sorted(home.glob(".pyenv/versions/3.1[1-9].*/bin/python3.[0-9][0-9]"))
    system = [Path("/usr/bin", f"python3.{minor}") for minor in range(11, 20)]
    for found in (*installed, *system):
        if os.access(found, os.X_OK) and found.name != ours:
            return found
    return None
