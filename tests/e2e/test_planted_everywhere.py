"""One real session into which secrets go by every way there is: none is in what is sealed.

Two sorts of secrets, made from a printed seed. Some are known to the machine (the environment, a
dotenv file) and are told apart by their length alone; others only look like a token.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL

import pytest
from tests.support.agents import FakeAgent, wait_for
from tests.support.bridge import EMOJI, Client, at, bridge, enable
from tests.support.cli import forget, signoff
from tests.support.deadline import wait_until
from tests.support.leaks import (
    all_states,
    leaks_in_bytes,
    leaks_in_episode,
    random_secret,
    windows,
)
from tests.support.repository import WorkTree
from tests.support.shells import SIGNOFF, Shell, begin_session, needs_shell, recorded, wait_for_ends
from tests.support.torture import Torture

from signoff_collector.capture.agents.opt_in import AgentWords, allow_agent_words
from signoff_collector.episode.content import Episode, encode_text
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.moments.tree_hash import tree_sha256
from signoff_collector.levels.test_runs.set_ups import set_ups
from signoff_collector.own_files.home import resolve_home
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_schemas.steps import step_json

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]
KNOWN = {length: random_secret(100 + length, length) for length in (8, 20, 40, 60)}
TOKEN = f"ghp_{random_secret(200, 36)}"
OVERLAY = "marzipan-wombat-fjord-quilt"
"""In a file that differs at the start and that nobody opens: it may be in the local episode.

Of words, so that nothing takes it for a secret.
"""
AUTHOR = ("Ada Example", "ada@example.org")
SHA256 = re.compile(r"[0-9a-f]{64}")


def planted(place: str) -> str:
    """Return one line with every secret in it, and a word that says where it was put."""
    return f"{place} {EMOJI} " + " ".join(KNOWN.values()) + f" {TOKEN} end"


def in_name(length: int, suffix: str = "") -> str:
    """Return a file name, or a branch, that holds a secret."""
    return f"n-{KNOWN[length]}{suffix}"


@dataclass(frozen=True, slots=True)
class Way:
    """The workspace of the session."""

    torture: Torture

    @property
    def tree(self) -> WorkTree:
        """Its repository."""
        return self.torture.tree

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.torture.root

    def run(self, *words: str, **env: str) -> None:
        """Run a command, recorded, whatever comes of it."""
        signoff("run", *words, cwd=self.root, **env)


@pytest.fixture
def way(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Way:
    del home
    tree = WorkTree.create(tmp_path / "project-of-nobody")
    tree.commit("first", "old.txt", "old\n")
    tree.commit("second", ".gitignore", ".env\n__pycache__\n")
    for length in (8, 40):
        monkeypatch.setenv(f"PLANTED_{length}_TOKEN", KNOWN[length])
    tree.write(".env", f"SOME_TOKEN={KNOWN[20]}\nexport OTHER_SECRET='{KNOWN[60]}'\n")
    tree.write("overlay.txt", f"{OVERLAY}\n{planted('overlay')}\n")
    tree.write(in_name(20, ".txt"), planted("overlay name") + "\n")
    monkeypatch.chdir(tmp_path)
    enable(tree.root)
    allow_agent_words(resolve_home(), AgentWords(text=True))
    return Way(Torture(tree))


def _edit(way: Way, client: Client) -> None:
    """Open, type, paste, and tell what a companion tells."""
    path = way.root / "typed.py"
    path.write_text(f"# {EMOJI}\n")
    uri = client.open(path)
    line, version = planted("typed"), 1
    column = 0
    for char in line:
        version += 1
        client.notify("signoff/evidence", {"uri": uri, "version": version, "reason": "key"})
        client.change(uri, version, at(1, column, 1, column, char))
        column += len(char.encode("utf-16-le")) // 2
    version += 1
    client.notify("signoff/evidence", {"uri": uri, "version": version, "reason": "paste"})
    client.change(uri, version, at(1, column, 1, column, "\n" + planted("pasted") + "\n"))
    where = {"uri": uri, "version": version}
    start, end = {"line": 0, "character": 0}, {"line": 0, "character": 1}
    client.notify(
        "signoff/search",
        {"uri": uri, "query": planted("query"), "scope": "file", "chosen": planted("hit")},
    )
    labels = [planted("label"), *KNOWN.values()]
    client.notify(
        "signoff/assist",
        {**where, "feature": "completion", "provider": planted("provider"), "model": TOKEN,
         "offered": labels, "chosen": labels[0], "outcome": "accepted", "trigger": "x"},
    )  # fmt: skip
    client.notify(
        "signoff/assist",
        {**where, "feature": "inline_suggestion", "provider": KNOWN[40], "outcome": "rejected",
         "offered": [planted("refused"), TOKEN, *KNOWN.values()]},
    )  # fmt: skip
    version += 1
    client.notify(
        "signoff/evidence",
        {"uri": uri, "version": version, "reason": "completion", "detail": KNOWN[20]},
    )
    client.change(uri, version, at(3, 0, 3, 0, planted("inserted")))
    item = {"range": {"start": start, "end": end}, "message": planted("diagnostic"),
            "source": KNOWN[20], "code": KNOWN[40]}  # fmt: skip
    client.notify("signoff/diagnostics", {**where, "version": version, "items": [item]})
    client.notify(
        "signoff/focus", {"gained": False, "to": "terminal", "uri": uri, "unknown": TOKEN}
    )
    client.ask(
        "workspace/executeCommand", {"command": "signoff.task", "arguments": [planted("a task")]}
    )
    client.ask(
        "workspace/executeCommand", {"command": "signoff.note", "arguments": [planted("a note")]}
    )
    path.write_text(f"# {EMOJI}\n{line}\n{planted('pasted')}\n{planted('inserted')}")
    client.save(uri)
    other = way.root / in_name(40, ".py")
    other.write_text(planted("file with a name") + "\n")
    client.close(client.open(other))
    client.status()


def _terminals(way: Way, client: Client) -> None:
    """Tell what ran in the editor's terminals and tasks, a pytest among it, and of new files."""
    root = way.root
    variables = client.ask("signoff/terminalEnvironment", {})["result"]["variables"]
    (root / "test_terminal.py").write_text(
        f"def test_{KNOWN[20]}():\n    raise RuntimeError({planted('terminal test')!r})\n"
    )
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_terminal.py"]
    subprocess.run(argv, cwd=root, env={**os.environ, **variables}, stdout=DEVNULL, check=False)
    made = root / f"t-{KNOWN[60]}.rst"
    made.write_text(planted("terminal file") + "\n")
    client.notify("workspace/didCreateFiles", {"files": [{"uri": made.as_uri()}]})
    filler = f"{EMOJI} filler\n" * 2_000
    cut = {"head": planted("terminal head") + "\n" + filler[:20_000] + TOKEN[:20],
           "tail": TOKEN[20:] + "\n" + filler + planted("terminal tail"),
           "size_bytes": 1 << 20}  # fmt: skip
    marked = f"\x1b]633;E;{planted('mark')};{TOKEN}\x07{planted('task out')}\n"
    whole = {"head": marked, "tail": "", "size_bytes": len(marked.encode())}
    common = {"cwd": str(root), "started_ago_ms": 60_000, "duration_ms": 60_000, "exit_code": 1}
    for number, (via, words, output) in enumerate(
        [("terminal", "terminal line", cut), ("task", "task line", whole)]
    ):
        line = f"pytest {planted(words)}"
        told = {**common, "id": f"{number}-{TOKEN}", "via": via, "line": line, "output": output}
        client.notify("signoff/command", {**told, "unknown": planted("unknown")})
    wait_until(lambda: client.status()["steps"].get("command", 0) >= 2, "the commands")


def _installed(way: Way) -> Path:
    """Install packages that say secrets in their names and versions, and in where they are from."""
    library = way.root.parent / "site-packages"
    for name in (f"idna_{TOKEN}-1.0", f"n_{KNOWN[40]}-3.7", f"attrs-1+{KNOWN[60]}", "local-1.0"):
        folder = library / f"{name}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(planted("metadata"))
    (library / "local-1.0.dist-info" / "direct_url.json").write_text(planted("from"))
    return library


def _runs(way: Way) -> None:
    """Run commands and tests that say secrets in every field they have."""
    way.run("--", "sh", "-c", f"echo {planted('out')}; echo {planted('err')} >&2", TOKEN)
    way.tree.write(
        "test_it.py",
        "import os, pytest\n"
        f"@pytest.mark.parametrize('x', [{TOKEN!r}, {KNOWN[20]!r}])\n"
        f"def test_one(x):\n    secret = {planted('local')!r}\n    assert secret == x, secret\n"
        f"def test_{KNOWN[40]}():\n    raise RuntimeError({planted('message')!r})\n",
    )
    pytest_words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    library = _installed(way)
    way.run("--", *pytest_words, "-k", f"not {KNOWN[60]}", PYTHONPATH=str(library))
    message, name = planted("junit"), planted("case")
    xml = (
        f"<testsuite name='{TOKEN}'><testcase name='{name}' classname='{KNOWN[8]}' "
        f"file='{KNOWN[20]}.py' line='3'><failure message='{message}'>{message}</failure>"
        f"<system-out>{message}</system-out></testcase></testsuite>"
    )
    report = shlex.quote(xml)
    way.run("--junit", "report.xml", "--", "sh", "-c", f"printf %s {report} > report.xml; exit 1")
    rows = [
        {"Action": action, "Package": f"example.org/{KNOWN[20]}", "Test": f"Test_{KNOWN[40]}",
         "Output": f"    a_test.go:3: {planted('go')}\n", "Elapsed": 0.1}
        for action in ("run", "output", "fail")
    ]  # fmt: skip
    stream = "".join(json.dumps(row) + "\n" for row in rows)
    folder = way.root.parent / "programs"
    folder.mkdir()
    (folder / "go").write_text(f"#!/bin/sh\ncat <<'EOT'\n{stream}EOT\nexit 1\n")
    (folder / "go").chmod(0o755)
    (folder / "pip").write_text(f"#!/bin/sh\necho Looking in {shlex.quote(planted('index'))}\n")
    (folder / "pip").chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    index = f"https://{KNOWN[20]}:{TOKEN}@example.org/simple/{EMOJI}"
    way.run("--", "pip", "install", "--index-url", index, "x", PATH=path)
    named = {f"V_{KNOWN[40]}": "x"}  # names of variables are kept, values never
    way.run("--", "go", "test", "-json", "./...", PATH=path, **named)


def _shells(way: Way, tmp_path: Path) -> None:
    """Type lines in a hooked bash, and in a recorded one."""
    program = needs_shell("bash")
    home = resolve_home()
    line = f"echo {planted('line')} > /dev/null"
    with Shell("bash", way.root, tmp_path / "hooked") as shell:
        begin_session(shell, home)
        shell.line(line)
        wait_for_ends(shell, home, 2)
        shell.leave()
    argv = [str(SIGNOFF), "shell", program]
    with Shell("bash", way.root, tmp_path / "recorded", argv=argv) as shell:
        for word in (*KNOWN.values(), TOKEN):
            half = len(word) // 2
            shell.said(f"echo {word[:half]}''{word[half:]}; echo do'n'e", b"done\r\n")
        shell.said(f"cat typed.py; : {TOKEN}; echo do'n'e", b"done\r\n")
        shell.leave()
    assert sum(kind == "output" for kind, _ in recorded(home)) >= len(KNOWN)


def _agent(way: Way) -> None:
    """Let an agent say, run and write secrets."""
    agent = FakeAgent(name="claude-code", cwd=way.root, session=TOKEN)
    agent.tell("SessionStart", source="startup", model=f"model-{KNOWN[20]}")
    agent.tell("UserPromptSubmit", prompt=planted("prompt"))
    agent.run(f"make {planted('agent line')}", planted("agent output"))
    path = way.root / in_name(60, "-agent.txt")
    agent.write(path, planted("agent file") + "\n")
    path.write_text(planted("agent file") + "\n")
    call = {"tool_name": f"mcp__{KNOWN[40]}", "tool_use_id": KNOWN[60],
            "tool_input": {"query": planted("input"), KNOWN[20]: 1}}  # fmt: skip
    agent.tell("PreToolUse", **call)
    agent.tell("PostToolUse", **call, tool_response={"is": planted("answer")})
    agent.tell("Stop", last_assistant_message=planted("last words"))
    wait_for(6)


def _files_and_git(way: Way) -> None:
    """Make, rename, link, change and delete behind the editors' backs; commit it."""
    root = way.root
    for length in (8, 20, 40, 60):
        way.torture.shell(f"printf '%s\\n' {shlex.quote(planted('made'))} > m-{KNOWN[length]}.txt")
    way.torture.shell(f"mv m-{KNOWN[8]}.txt moved-{TOKEN}.txt")
    way.torture.shell(f"ln -s nowhere/{KNOWN[20]} link-{KNOWN[40]}")
    way.torture.shell(f"mkdir -p {TOKEN}/in && mv m-{KNOWN[20]}.txt {TOKEN}/in/")
    way.torture.shell(f"rm m-{KNOWN[60]}.txt")
    (root / "blob.bin").write_bytes(b"\0" + planted("binary").encode())
    way.torture.git("stash", "push", "-q", "-u", "-m", planted("stash"))
    way.torture.git("stash", "pop", "-q")
    way.torture.git("checkout", "-q", "-b", f"fix/{in_name(20)}")
    way.tree.git("add", "old.txt", "typed.py", "link-" + KNOWN[40])
    way.torture.git("commit", "-q", "-m", planted("subject") + "\n\n" + planted("body"))
    way.torture.git("tag", in_name(40))


PLACES = (
    "typed", "pasted", "query", "hit", "label", "refused", "inserted", "diagnostic",
    "a task", "a note", "file with a name", "made", "out", "err", "message", "junit", "case",
    "go", "index", "line",
    "agent line", "agent output", "agent file", "prompt", "input", "answer", "last words",
    "subject", "body", "stash", "overlay", "terminal line", "terminal head", "terminal tail",
    "terminal test", "terminal file", "task line", "task out",
)  # fmt: skip
"""Where secrets were put: the word before them shows that the place is in the episode."""


def _read(data: bytes, identities: list[str]) -> Episode:
    """Read an episode that holds no window of a secret and no identity."""
    episode = strict_check(data)
    secrets = [*KNOWN.values(), TOKEN]
    assert leaks_in_bytes(data, secrets) == []
    assert leaks_in_episode(episode, secrets) == []
    said = said_in(episode)
    assert [one for one in identities if one in said] == []
    host = re.escape(socket.gethostname())  # may be as short as "vm": part of many a word
    assert re.search(rf"(?<!\w){host}(?!\w)", said) is None
    assert _unproven(episode) == [], "what is not shown could be guessed against a hash"
    return episode


def said_in(episode: Episode) -> str:
    """Return every text, every string and every name that an episode holds."""
    strings = [text for step in episode.steps for _, text in strings_of(step)]
    steps = [str(step_json(step)) for step in episode.steps]
    texts = [*dict.fromkeys(all_states(episode)), episode.edits.text, *episode.files]
    said = "\n".join([*strings, *steps, *texts, str(episode.header.model_dump())])
    return said.replace(json.dumps(EMOJI)[1:-1], EMOJI)  # an agent's JSON is kept as it is


def _do_everything(way: Way, client: Client, tmp_path: Path) -> None:
    client.initialize()
    _edit(way, client)
    _terminals(way, client)
    _runs(way)
    _shells(way, tmp_path)
    _agent(way)
    _files_and_git(way)


def test_no_way_into_a_session_brings_a_secret_into_what_is_sealed_or_shared(
    way: Way, tmp_path: Path
) -> None:
    with bridge() as client:
        _do_everything(way, client, tmp_path)
        client.quit()
    signoff("stop", cwd=way.root)
    said = signoff("seal", "--json", cwd=way.root)
    assert said.code == 0, said
    sealed = json.loads(said.out.splitlines()[-1])
    data = Path(sealed["episode"]).read_bytes()
    mine = [str(Path.home()), str(way.root), way.root.name, *AUTHOR]
    episode = _read(data, mine)
    found = said_in(episode)
    assert [place for place in PLACES if f"{place} {EMOJI}" not in found] == []
    assert OVERLAY in found
    assert [one.what for one in set_ups(episode)] == ["packages"]
    assert "metadata" not in found, "of an installed package only its name and version are told"
    plan = tmp_path / "plan.json"
    keep = {"from_seq": 0, "to_seq": sealed["steps"] - 1}
    plan.write_text(
        json.dumps({"plan_version": 1, "base_sha256": sealed["sha256"], "keeps": [keep]})
    )
    done = signoff("review", sealed["episode"], "--plan", plan, "--leave-open", "99", "--json")
    assert done.code == 0, done
    shared = Path(json.loads(done.out.splitlines()[-1])["episode"]).read_bytes()
    kept = _read(shared, [*mine, OVERLAY])
    found = said_in(kept)
    withheld = [place for place in PLACES if f"{place} {EMOJI}" not in found]
    assert withheld == ["file with a name", "overlay"], "opened and not looked at, never opened"
    assert leaks_in_bytes(shared, [OVERLAY]) == []


def _unproven(episode: Episode) -> list[str]:
    """Return the hashes that are not those of contents and trees which the episode shows."""
    moments = Moments(episode)
    texts = [encode_text(text) for text in all_states(episode)]
    held = {hashlib.sha256(one).hexdigest() for one in (*texts, *episode.blobs)}
    return [
        f"step {step.seq}: {digest}"
        for step in episode.steps
        for digest in SHA256.findall(str(step_json(step)))
        if digest not in held and digest != tree_sha256(moments, step.seq)
    ]


def _open_to_others(folder: Path) -> list[str]:
    """Return what another user could read or write, were the folders above open."""
    found: list[str] = []
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):
            if path.lstat().st_mode & 0o077:
                found.append(f"{path.lstat().st_mode:o} {path}")
    return found


def _holding(folder: Path) -> list[str]:
    """Return the files below a folder that hold a window of a secret, in name or content."""
    wanted = [one.encode() for one in set().union(*map(windows, (*KNOWN.values(), TOKEN, OVERLAY)))]
    found: list[str] = []
    for path in folder.rglob("*"):
        data = os.fsencode(path.name)
        if path.is_file():
            with suppress(FileNotFoundError):
                data += path.read_bytes()
        if any(one in data for one in wanted):
            found.append(path.relative_to(folder).as_posix())
    return found


@pytest.fixture
def no_umask() -> Iterator[None]:
    """Take nothing away from the modes that programs ask for."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("no_umask")
def test_forget_leaves_nothing_of_any_way_in_the_home(way: Way, tmp_path: Path, home: Path) -> None:
    with bridge() as client:
        _do_everything(way, client, tmp_path)
        signoff("status", cwd=way.root)
        assert _open_to_others(home) == []
        sources = {Path(name).name.partition("-")[0] for name in _holding(home)}
        assert sources >= {"lsp", "files", "git", "run", "shell", "agent"}
        client.close((way.root / "typed.py").as_uri())  # text that stays open comes in again
        client.status()
        said = forget("--last", "1h", cwd=way.root)
        assert said.code == 0, said
        assert _holding(home) == []
        client.quit()
    signoff("stop", cwd=way.root)  # how the work tree is left, with what still stands in files
    said = forget("--all", cwd=way.root)
    assert said.code == 0, said
    assert _holding(home) == []
