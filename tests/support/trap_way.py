"""Every verb, and the processes behind them, taken through the trap of `tests/support/trap.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.bridge import Client, at, bridge, sessions
from tests.support.deadline import wait_until
from tests.support.hostile_repository import listing
from tests.support.pseudo_terminal import Terminal
from tests.support.trap import ASTRAL, ODD_NAMES, SANE_PATH, Trap

from signoff_collector.capture.journal.journal import RecordKind, read_journal

LIMIT_S = 240
LAUNCHER = Path(sys.executable).with_name("signoff")
_OWN_COMMAND: dict[str, set[str]] = {"run": {"LD"}, "shell": {"LD", "BASH_ENV"}}
"""What a person starts by `run` or `shell` gets the person's environment: that is its use."""
FORGOTTEN = ODD_NAMES[8]
BRIDGE, WATCHER = "the bridge", "watcher, sealer"


@dataclass(slots=True, kw_only=True)
class Way:
    """What was seen at each verb."""

    trap: Trap
    home: Path
    ran: list[str] = field(default_factory=list)
    fired: dict[str, set[str]] = field(default_factory=dict)
    """Verb to the canaries that ran."""
    changed: dict[str, list[str]] = field(default_factory=dict)
    """Verb to the paths of the work tree that are not as they were."""
    faults: list[str] = field(default_factory=list)
    shown: str = ""
    """What `show --steps` says of the sealed session."""
    before: dict[str, tuple[int, int, str]] = field(default_factory=dict)

    own_home: bool = False
    """Give HOME as it is: to enable a folder above it would be refused."""

    def environment(self) -> dict[str, str]:
        """Return all of the hostile environment, with a home of our own."""
        hostile = {**self.trap.variables(), "SIGNOFF_HOME": str(self.home), "TERM": "xterm"}
        return {**hostile, "HOME": os.environ["HOME"]} if self.own_home else hostile

    def call(self, *words: object, codes: tuple[int, ...] = (0,), stdin: bytes = b"") -> bytes:
        """Run one verb in the trap and note what it did; return its stdout."""
        verb, said = str(words[0]), [str(word) for word in words]
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "signoff_collector", *said],
            cwd=self.trap.root,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = process.communicate(stdin, timeout=LIMIT_S)
        finally:
            process.kill()
            process.wait()
        self.forget_loader_of(process.pid)
        self.look(verb)
        if process.returncode not in codes:
            self.faults.append(
                f"{said}: exit {process.returncode}: {err.decode('utf-8', 'replace')}"
            )
        self.judge_output(said, out, err)
        return out

    def agree(self, *words: object) -> None:
        """Run one verb at a terminal, where a person says yes to all that it asks."""
        said = [str(word) for word in words]
        argv = [sys.executable, "-I", "-m", "signoff_collector", *said]
        with Terminal(argv, cwd=self.trap.root, env=self.environment()) as terminal:
            code = terminal.agree()
        self.forget_loader_of(terminal.process.pid)
        self.look(said[0])
        if code != 0:
            self.faults.append(f"{said}: exit {code}: {terminal.shown!r}")
        self.judge_output(said, terminal.shown.replace(b"\r\n", b"\n"), b"")

    def forget_loader_of(self, pid: int) -> None:
        """Drop what the loader wrote for a process that we started ourselves."""
        (self.trap.marks / f"LD.{pid}").unlink(missing_ok=True)

    def look(self, what: str) -> None:
        """Note the canaries that ran and the paths that changed."""
        self.ran.append(what)
        found = self.trap.fired() - _OWN_COMMAND.get(what, set())
        self.trap.reset()
        self.fired.setdefault(what, set()).update(found)
        now = listing(self.trap.root)
        names = [name for name in {*self.before, *now} if self.before.get(name) != now.get(name)]
        self.changed.setdefault(what, []).extend(names)
        self.before = now

    def judge_output(self, said: list[str], out: bytes, err: bytes) -> None:
        for stream, content in (("stdout", out), ("stderr", err)):
            text = content.decode("utf-8", "backslashreplace")
            raw = sorted({f"U+{ord(char):04X}" for char in text if lies(char)})
            if raw:
                self.faults.append(f"{said}: {stream} holds {raw}: {text[:2000]!r}")
            if "Traceback" in text or "unexpected error" in text:
                self.faults.append(f"{said}: {text}")


def lies(char: str) -> bool:
    """Say whether a character, printed raw, can move, hide or turn what is shown."""
    return char not in "\n\t" and unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}


def walk(trap: Trap, folder: Path) -> Way:
    """Take one session from `enable` to `uninstall`, all inside the trap."""
    way = Way(trap=trap, home=folder / "signoff-home")
    store, out = folder / "store", folder / "moment"
    trap.reset()
    way.before = listing(trap.root)
    way.call("setup", "vim", "--dry-run", codes=(0, 3, 10, 13))
    way.call("enable", trap.root, "--yes", codes=(13,))  # HOME lies in it
    way.own_home = True
    way.call("enable", trap.root, "--yes", "--owner", "mine")
    way.own_home = False
    way.call("enable", trap.root / ODD_NAMES[0], "--yes", codes=(0, 2, 13))
    for shell in ("bash", "zsh", "fish"):
        way.call("shell-init", shell)
        way.call("completion", shell)
    _edit(way)
    way.call("task", f"say \x1b[31mhello\u202e {ASTRAL}")
    way.call("note", f"it \x07works\u200b {ASTRAL}")
    way.call("pause", trap.root)
    way.call("resume", trap.root)
    way.call("run", "--", "/bin/true")
    way.call("shell", "bash")
    way.call("status")
    way.call("doctor", codes=(0, 1, 3))
    way.call("settings")
    way.call("show", "live", "--steps", codes=(0,))
    way.call("forget", "--yes", "--path", ODD_NAMES[1], codes=(2,))
    way.call("forget", "--yes", "--path", FORGOTTEN)
    way.call("stop", trap.root)
    sealed = _sealed(way)
    way.call("watch", sealed["session"], codes=(0, 10))
    way.call("list")
    episode = str(sealed["episode"])
    way.shown = way.call("show", episode, "--steps").decode()
    way.call("check", episode)
    way.call("replay", episode, "--all")
    way.call("replay", episode, "--at", "end")
    way.call("today", codes=(0,))
    way.call("find", ASTRAL[0], codes=(0,))
    way.call("restore", FORGOTTEN, codes=(10,))
    way.call("restore", trap.root / "a.py", codes=(0, 10))
    way.call("checkout", episode, "--at", "end", out, codes=(0, 3))
    way.call(
        "checkout",
        episode,
        "--at",
        "end",
        folder / "with-repository",
        "--repo",
        trap.root,
        "--base",
        "HEAD",
        codes=(3,),
    )  # names that hold control characters are written otherwise; masked ones are in no commit
    _share(way, sealed, folder, store)
    way.call("discard", "--yes", Path(episode).name.partition(".")[0])
    way.call("forget", "--yes", "--all", codes=(0, 3))  # 3: a sealer is at work still
    way.call("disable", trap.root)
    way.call("uninstall", "--yes", "--data", codes=(0, 1, 3, 10, 13))
    way.look(WATCHER)
    return way


def _edit(way: Way) -> None:
    """Open every file in a bridge, type, save, and commit behind its back meanwhile."""
    trap = way.trap
    env = way.environment()
    os.environ["SIGNOFF_HOME"] = str(way.home)
    with bridge(
        [sys.executable, "-I", "-m", "signoff_collector", "lsp"], cwd=trap.root, **env
    ) as editor:
        editor.initialize(rootUri=trap.root.as_uri())
        paths = [path for path in sorted(trap.root.iterdir()) if path.is_file()]
        for path in (*paths, trap.root / "own" / "global", trap.root / ".git" / "config"):
            _type(editor, path)
        editor.status()
        way.forget_loader_of(editor.process.pid)
        way.look(BRIDGE)
        wait_until(_is_watched, "the watcher to look")
        _commit(trap)
        way.before = listing(trap.root)
        trap.reset()
        wait_until(_has_git_step, "the watcher saw the commit")
        editor.quit()
    way.look(BRIDGE)
    way.ran.append("lsp")
    way.fired["lsp"], way.changed["lsp"] = way.fired[BRIDGE], way.changed[BRIDGE]


def _type(editor: Client, path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    uri = editor.open(path, text)
    for version, char in enumerate(ASTRAL, 2):
        editor.change(uri, version, at(0, 0, 0, 0, char))
    editor.save(uri)


def _commit(trap: Trap) -> None:
    """Move HEAD by git's plumbing, silently: no hook, no filter, no index."""
    quiet = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    env = {"PATH": SANE_PATH, "HOME": str(trap.marks), "GIT_CONFIG_NOSYSTEM": "1",
           **dict.fromkeys(names, "ada@example.org")}  # fmt: skip
    said = "\x1b]0;title\x07 second \u202e commit"
    made = subprocess.run(
        [*quiet, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", said],
        cwd=trap.root, env=env, capture_output=True, text=True, check=True, timeout=LIMIT_S,
    )  # fmt: skip
    subprocess.run(
        [*quiet, "update-ref", "-m", f"commit: {said}", "HEAD", made.stdout.strip()],
        cwd=trap.root, env=env, check=True, timeout=LIMIT_S,
    )  # fmt: skip


def _is_watched() -> bool:
    """Say whether what git does from now on is seen: before, a commit counts as there already."""
    return any(any(session.folder.glob("git-*.journal")) for session in sessions())


def _has_git_step() -> bool:
    return any(
        record.kind == RecordKind.STEP and record.fields.get("kind") == "git"
        for session in sessions()
        for path in session.journals
        if path.name.startswith("git-")
        for record in read_journal(path).records
    )


def _sealed(way: Way) -> dict[str, object]:
    out = way.call("seal", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert rows, way.faults
    row = rows[-1]
    assert isinstance(row, dict)
    return row


def _data_set(way: Way, folder: Path, store: Path) -> None:
    """Make a data set of what was uploaded, prove and describe it."""
    plan, made = folder / "data-set.plan", folder / "data-set"
    words = ("--purpose", "research", "--k", "1", "-o", plan)
    way.call("dataset", "plan", "--from", store, *words)
    way.call("dataset", "build", plan, "--from", store, "-o", made)
    way.call("dataset", "verify", made)
    way.call("dataset", "card", made)
    way.call("dataset", "diff", made, made)
    words = ("--format", "atif", "-o", folder / "data-set-export")
    way.call("dataset", "export", made, "--from", store, *words)


def _share(way: Way, sealed: dict[str, object], folder: Path, store: Path) -> None:
    """Review, sign, upload, verify, withdraw; and bring an episode in."""
    plan = folder / "plan.json"
    keep = {"from_seq": 0, "to_seq": int(str(sealed["steps"])) - 1}
    plan.write_text(
        json.dumps({"plan_version": 1, "base_sha256": sealed["sha256"], "keeps": [keep]})
    )
    out = way.call("review", sealed["episode"], "--plan", plan, "--leave-open", "99", "--json")
    shared = json.loads(out)["episode"]
    way.agree("sign", shared, "--to", store, "--owner", "mine")
    way.call("upload", shared, "--to", store)
    way.call("verify", shared)
    for form in ("atif", "chat", "openai", "transcript", "next-edit"):
        way.call("export", shared, "--format", form, "-o", folder / f"export-{form}", codes=(0, 3))
    bases = ["--repo", way.trap.root, "--base", "HEAD"]
    for form in ("atif", "swebench"):  # 13: a name in the base holds a control character
        out_there = folder / f"with-base-{form}"
        way.call("export", shared, "--format", form, *bases, "-o", out_there, codes=(0, 2, 3, 13))
    for name in ("moment.svg", "moment.png"):
        way.call("picture", shared, "-o", folder / name)
    way.call("film", shared, "-o", folder / "film.svg")
    way.call("label", shared, "--propose")
    way.call("label", shared, "--set", "judgement=good", "--at", "step:0")
    way.call("label", shared, "--sign")
    _data_set(way, folder, store)
    way.call("withdraw", shared, "--yes")
    way.call("hub", "token", "--data", folder / "hub", "--enrolment", "1", codes=(10,))
    ours, plan_there = folder / "data-set", folder / "data-set.plan"
    way.call("dataset", "refresh", ours, "--plan", plan_there, "--from", store,
             "-o", folder / "data-set-2")  # fmt: skip
    trace = folder / "trace.json"
    trace.write_text(
        json.dumps(
            {
                "startContent": "",
                "endContent": "\x1b[2J",
                "txns": [{"patches": [[0, 0, "\x1b[2J"]]}],
            }
        )
    )
    way.call("receipts")
    way.call("uses", codes=(10,))
    way.call("import", trace, "--format", "editing-trace", "--no-times", "-o", folder / "i.episode")
    way.call("show", folder / "i.episode", "--steps")
