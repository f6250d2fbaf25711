"""What the hook adds between Enter and the next prompt: real shells at a pty, side by side.

    .venv/bin/python benchmarks/shell_prompt.py

Each round types `:` and Enter into a bare shell, into one whose hook finds nothing enabled, and
into one that is recorded, in changing order; the time ends when the next prompt is on the screen.
Also: what starting the shell takes with and without the hook (once per shell, a Python start).
"""

from __future__ import annotations

import os
import random
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 300
STARTS = 7
LIMIT_S = 30.0
SIGNOFF = Path(sys.executable).with_name("signoff")
PROMPTS = {
    "bash": "n=0; PS1='<$((n+=1))>'\n",
    "zsh": "n=0; setopt prompt_subst; PS1='<$((n+=1))>'\n",
    "fish": 'set -g n 0; function fish_prompt; set -g n (math $n + 1); echo -n "<$n>"; end\n'
    "function fish_greeting; end\nfunction fish_title; end\n",
}
RC = {"bash": "rc", "zsh": ".zshrc", "fish": "fish/config.fish"}


class Shell:
    """A shell at a pty."""

    def __init__(self, name: str, program: str, folder: Path, home: Path, config: Path) -> None:
        rc = config / RC[name]
        rc.parent.mkdir(parents=True, exist_ok=True)
        init = f"{SIGNOFF} shell-init {name}"
        hook = f"{init} | source\n" if name == "fish" else f'eval "$({init})"\n'
        rc.write_text(PROMPTS[name] + (hook if home.name != "bare" else ""))
        argv = [program, "--noprofile", "--rcfile", str(rc), "-i"] if name == "bash" else [program]
        places = {"ZDOTDIR": str(config), "XDG_CONFIG_HOME": str(config), "TERM": "xterm"}
        environ = {**os.environ, **places, "SIGNOFF_HOME": str(home)}
        begun = time.perf_counter()
        self.master, slave = os.openpty()
        self.process = subprocess.Popen(
            argv,
            cwd=folder,
            env=environ,
            preexec_fn=lambda: os.login_tty(slave),  # noqa: PLW1509  no thread here
        )
        os.close(slave)
        self.number = 0
        self.line("")
        self.start_s = time.perf_counter() - begun

    def line(self, text: str) -> float:
        """Type a line and return the seconds until the next prompt."""
        shown = b""
        begun = time.perf_counter()
        if text:
            os.write(self.master, text.encode() + b"\r")
        wanted = f"<{self.number + 1}>".encode()
        while wanted not in shown:
            if not select.select([self.master], [], [], LIMIT_S)[0]:
                raise SystemExit(f"no prompt in {LIMIT_S} s: {shown!r}")
            shown += os.read(self.master, 1 << 16)
        self.number += 1
        return time.perf_counter() - begun

    def cpu_ms(self) -> float:
        """Return what it and its ended children took so far; whole ticks of 10 ms."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, words[11:15])) * 1000 / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def measure(name: str, program: str, base: Path) -> None:
    """Print one row per shell."""
    work = base / name / "work"
    work.mkdir(parents=True)
    homes = {"bare": base / name / "bare", "off": base / name / "off", "on": base / name / "on"}
    subprocess.run(
        [SIGNOFF, "enable", str(work), "--yes", "--owner", "mine"], check=True, capture_output=True,
        env={**os.environ, "SIGNOFF_HOME": str(homes["on"])},
    )  # fmt: skip
    starts: dict[str, list[float]] = {kind: [] for kind in homes}
    for _ in range(STARTS):
        for kind, home in homes.items():
            shell = Shell(name, program, work, home, base / name / f"rc-{kind}")
            starts[kind].append(shell.start_s)
            shell.end()
    shells = {
        kind: Shell(name, program, work, home, base / name / f"rc-{kind}")
        for kind, home in homes.items()
    }
    spools: list[Path] = []
    while not spools:  # the session that the first line opens
        shells["on"].line(":")
        spools = list(homes["on"].glob("state/sessions/*/shell-*.spool"))
    times: dict[str, list[float]] = {kind: [] for kind in homes}
    before = {kind: shell.cpu_ms() for kind, shell in shells.items()}
    order = list(homes)
    for _ in range(ROUNDS):
        random.shuffle(order)
        for kind in order:
            times[kind].append(shells[kind].line(":"))
    cpu = {kind: (shell.cpu_ms() - before[kind]) / ROUNDS for kind, shell in shells.items()}
    for shell in shells.values():
        shell.end()
    lines = spools[0].read_bytes().count(b"\0begin\0")
    bare = statistics.median(times["bare"])
    cells = [f"{bare * 1000:.2f}"]
    for kind in ("off", "on"):
        added = [one - bare for one in times[kind]]
        p99 = statistics.quantiles(added, n=100)[98]
        cells.append(f"+{statistics.median(added) * 1000:.2f} (p99 +{p99 * 1000:.2f})")
    p99 = statistics.quantiles(times["bare"], n=100)[98] - bare
    cells.append(f"+{p99 * 1000:.2f}")
    begun = [statistics.median(starts[kind]) * 1000 for kind in ("bare", "on")]
    cells.append(" / ".join(f"{cpu[kind]:.2f}" for kind in homes))
    print(f"| {name} | {' | '.join(cells)} | {begun[0]:.0f} → {begun[1]:.0f} | {lines} |")


def main() -> None:
    """Measure every shell that is here."""
    print("| shell | bare, ms | hook, nothing enabled | hook, recorded | p99 of bare itself |"
          " CPU per prompt, ms: bare / off / recorded | start, ms | lines recorded |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "home").mkdir(mode=0o700)
        os.environ["HOME"] = str(base / "home")
        for shell in PROMPTS:
            program = shutil.which(shell)
            if program is None:
                print(f"| {shell} | not here | | | | | | |")
                continue
            measure(shell, program, base)
        for sessions in base.glob("*/on/state/sessions"):
            shutil.rmtree(sessions, ignore_errors=True)


if __name__ == "__main__":
    main()
