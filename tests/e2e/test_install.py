"""The built wheel, installed the three ways people install it, beside a hostile project."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from signoff_collector.cli import DAILY_VERBS, PLUMBING_VERBS
from support_decoy import make_decoy_project

pytestmark = pytest.mark.install
ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 600


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("signoff-*.whl")
    return built


def _call(*argv: object, cwd: Path | None = None, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in argv],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _new_venv(folder: Path) -> Path:
    _call(sys.executable, "-m", "venv", folder)
    return folder / "bin"


def _runs_safely(signoff: Path, decoy: Path) -> None:
    """Call every verb beside the decoys; none of them may run, none may trace back."""
    canary = make_decoy_project(decoy)
    environment = {**os.environ, "PYTHONPATH": ".", "PYTHONSTARTUP": "re.py"}
    for verb in (*DAILY_VERBS, *PLUMBING_VERBS):
        for arguments in ([verb, "--help"], *([] if verb in {"lsp", "watch"} else [[verb]])):
            done = subprocess.run(
                [str(signoff), *arguments],
                cwd=decoy,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            said = f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
            assert not canary.exists(), said
            assert "Traceback" not in done.stderr, said
            assert done.returncode in {0, 2, 3, 10, 12, 13}, said
    done = subprocess.run(
        [str(signoff), "lsp"],
        cwd=decoy,
        env=environment,
        input=b"",
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert not canary.exists()
    assert b"Traceback" not in done.stderr


def test_the_wheel_holds_the_packages_the_companion_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"signoff_collector", "signoff_bridge", "signoff_schemas"} <= tops
    assert not tops & {"tests", "schemas", "collector", "lsp_bridge", "benchmarks"}
    assert any(name.endswith(".lua") for name in names)
    assert any(name.endswith("scripts/signoff") for name in names)
    extension = "signoff_collector/editor_extensions/vscode/"
    held = {name.removeprefix(extension) for name in names if name.startswith(extension)}
    assert {"package.json", "README.md", "LICENSE.txt", "dist/extension.js"} <= held
    assert not any(name.startswith(("src/", "test", "e2e/", "node_modules/")) for name in held)


def test_pip_installs_it_and_every_verb_runs_beside_a_decoy_project(
    wheel: Path, tmp_path: Path, home: Path
) -> None:
    binaries = _new_venv(tmp_path / "venv")
    _call(binaries / "python", "-m", "pip", "install", "--quiet", wheel)
    _runs_safely(binaries / "signoff", tmp_path / "decoy")


def test_pipx_installs_it_and_every_verb_runs_beside_a_decoy_project(
    wheel: Path, tmp_path: Path, home: Path
) -> None:
    binaries = _new_venv(tmp_path / "tools")
    _call(binaries / "python", "-m", "pip", "install", "--quiet", "pipx")
    places = {"PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    _call(binaries / "pipx", "install", "--python", sys.executable, wheel, **places)
    _runs_safely(tmp_path / "bin" / "signoff", tmp_path / "decoy")


def test_uv_installs_it_and_every_verb_runs_beside_a_decoy_project(
    wheel: Path, tmp_path: Path, home: Path
) -> None:
    binaries = _new_venv(tmp_path / "tools")
    _call(binaries / "python", "-m", "pip", "install", "--quiet", "uv")
    places = {"UV_TOOL_DIR": str(tmp_path / "uv"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    _call(binaries / "uv", "tool", "install", "--python", sys.executable, wheel, **places)
    _runs_safely(tmp_path / "bin" / "signoff", tmp_path / "decoy")
