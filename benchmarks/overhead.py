"""What recording costs the person: a long day, a rest, and git with and without us.

    .venv/bin/python benchmarks/overhead.py

A day is 60,000 changes in 40 files of 2,000 lines, with opening, saving, closing and the
companion's evidence, sent as fast as the bridge takes them; its memory is read every "hour".
git runs the same commands in two equal repositories in turn, one of them recorded. What else
costs something is measured by `bridge.py` (messages), `file_storm.py` (many files at once),
`pytest_reporter.py`, `shell_prompt.py` and `agent_hook.py`.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bridge import ENABLE, Server, framed

HOURS: Final = 8
CHANGES_PER_HOUR: Final = 7_500
FILES: Final = 40
LINES: Final = 2_000
SETTLE_S: Final = 10.0
REST_S: Final = 20.0
PAIRS: Final = 15
GIT_FILES: Final = 2_000
COMMANDS: Final = (
    ("status", "--porcelain"),
    ("add", "-A"),
    ("commit", "-q", "-m", "change"),
    ("checkout", "-q", "-B", "topic"),
    ("stash", "list"),
    ("log", "--oneline", "-n", "50"),
    ("diff", "HEAD~1", "--stat"),
)


def day(folder: Path, environ: dict[str, str]) -> Iterator[str]:
    """Send a day's work to a bridge and yield one line per hour, then one on its rest."""
    server = Server([sys.executable, "-I", "-m", "signoff_bridge"], environ)
    text = "".join(f"    value_{n} = compute({n}, other='abc')\n" for n in range(LINES))
    paths = [folder / f"part_{number}.py" for number in range(FILES)]
    for path in paths:
        path.write_text(text, "utf-8")
    start_mb, version = server.rss_mb(), 1
    yield f"at the start {start_mb:.1f} MB"
    for hour in range(HOURS):
        before, begun = server.cpu_s(), time.perf_counter()
        for number, path in enumerate(paths):
            uri = path.as_uri()
            document = {"uri": uri, "languageId": "python", "version": version, "text": text}
            server.notify("textDocument/didOpen", {"textDocument": document})
            count = CHANGES_PER_HOUR // FILES
            messages = [_change(uri, version + place + 1, place) for place in range(count)]
            server.send(b"".join(messages))
            version += count
            after = text.replace("\n", "x" * count + "\n", 1)
            path.write_text(after, "utf-8")
            server.notify("textDocument/didSave", {"textDocument": {"uri": uri}, "text": after})
            if number % 4:
                server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            path.write_text(text, "utf-8")
        server.request("signoff/status", {})
        used, wall = server.cpu_s() - before, time.perf_counter() - begun
        yield f"hour {hour + 1}: {server.rss_mb():.1f} MB, {used:.2f} s CPU in {wall:.1f} s"
    time.sleep(SETTLE_S)
    before = server.cpu_s()
    time.sleep(REST_S)
    used = server.cpu_s() - before
    yield f"bridge at rest, documents open: {used / REST_S * 100:.3f} % CPU"
    yield from _watcher_at_rest(environ)
    server.close()


def _change(uri: str, version: int, place: int) -> bytes:
    """Return one typed character with its evidence, as a companion sends them."""
    at = {"line": 0, "character": len("    value_0 = compute(0, other='abc')") + place}
    change = {"range": {"start": at, "end": at}, "rangeLength": 0, "text": "x"}
    params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
    evidence = {"uri": uri, "version": version, "reason": "key", "detail": "insert", "changes": 1}
    return framed(
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}
    ) + framed({"jsonrpc": "2.0", "method": "signoff/evidence", "params": evidence})


def _watcher_at_rest(environ: dict[str, str]) -> Iterator[str]:
    sessions = Path(environ["SIGNOFF_HOME"], "state", "sessions")
    pids = {int(path.name.split("-")[1]) for path in sessions.glob("2*/files-*.journal")}
    for pid in sorted(pids):
        before = _cpu_s(pid)
        time.sleep(REST_S)
        used = _cpu_s(pid) - before
        yield f"watcher at rest: {used / REST_S * 100:.3f} % CPU"


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def git_pairs(folder: Path, environ: dict[str, str]) -> Iterator[str]:
    """Run git in a recorded and in another repository, in turn; yield a line per command."""
    plain, recorded = folder / "plain", folder / "recorded"
    for root in (plain, recorded):
        _repository(root, environ)
    subprocess.run([sys.executable, "-I", "-c", ENABLE, recorded], env=environ, check=True)
    server = Server([sys.executable, "-I", "-m", "signoff_bridge"], environ)
    path = recorded / "part0" / "file0.py"
    document = {
        "uri": path.as_uri(), "languageId": "python", "version": 1, "text": path.read_text("utf-8"),
    }  # fmt: skip
    server.notify("textDocument/didOpen", {"textDocument": document})
    server.request("signoff/status", {})
    time.sleep(2)
    times: dict[tuple[str, ...], dict[Path, list[float]]] = {}
    for number in range(PAIRS):
        for words in COMMANDS:
            order = (plain, recorded) if number % 2 else (recorded, plain)
            for root in order:
                if words[0] == "status":
                    (root / "part0" / "file0.py").write_text(f"value = -{number}\n", "utf-8")
                begun = time.perf_counter()
                _git(root, words, environ)
                taken = time.perf_counter() - begun
                times.setdefault(words, {}).setdefault(root, []).append(taken)
    for words, found in times.items():
        bare, ours = (statistics.median(found[root]) * 1e3 for root in (plain, recorded))
        best = min(found[recorded]) / min(found[plain])
        yield (
            f"git {words[0]:<9} median {bare:6.2f} ms alone, {ours:6.2f} ms recorded:"
            f" ratio {ours / bare:.3f}, of the best {best:.3f}"
        )
    bare, ours = (sum(sum(found[root]) for found in times.values()) for root in (plain, recorded))
    yield f"git, all together: ratio {ours / bare:.3f} of {PAIRS} rounds"
    server.close()


def _repository(root: Path, environ: dict[str, str]) -> None:
    for number in range(GIT_FILES):
        path = root / f"part{number % 40}" / f"file{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"value = {number}\n", "utf-8")
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "first")):
        _git(root, words, environ)


def _git(root: Path, words: tuple[str, ...], environ: dict[str, str]) -> None:
    subprocess.run(["git", *words], cwd=root, env=environ, check=True, capture_output=True)  # noqa: S607


def main() -> None:
    """Print every line, with the machine."""
    print(json.dumps({"platform": platform.platform(), "load": os.getloadavg()[0]}))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        environ = {
            **os.environ, "SIGNOFF_HOME": f"{name}/home", "HOME": name,
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        }  # fmt: skip
        workspace = folder / "workspace"
        workspace.mkdir()
        subprocess.run([sys.executable, "-I", "-c", ENABLE, workspace], env=environ, check=True)
        for line in day(workspace, environ):
            print(line, flush=True)
        for line in git_pairs(folder, environ):
            print(line, flush=True)
        for root in (workspace, folder / "recorded"):
            stop = [sys.executable, "-I", "-m", "signoff_collector", "stop"]
            subprocess.run(stop, cwd=root, env=environ, check=False, capture_output=True)


if __name__ == "__main__":
    main()
