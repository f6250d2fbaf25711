"""A real VS Code workbench for tests: what .ci/vscode.sh installed, a fresh account, a project."""

from __future__ import annotations

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.deadline import DEADLINE_S

ROOT = Path(__file__).resolve().parent.parent.parent
E2E = ROOT / "editor_extensions" / "vscode" / "e2e"
SCENARIOS = E2E / "scenarios"
LAUNCHER = Path(sys.executable).with_name("signoff")
LIMIT_S = 60 + 3 * DEADLINE_S
"""How long one scenario may take."""

QUIET = {
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.editor.enablePreview": False,
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "chat.disableAIFeatures": True,
    "git.autofetch": False,
    "git.openRepositoryInParentFolders": "never",
    "editor.autoClosingBrackets": "never",
    "editor.autoIndent": "none",
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.suggestOnTriggerCharacters": False,
    "editor.acceptSuggestionOnEnter": "off",
    "files.autoSave": "off",
    "terminal.integrated.gpuAcceleration": "off",
    "terminal.integrated.stickyScroll.enabled": False,
    "terminal.integrated.defaultProfile.linux": "bash",
    "window.menuBarVisibility": "hidden",
    "window.commandCenter": False,
}
"""What a person might choose who wants the editor to do nothing by itself."""

MACHINE = {"workbench.welcomePage.walkthroughs.openOnInstall": False}
"""Settings of scope `machine`: a remote window, which this is, takes them from there only."""

_BASHRC = """\
PS1='$ '
PATH='{path}'
PROMPT_COMMAND='echo >>~/.prompts'
"""


def tools_folder() -> Path:
    """Return where .ci/vscode.sh put the workbench, whether it did or not."""
    named = os.environ.get("SIGNOFF_E2E_VSCODE")
    if named:
        return Path(named)
    import pwd

    cache = os.environ.get("XDG_CACHE_HOME") or f"{pwd.getpwuid(os.getuid()).pw_dir}/.cache"
    return Path(cache, "signoff-e2e", "vscode")


def need_tools() -> Path:
    """Return the folder of the workbench, or skip; with CI=true a missing one fails."""
    tools = tools_folder()
    if (tools / "bin" / "code-server").exists() and shutil.which("chromium"):
        return tools
    if os.environ.get("CI") == "true":
        pytest.fail(f"there is no workbench in {tools}, and CI must have it (.ci/vscode.sh)")
    pytest.skip(f"there is no workbench in {tools} (.ci/vscode.sh installs it)")


@dataclass(kw_only=True)
class Account:
    """A person's fresh account with a project; everything lies below one folder."""

    folder: Path
    tools: Path
    settings: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    """Further environment of the editor."""

    @property
    def user(self) -> Path:
        """HOME."""
        return self.folder / "ada"

    @property
    def project(self) -> Path:
        """The folder that is opened."""
        return self.folder / "project"

    @property
    def env(self) -> dict[str, str]:
        """The environment of the editor and of our verbs: nothing of the machine's but PATH."""
        path = [str(self.tools / "bin"), str(LAUNCHER.parent), "/usr/bin", "/bin"]
        return {
            "HOME": str(self.user),
            "USER": "ada",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": "/bin/bash",
            "PATH": os.pathsep.join(path),
            "EXTENSIONS_GALLERY": '{"serviceUrl":""}',
            "GIT_CONFIG_NOSYSTEM": "1",
            **self.extra,
        }

    def make(self) -> Account:
        """Write the home folder and a project under git."""
        self.user.mkdir(mode=0o700, parents=True)
        (self.user / ".bashrc").write_text(_BASHRC.format(path=self.env["PATH"]))
        (self.user / ".gitconfig").write_text(
            "[user]\n\tname = Ada Example\n\temail = ada@example.org\n"
            "[init]\n\tdefaultBranch = main\n"
        )
        data = self.user / ".local" / "share" / "code-server"
        (data / "User").mkdir(parents=True)
        (data / "Machine").mkdir()
        (data / "Machine" / "settings.json").write_text(json.dumps(MACHINE | self.machine))
        (data / "User" / "settings.json").write_text(json.dumps(QUIET | self.settings, indent=2))
        if not self.project.exists():
            self.project.mkdir()
            self.run("git", "init", "-q")
        return self

    def run(
        self, *argv: str, cwd: Path | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the project, with this account's environment."""
        done = subprocess.run(
            argv,
            cwd=cwd or self.project,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{argv} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def signoff(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of our verbs."""
        return self.run(str(LAUNCHER), *argv, check=check)

    def rows(self, *argv: str) -> list[dict[str, Any]]:
        """Run one of our verbs and return what it printed with `--json`."""
        said = self.signoff(*argv, "--json").stdout
        return [json.loads(line) for line in said.splitlines()]

    def drive(
        self,
        scenario: Path,
        *,
        given: Mapping[str, Any] | None = None,
        open_: Path | None = None,
        out: Path | None = None,
    ) -> dict[str, Any]:
        """Run a scenario in the workbench and return its result.

        Raises:
            AssertionError: it failed; says where logs and pictures lie.
        """
        out = out or self.folder / "out"
        out.mkdir(parents=True, exist_ok=True)
        plan = {
            "tools": str(self.tools),
            "out": str(out),
            "open": str(open_ or self.project),
            "launcher": str(LAUNCHER),
            "scenario": str(scenario),
            "env": self.env,
            "given": dict(given or {}),
        }
        (out / "plan.json").write_text(json.dumps(plan, indent=1))
        argv = [str(self.tools / "bin" / "node"), str(E2E / "run.mjs"), str(out / "plan.json")]
        own = {"HOME": str(out), "SIGNOFF_TEST_DEADLINE_S": str(DEADLINE_S)}
        with _group(argv, self.env | own) as process:
            try:
                said, _ = process.communicate(timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                said = '{"ok": false, "error": "the scenario did not end"}'
        self.end_programs()
        answer: dict[str, Any] = json.loads(
            said.splitlines()[-1] if said.strip() else '{"ok":false}'
        )
        if not answer["ok"]:
            raise AssertionError(
                f"{answer.get('error')}\nlogs and pictures: {out}\n{self._tails(out)}"
            )
        result: dict[str, Any] = answer["result"]
        return result | {"seconds": answer["seconds"]}

    def end_programs(self) -> None:
        """End what was started in this account and is still there: nothing outlives a test."""
        mark = f"HOME={self.user}".encode()
        for proc in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (proc / "environ").read_bytes().split(b"\0"):
                    os.kill(int(proc.name), signal.SIGKILL)

    def logs(self) -> Sequence[Path]:
        """Return the logs that the workbench wrote."""
        return sorted((self.user / ".local/share/code-server/logs").rglob("*.log"))

    def _tails(self, out: Path) -> str:
        ours = ("remoteexthost", "signoff")
        told = [log for log in self.logs() if any(name in str(log).lower() for name in ours)]
        places = [out / "server.err", *told]
        return "\n".join(
            f"--- {place}\n{place.read_text(errors='replace')[-1500:]}"
            for place in places
            if place.exists()
        )


@contextmanager
def _group(argv: Sequence[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a program in a process group of its own that ends with it."""
    process = subprocess.Popen(
        argv,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def retried(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test of the workbench once more when it failed, in a fresh account, and say so.

    A browser and an editor of others take part in it; what fails twice is ours.
    """

    @functools.wraps(test)
    def run(account: Account, tmp_path: Path, **given: object) -> None:
        try:
            test(account, tmp_path, **given)
        except AssertionError as error:
            sys.__stderr__.write(f"\n{test.__name__} is tried again: {error}\n")
            again = tmp_path / "again"
            test(replace(account, folder=again).make(), again, **given)

    return run
