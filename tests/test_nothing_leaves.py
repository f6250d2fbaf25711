"""P2: no process of Signoff reaches out, and only the upload package could.

Three proofs: who imports what can open a connection; an audit hook in every verb while
one session goes the whole way; and the same way in a network namespace without a route.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.pseudo_terminal import Terminal

import signoff_bridge
import signoff_collector
import signoff_schemas
from signoff_collector.cli import DAILY_VERBS, PLUMBING_VERBS
from signoff_collector.programs.children import find_program

pytestmark = pytest.mark.slow

CAN_CONNECT = {
    "aiohttp", "asyncio.streams", "boto3", "ftplib", "http", "httpx", "imaplib", "obstore",
    "poplib", "requests", "smtplib", "socket", "socketserver", "ssl", "telnetlib",
    "urllib.request", "urllib3", "websockets", "xmlrpc",
}  # fmt: skip
SENDING = (
    "sending.rounds",
    "sending.sending",
    "sending.withdrawing",
    "stores.s3_",
    "stores.stores",
)
"""Modules of the upload room with which something is sent."""
EXCEPTED = {("offline.py", "socket")}
"""Asks the kernel whether the loopback is up; connects to nothing, as the hook shows."""
OUTGOING = {
    "ftplib.connect", "http.client.connect", "http.client.send", "imaplib.open",
    "poplib.connect", "smtplib.connect", "socket.bind", "socket.connect",
    "socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname", "socket.sendmsg",
    "socket.sendto", "urllib.Request",
}  # fmt: skip
OTHERWISE = {
    "setup": ("--dry-run",), "uninstall": ("--yes",), "shell-init": ("bash",), "shell": ("bash",),
    "completion": ("--answer", "1", "--", "show", ""),
}  # fmt: skip
"""Arguments of verbs that are no part of the way."""
PROGRAMS = {"git", "ssh-keygen", "ssh-add", "true"}
REDIRECTS = {
    "HTTP_PROXY": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "GIT_SSH": "/bin/false", "SSH_SK_PROVIDER": "/bin/false",
}  # fmt: skip

HOOKED = """
import json, os, sys
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
watched = set(json.loads(sys.argv[2]))

def hook(event, arguments):
    if event in watched or event.startswith(("subprocess.", "os.exec", "os.posix_spawn")):
        child = event.partition(".")[0] in {"subprocess", "os"}
        row = {"event": event}
        if child:
            row["program"] = os.fsdecode(arguments[0] if arguments[0] else arguments[1][0])
            row["arguments"] = [os.fsdecode(word) for word in arguments[1]]
            names = arguments[3 if event == "subprocess.Popen" else 2]
            row["environment"] = None if names is None else {
                os.fsdecode(name): os.fsdecode(names[name]) for name in names
            }
        else:
            row["arguments"] = [repr(argument) for argument in arguments]
        os.write(log, (json.dumps(row) + "\\n").encode())

sys.addaudithook(hook)
if sys.argv[3] == "bridge":
    import runpy
    runpy.run_module("signoff_bridge", run_name="__main__")
else:
    from signoff_collector.cli import main
    sys.exit(main(sys.argv[4:]))
"""


def modules_of(package: object) -> Iterator[Path]:
    yield from Path(str(package.__file__)).parent.rglob("*.py")  # type: ignore[attr-defined]


@functools.cache
def imports_of(path: Path) -> tuple[str, ...]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
            found += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(found)


def can_connect(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:end]) in CAN_CONNECT for end in range(1, len(parts) + 1))


def test_only_the_upload_package_imports_what_can_open_a_connection() -> None:
    upload = Path(signoff_collector.__file__).parent / "upload"
    found = {
        (path.name, name)
        for package in (signoff_schemas, signoff_collector, signoff_bridge)
        for path in modules_of(package)
        if not path.is_relative_to(upload)
        for name in imports_of(path)
        if can_connect(name)
    }
    assert found <= EXCEPTED


def test_only_the_verbs_that_send_or_ask_what_waits_import_the_upload_package() -> None:
    root = Path(signoff_collector.__file__).parent
    found = {
        path.relative_to(root).as_posix(): name
        for path in modules_of(signoff_collector)
        if not path.is_relative_to(root / "upload")
        for name in imports_of(path)
        if name.startswith("signoff_collector.upload")
    }
    outside = {path for path in found if path.partition("/")[0] != "commands"}
    assert outside <= {"review/final/signing.py", "review/tasks/task_states.py"}, found
    senders = {
        path
        for path in modules_of(signoff_collector)
        if not path.is_relative_to(root / "upload")
        for name in imports_of(path)
        if name.startswith(tuple(f"signoff_collector.upload.{module}" for module in SENDING))
    }
    assert {path.name for path in senders} <= {"upload.py", "withdraw.py"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one verb ended."""

    code: int
    out: bytes
    err: bytes


Runner = Callable[[Sequence[str], bytes | None], Ended]
"""From the words after `signoff`, and standard input, to how it ended; None: a person says yes."""


def typed_session(work: Path) -> bytes:
    """Return what an editor sends that opens a file, types two non-BMP characters, and quits."""
    uri, folder = (work / "a.py").as_uri(), {"uri": work.as_uri(), "name": "work"}
    rows: list[dict[str, object]] = [
        {"id": 1, "method": "initialize",
         "params": {"processId": None, "rootUri": work.as_uri(), "workspaceFolders": [folder],
                    "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen",
         "params": {"textDocument": {"uri": uri, "languageId": "python", "version": 1,
                                     "text": "a = 1\n"}}},
    ]  # fmt: skip
    at = 0
    for version, char in enumerate("# \U0001f600\U00010348\n", 2):
        place = {"line": 1, "character": at}
        change = {"range": {"start": place, "end": place}, "text": char}
        rows.append(
            {"method": "textDocument/didChange",
             "params": {"textDocument": {"uri": uri, "version": version},
                        "contentChanges": [change]}}
        )  # fmt: skip
        at += len(char.encode("utf-16-le")) // 2
    rows += [{"id": 2, "method": "shutdown"}, {"method": "exit"}]
    bodies = [json.dumps({"jsonrpc": "2.0", **row}).encode() for row in rows]
    return b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)


def go_the_whole_way(run: Runner, folder: Path) -> None:
    """Take one session from `enable` to `withdraw`, then run every other verb.

    In the repository `work` of the folder, with a file `a.py`; it is made if it is not there.
    """
    work, store = folder / "work", folder / "store"
    if not work.exists():
        work.mkdir()
        (work / "a.py").write_text("a = 1\n")
        git = find_program("git")
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
            subprocess.run([git, "-C", work, *words], check=True, timeout=deadline())
    ran: set[str] = set()

    def do(*words: object, code: int = 0, stdin: bytes = b"", is_person: bool = False) -> bytes:
        ended = run([str(word) for word in words], None if is_person else stdin)
        ran.add(str(words[0]))
        assert ended.code == code, (words, ended.code, ended.err.decode())
        return ended.out

    do("enable", work, "--yes", "--owner", "mine")
    do("lsp", stdin=typed_session(work))
    do("task", "say hello")
    do("note", "it works")
    do("pause", work)
    do("resume", work)
    do("run", "--", find_program("true"))
    do("status", work)
    do("stop", work)
    sealed = json.loads(do("seal", "--json").splitlines()[-1])
    do("watch", sealed["session"])
    do("list")
    do("show", sealed["episode"], "--steps", "--json")
    do("check", sealed["episode"])
    do("replay", sealed["episode"], "--speed", "1000")
    do("today")
    do("find", "a", "--everywhere")
    do("restore", work / "a.py")
    do("checkout", sealed["episode"], "--at", "end", folder / "out")
    plan = folder / "plan.json"
    keep = {"from_seq": 0, "to_seq": sealed["steps"] - 1}
    plan.write_text(
        json.dumps({"plan_version": 1, "base_sha256": sealed["sha256"], "keeps": [keep]})
    )
    shared = json.loads(
        do("review", sealed["episode"], "--plan", plan, "--leave-open", "99", "--json")
    )["episode"]
    do("sign", shared, "--to", store, "--owner", "mine", is_person=True)
    do("upload", shared, "--to", store)
    do("verify", shared)
    do("withdraw", "--yes", shared)
    do("verify", shared, code=12)
    trace = folder / "trace.json"
    trace.write_text(
        '{"startContent": "", "endContent": "a", "txns": [{"patches": [[0, 0, "a"]]}]}'
    )
    do("import", trace, "--format", "editing-trace", "--no-times", "-o", folder / "i.episode")
    do("discard", "--yes", Path(shared).name.partition(".")[0])
    ran.add("forget")
    forgotten = run(["forget", "--yes", "--all"], b"").code
    assert forgotten in {0, 3}  # 3 while a sealer is at work; then the rest follows
    if forgotten:
        wait_until(lambda: run(["forget", "--finish"], b"").code == 0, "all to be forgotten")
    do("disable", work)
    for verb in sorted(existing_verbs() - ran):  # whatever these answer here
        run([verb, *OTHERWISE.get(verb, ())], b"")


def existing_verbs() -> set[str]:
    names = {"import": "import_trace", "shell-init": "shell_init"}
    return {
        verb
        for verb in (*DAILY_VERBS, *PLUMBING_VERBS)
        if importlib.util.find_spec(f"signoff_collector.commands.{names.get(verb, verb)}")
    }


def run_in(
    folder: Path, argv: Sequence[str | Path], stdin: bytes | None, env: Mapping[str, str]
) -> Ended:
    if stdin is None:
        words, all_env = [str(word) for word in argv], {**os.environ, **env}
        with Terminal(words, cwd=folder / "work", env=all_env) as terminal:
            return Ended(code=terminal.agree(), out=terminal.shown, err=terminal.shown)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = subprocess.run(
            [str(word) for word in argv],
            input=stdin,
            stdout=out,  # a pipe would be open as long as a process that it left, or a tracer
            stderr=err,
            timeout=deadline() * 2,
            cwd=folder / "work",
            env={**os.environ, **env},
            check=False,
        )
        out.seek(0)
        err.seek(0)
        return Ended(code=done.returncode, out=out.read(), err=err.read())


def test_the_whole_way_connects_nowhere_and_needs_no_network(home: Path, tmp_path: Path) -> None:
    log, events = tmp_path / "events", json.dumps(sorted(OUTGOING))
    prefix = without_network()

    def run(words: Sequence[str], stdin: bytes | None) -> Ended:
        what = "bridge" if words[0] == "lsp" else "verb"
        argv = [*prefix, sys.executable, "-I", "-c", HOOKED, log, events, what, *words]
        return run_in(tmp_path, argv, stdin, REDIRECTS)

    go_the_whole_way(run, tmp_path)
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [row for row in rows if row["event"] in OUTGOING] == []
    assert {Path(row["program"]).name for row in rows} >= {"git", "ssh-keygen"}
    for row in rows:
        judge_child(row["program"], row["arguments"], row["environment"])
    if not prefix:
        pytest.skip("proven without the namespace: this system lets nobody make one")


def test_the_hook_sees_a_connection(tmp_path: Path) -> None:
    """The proof above would notice: the same hook around code that does connect."""
    log = tmp_path / "events"
    code = HOOKED.partition("if sys.argv[3]")[0] + (
        "import socket\nwith socket.socket() as one:\n    one.connect_ex(('127.0.0.1', 9))\n"
    )
    argv = [sys.executable, "-I", "-c", code, log, json.dumps(sorted(OUTGOING))]
    subprocess.run([str(word) for word in argv], check=True, timeout=deadline())
    assert "socket.connect" in log.read_text()


def judge_child(program: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Say whether a child was started so that it cannot reach out."""
    name = Path(program).name
    assert Path(program).is_absolute(), program
    if name == "sh":
        assert arguments[2].startswith('nice -n 10 "$@" </dev/null'), arguments
        name = Path(arguments[4]).name
    if name in {"true", "bash"}:
        return  # what the person runs is theirs
    assert environment is not None, "a child never inherits everything"
    assert not set(environment) & set(REDIRECTS), (program, sorted(environment))
    assert not any(variable.startswith(("LD_", "AWS_")) for variable in environment)
    if list(arguments[1:]) in (["--version"], ["-V"]):
        return  # `doctor` asks what is installed
    assert name in PROGRAMS or name.startswith("python"), program
    if name == "git" and "--global" not in arguments:
        assert environment.get("GIT_ALLOW_PROTOCOL") == "none", arguments
        assert environment.get("GIT_NO_LAZY_FETCH") == "1", arguments


def without_network() -> list[str]:
    """Return the words that run a command in a namespace without a route, or none."""
    unshare = shutil.which("unshare")
    probe = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    for words in ([unshare, "-n"], [unshare, "-r", "-n"]) if unshare else ():
        tried = subprocess.run(
            [*words, sys.executable, "-I", "-c", probe],
            capture_output=True,
            text=True,
            timeout=deadline(),
            check=False,
        )
        if "Network is unreachable" in tried.stderr:
            return words
    return []
