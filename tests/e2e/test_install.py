"""The built wheel, installed the three ways people install it, beside a hostile project."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Collection
from importlib.metadata import distributions
from pathlib import Path

import pytest
from tests.e2e.test_setup_to_step import ATTACHED, lend_neovim, started_by_a_person
from tests.support.bridge import lsp_records, sessions
from tests.support.deadline import deadline, wait_until
from tests.support.decoy import make_decoy_project
from tests.support.editors import need, neovim_program
from tests.support.installation import other_python
from tests.support.setup import put

from signoff_collector.cli import DAILY_VERBS, PLUMBING_VERBS
from signoff_collector.completion.scripts import SHELLS

pytestmark = pytest.mark.install
ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 600
MOST_BYTES = 111_000_000
"""What docs/decisions/dependencies.md says."""
ENGINES = ("google-re2", "kingfisher-secret-scanner")
BROUGHT_BY_VENV = {"pip", "setuptools"}
TREE = ("--cached", "--others", "--exclude-standard")


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


def _newer(wheel: Path, folder: Path) -> Path:
    """Return the wheel as the next release: the same files under another version."""
    before = wheel.name.split("-")[1]
    after = f"{before}.post1"
    made = folder / wheel.name.replace(before, after, 1)
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(made, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "signoff_collector/__init__.py" or ".dist-info/" in item.filename:
                content = content.replace(before.encode(), after.encode())
            item.filename = item.filename.replace(f"signoff-{before}", f"signoff-{after}")
            new.writestr(item, content)
    return made


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
    assert any(name.endswith("data/share/man/man1/signoff.1") for name in names)
    scripts = {f"signoff_collector/completion/completion.{shell}" for shell in SHELLS}
    assert scripts | {"signoff_collector/completion/table.json"} <= {*names}
    extension = "signoff_collector/editor_extensions/vscode/"
    held = {name.removeprefix(extension) for name in names if name.startswith(extension)}
    assert {"package.json", "README.md", "LICENSE.txt", "dist/extension.js"} <= held
    assert not any(name.startswith(("src/", "test", "e2e/", "node_modules/")) for name in held)


def test_the_wheel_holds_every_file_of_the_hub(wheel: Path) -> None:
    """Migrations are found by their folder and pages read files: no import would miss them."""
    listed = _call("git", "ls-files", "-z", *TREE, "signoff_hub", cwd=ROOT / "hub").split("\0")
    kept = {name for name in listed if name}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("signoff_hub/")}
    assert held == kept
    assert any("/migrations/revisions/r0001" in name for name in held)
    assert any(name.endswith("/web/style.css") for name in held)


def test_a_hub_is_served_from_the_wheel_beside_a_decoy_project(
    wheel: Path, tmp_path: Path, home: Path
) -> None:
    binaries = _new_venv(tmp_path / "venv")
    _call(binaries / "python", "-m", "pip", "install", "--quiet", f"{wheel}[hub]")
    canary = make_decoy_project(tmp_path / "decoy")
    argv = [binaries / "signoff", "hub", "serve", "--json", "--data", tmp_path / "hub"]
    with subprocess.Popen(
        [*map(str, argv), "--listen", "127.0.0.1:0"],
        cwd=tmp_path / "decoy",
        stdout=subprocess.PIPE,
        text=True,
    ) as hub:
        assert hub.stdout is not None
        try:
            address = json.loads(hub.stdout.readline())["address"]
            for place in ("v1/terms", "readyz", "pages/style.css", "pages/enter.js"):
                assert _asked(f"{address}/{place}"), place
            assert b"pages/style.css" in _asked(f"{address}/")
        finally:
            hub.send_signal(signal.SIGTERM)
            assert hub.wait(deadline()) == 0
    sound = _call(binaries / "signoff", "hub", "verify", "--data", tmp_path / "hub")
    assert "proven" in sound
    assert not canary.exists()


def _asked(address: str) -> bytes:
    """Return what stands at an address of the loopback, past any proxy of the machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=deadline()) as answer:
        content = answer.read()
    assert isinstance(content, bytes)
    return content


@pytest.fixture(scope="session")
def recorder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an installation without any extra."""
    binaries = _new_venv(tmp_path_factory.mktemp("recorder") / "venv")
    _call(binaries / "python", "-m", "pip", "install", "--quiet", wheel)
    return binaries


def test_the_recorder_takes_no_more_of_the_disk_than_is_said(
    recorder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What wheels bring is counted, not what Python compiles of it, nor what venv put there."""
    (packages,) = recorder.parent.glob("lib/python*/site-packages")
    sizes: dict[str, int] = {}
    for one in distributions(path=[str(packages)]):
        files = [Path(str(one.locate_file(file))) for file in one.files or ()]
        sizes[one.name] = sum(file.stat().st_size for file in files if file.suffix != ".pyc")
    sizes = {name: size for name, size in sizes.items() if name not in BROUGHT_BY_VENV}
    total = sum(sizes.values())
    with capsys.disabled():
        for name, size in sorted(sizes.items(), key=lambda part: -part[1])[:12]:
            sys.stdout.write(f"\n{size / 1e6:8.1f} MB {name}")
        sys.stdout.write(f"\n{total / 1e6:8.1f} MB in {len(sizes)} distributions\n")
    assert {"signoff", "numpy", "cryptography"} <= set(sizes)
    assert not {"obstore", *(ENGINES if sys.platform == "linux" else ())} & set(sizes)
    assert total <= MOST_BYTES


def test_without_the_extra_a_bucket_is_refused_by_name_and_a_folder_is_taken(
    recorder: Path, tmp_path: Path, home: Path
) -> None:
    opened = (
        "import sys\n"
        "from signoff_collector.consent.terms.audience import canonical_audience\n"
        "from signoff_collector.upload.stores.stores import open_store\n"
        "from signoff_schemas.errors import MissingProgramError\n"
        "open_store(canonical_audience(sys.argv[1])).close()\n"
        "try:\n"
        "    open_store(canonical_audience('s3://store.example/bucket'))\n"
        "except MissingProgramError as error:\n"
        "    print(error, error.hint)\n"
    )
    place = f"file://{tmp_path}/store"
    said = _call(recorder / "python", "-I", "-c", opened, place)
    assert said.startswith("a bucket as store needs obstore, which is not installed")
    assert "signoff[seal,s3]" in said


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the engines come with Signoff")
def test_without_the_engines_it_is_said_before_anything_is_recorded_and_nothing_is_lost(
    wheel: Path, tmp_path: Path, home: Path
) -> None:
    signoff, project = _new_venv(tmp_path / "venv") / "signoff", tmp_path / "project"
    _call(signoff.with_name("python"), "-m", "pip", "install", "--quiet", wheel)
    project.mkdir()

    def says(*argv: str, codes: Collection[int] = (0,)) -> str:
        done = subprocess.run(
            [signoff, *argv], cwd=project, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        assert done.returncode in codes, f"{argv}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, f"{argv}\n{done.stderr}"
        return done.stdout if "--json" in argv else done.stdout + done.stderr

    def names_the_way(said: str) -> bool:
        return all(word in said for word in (*ENGINES, "signoff[seal]", "glibc 2.28", "musl"))

    (tmp_path / "ada").mkdir(mode=0o700)
    put(tmp_path / "ada" / ".bashrc", b"")
    set_up = _call(signoff, "setup", "--yes", "bash", HOME=str(tmp_path / "ada"))
    assert names_the_way(set_up), set_up
    assert "signoff[seal,s3]" in set_up
    rows = [json.loads(line) for line in says("doctor", "--json", codes={3}).splitlines()]
    (engines,) = [row for row in rows if row["name"] == "engines"]
    assert engines["level"] == "bad"
    assert names_the_way(engines["fact"] + engines["hint"])
    assert names_the_way(json.loads(says("enable", "--explain", "--json"))["text"])
    assert names_the_way(says("enable", "--yes", "--owner", "mine"))
    says("run", "--", "echo", "recorded all the same")
    for verb in (("find", "recorded all"), ("today",)):
        refused = says(*verb, codes={13})
        assert "google-re2" in refused
        assert "signoff[seal]" in refused
    says("stop")
    assert "signoff[seal]" in says("seal", codes={13})
    _call(signoff.with_name("python"), "-m", "pip", "install", "--quiet", f"{wheel}[seal]")
    says("seal")
    assert '"sealed"' in says("list", "--json")
    assert "recorded all the same" in says("find", "--regex", "all.the same")


def test_pip_installs_it_and_every_verb_runs_beside_a_decoy_project(
    wheel: Path, tmp_path: Path, home: Path
) -> None:
    binaries = _new_venv(tmp_path / "venv")
    _call(binaries / "python", "-m", "pip", "install", "--quiet", f"{wheel}[seal]")
    _runs_safely(binaries / "signoff", tmp_path / "decoy")


def test_pipx_installs_it_and_every_verb_runs_beside_a_decoy_project(
    wheel: Path, tmp_path: Path, home: Path
) -> None:
    binaries = _new_venv(tmp_path / "tools")
    _call(binaries / "python", "-m", "pip", "install", "--quiet", "pipx")
    places = {"PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    _call(binaries / "pipx", "install", "--python", sys.executable, f"{wheel}[seal]", **places)
    _runs_safely(tmp_path / "bin" / "signoff", tmp_path / "decoy")


def test_editors_and_agents_go_on_after_an_installation_under_another_python(
    wheel: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `pipx reinstall --python` does: the same folder, another release of Python in it."""
    other = other_python()
    if other is None:
        pytest.skip("no second Python from 3.11 on is here (pyenv or /usr/bin)")
    user = tmp_path / "ada"
    user.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(user))
    lend_neovim(need(neovim_program(), "Neovim 0.10 or newer"), tmp_path / "bin", monkeypatch)
    put(tmp_path / "bin" / "claude", b"#!/bin/sh\n", mode=0o755)
    file = put(tmp_path / "project" / "notes.txt", b"one\n")
    launcher = _new_venv(tmp_path / "venv") / "signoff"
    _call(launcher.with_name("python"), "-m", "pip", "install", "--quiet", f"{wheel}[seal]")
    _call(launcher, "setup", "--yes", "neovim", "claude-code", "--agent-words", "none")
    _call(launcher, "enable", "--yes", file.parent)
    settings = json.loads((user / ".claude" / "settings.json").read_text("utf-8"))
    (hook,) = settings["hooks"]["SessionStart"][0]["hooks"]
    for python in (sys.executable, other):
        (tmp_path / "venv").rename(tmp_path / f"before-{Path(python).name}")
        _call(python, "-m", "venv", tmp_path / "venv")
        _call(launcher.with_name("python"), "-m", "pip", "install", "--quiet", f"{wheel}[seal]")
        with started_by_a_person(file, tmp_path / f"socket{python == other}") as editor:
            wait_until(lambda: editor.lua(ATTACHED), "the bridge")
            editor.press("A typed<Esc>")
            assert editor.lua("return vim.fn.execute('messages')").count("E5113") == 0
            wait_until(lambda: lsp_records("textDocument/didChange"), "the change to be recorded")
            told = json.dumps(
                {"hook_event_name": "SessionStart", "session_id": "a", "cwd": str(file.parent)}
            )
            subprocess.run(["sh", "-c", hook["command"]], input=told.encode(), check=True)
            wait_until(lambda: list(sessions()[-1].folder.glob("agent-*")), "the hook's spool")
            editor.quit()
        done = subprocess.run([launcher, "doctor", "--json"], capture_output=True, check=False)
        rows = map(json.loads, done.stdout.splitlines())
        looked = {row["name"]: row["level"] for row in rows}
        assert (looked["neovim"], looked["claude-code"]) == ("ok", "ok")
        assert _call(launcher, "stop", cwd=file.parent)


def test_an_upgrade_while_neovim_runs_loses_nothing_and_is_told(
    wheel: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "ada"
    user.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(user))
    lend_neovim(need(neovim_program(), "Neovim 0.10 or newer"), tmp_path / "bin", monkeypatch)
    file = put(tmp_path / "project" / "notes.txt", b"one\n")
    launcher = _new_venv(tmp_path / "venv") / "signoff"
    pip = (launcher.with_name("python"), "-m", "pip", "install", "--quiet")
    _call(*pip, f"{wheel}[seal]")
    _call(launcher, "setup", "--yes", "neovim")
    _call(launcher, "enable", "--yes", file.parent)

    def said(verb: str) -> str:
        done = subprocess.run(
            [launcher, verb], cwd=file.parent, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    with started_by_a_person(file, tmp_path / "socket") as editor:
        wait_until(lambda: editor.lua(ATTACHED), "the bridge")
        editor.press("A before<Esc>")
        wait_until(lambda: lsp_records("textDocument/didChange"), "the change before")
        count = len(lsp_records("textDocument/didChange"))
        _call(*pip, _newer(wheel, tmp_path))
        editor.press("A after<Esc>")
        wait_until(lambda: len(lsp_records("textDocument/didChange")) > count, "the change after")
        editor.command("write")
        for verb in ("status", "doctor"):
            assert "still runs release" in said(verb)
            assert "Close that editor and start it again." in said(verb)
        editor.command(f"edit {file.with_name('other.txt')}")
        editor.press("iother<Esc>")
        assert "rror" not in editor.lua("return vim.fn.execute('messages')")
        editor.command("write")
        editor.quit()
    for verb in ("stop", "seal"):
        _call(launcher, verb, cwd=file.parent)
    rows = _call(launcher, "show", "last", "--steps", "--json", cwd=file.parent).splitlines()
    typed = "".join(row["text"] for row in map(json.loads, rows) if row["kind"] == "edit")
    assert typed == " before after" + "other"
    with started_by_a_person(file, tmp_path / "again") as editor:
        wait_until(lambda: editor.lua(ATTACHED), "the next bridge")
        editor.press("A again<Esc>")
        wait_until(lambda: lsp_records("textDocument/didChange"), "the next editor to record")
        assert "still runs release" not in said("status")
        editor.quit()


def test_uv_installs_it_and_every_verb_runs_beside_a_decoy_project(
    wheel: Path, tmp_path: Path, home: Path
) -> None:
    binaries = _new_venv(tmp_path / "tools")
    _call(binaries / "python", "-m", "pip", "install", "--quiet", "uv")
    places = {"UV_TOOL_DIR": str(tmp_path / "uv"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    _call(
        binaries / "uv", "tool", "install", "--python", sys.executable, f"{wheel}[seal]", **places
    )
    _runs_safely(tmp_path / "bin" / "signoff", tmp_path / "decoy")
