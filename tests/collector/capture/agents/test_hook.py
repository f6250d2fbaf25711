"""The hook as agents start it: real processes, real standard input."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath

import pytest
from tests.support.agents import ENTRANCES, FakeAgent, told, wait_for
from tests.support.bridge import enable
from tests.support.deadline import deadline
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.capture.agents.hook_json import line_of, parse
from signoff_collector.capture.agents.hook_names import is_private, names_private, words_of
from signoff_collector.capture.agents.opt_in import AgentWords, allow_agent_words
from signoff_collector.capture.opt_in.never_record import is_never_recorded
from signoff_collector.capture.opt_in.never_record_names import NAMES, TEMPORARIES
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import list_sessions, open_session
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_schemas.words import Owner

AGENTS = sorted(ENTRANCES)
WORDS_SAID = "correct horse battery staple"


@pytest.fixture
def project(home: Path, tmp_path: Path) -> Path:
    """An enabled folder with a session that goes on."""
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    enable(root)
    workspace = Workspaces(resolve_home()).find(root)
    assert workspace is not None
    open_session(resolve_home(), workspace, SystemClock())
    return root


def nothing_of(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.suffix == ".spool"]


@pytest.mark.parametrize("name", AGENTS)
def test_a_conversation_is_told_without_its_words(name: str, project: Path) -> None:
    agent = FakeAgent(name=name, cwd=project / "src")
    start, prompt, _, _, end = ENTRANCES[name]
    agent.tell(start, source="startup")
    agent.tell(prompt, prompt=WORDS_SAID)
    agent.write(project / "src" / "a.py", WORDS_SAID)
    agent.run("make all 🎈🎉", output=WORDS_SAID)
    agent.tell(end, last_assistant_message=WORDS_SAID, stop_hook_active=False)
    agent.tell("PreCompact", trigger=WORDS_SAID)
    found = told()
    calls = [] if name == "cursor" else ["tool_call"]
    assert [line["event"] for line in found] == [
        "start", "prompt", *calls, "tool_result", "tool_call", "tool_result", "end",
    ]  # fmt: skip
    assert {line["tool"] for line in found} == {name}
    assert {line["agent_session"] for line in found} == {agent.session}
    assert [line["paths"] for line in found if "paths" in line] == [
        [str(project / "src" / "a.py")]
    ] * (1 + len(calls))
    assert [line["line"] for line in found if "line" in line] == ["make all 🎈🎉"] * 2
    versions = {"claude-code": "2.1.197", "codex": "2.1.197", "cursor": "2.0.77"}
    assert {line["tool_version"] for line in found} == {versions[name]}
    spools = nothing_of(resolve_home().root)
    assert len(spools) == 1
    assert stat.S_IMODE(spools[0].stat().st_mode) == 0o600
    assert not any(
        word in spools[0].read_text() for word in (WORDS_SAID, "ada@example.org", "Begin")
    )


def test_words_are_told_where_the_person_said_yes(project: Path) -> None:
    allow_agent_words(resolve_home(), AgentWords(text=True))
    for name in AGENTS:
        agent = FakeAgent(name=name, cwd=project, session=name)
        _, prompt, _, _, end = ENTRANCES[name]
        agent.tell(prompt, prompt=f"{WORDS_SAID} 1")
        agent.run("make", output=f"{WORDS_SAID} 2")
        agent.tell(end, last_assistant_message="z\n" * 200_000 + "half")
        texts = [line.get("text") for line in told() if line["tool"] == name]
        assert texts[0] == f"{WORDS_SAID} 1"
        assert texts[2] == f"{WORDS_SAID} 2"
        long = str(texts[3])
        assert long.endswith("z\n")
        assert len(long) <= 256 << 10
    allow_agent_words(resolve_home(), AgentWords())
    FakeAgent(name="codex", cwd=project, session="later").tell(
        "UserPromptSubmit", prompt=WORDS_SAID
    )
    assert "text" not in next(line for line in told() if line["agent_session"] == "later")


def test_a_call_about_a_secret_file_says_only_that_it_was(project: Path) -> None:
    allow_agent_words(resolve_home(), AgentWords(text=True))
    (project / "link").symlink_to(".env")
    agent = FakeAgent(name="claude-code", cwd=project)
    agent.write(project / ".env", WORDS_SAID)
    agent.write(project / "link", WORDS_SAID)
    agent.run("cat ./.env", output=WORDS_SAID)
    agent.run("grep x <deploy/id_rsa.pem", output=WORDS_SAID)
    agent.run("cat ./link", output=WORDS_SAID)
    agent.run("true " + "x" * 70_000, output=WORDS_SAID)
    agent.tell("PostToolUse", tool_name="Read", tool_input={"file_path": "/x/.ssh/config"},
               tool_response=WORDS_SAID)  # fmt: skip
    found = told()
    assert len(found) == 13
    assert {frozenset(line) - {"duration_ms", "call_id"} for line in found} == {
        frozenset({"kind", "t_kind", "event", "tool", "tool_version", "agent_session",
                   "tool_name", "is_private"})
    }  # fmt: skip
    assert WORDS_SAID not in nothing_of(resolve_home().root)[0].read_text()


GARBAGE = [
    b"",
    b"\n",
    b"null",
    b"[]",
    b"{}",
    b'{"hook_event_name": "PreTool',
    b'{"hook_event_name": "PreToolUse"} trailing',
    b"\xff\xfe\x00garbage",
    b'{"hook_event_name": ' + b"[" * 200_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b'{"hook_event_name": ["PreToolUse"], "cwd": 3}',
    b'{"hook_event_name": "PreToolUse", "cwd": "/\\u0000", "tool_input": "x"}',
    b'{"hook_event_name": "Unheard", "cwd": "/"}',
    b'{"hook_event_name": "Stop", "cwd": ' + b"9" * 5000 + b"}",
]


def test_garbage_makes_no_noise_and_writes_nothing(project: Path) -> None:
    agent = FakeAgent(name="claude-code", cwd=project)
    for data in GARBAGE[:-3] + GARBAGE[-2:-1]:
        agent.give(data)
    seed = 20261122
    shuffled = random.Random(seed)  # noqa: S311  no secret is made of it
    whole = json.dumps(agent.payload("PreToolUse", tool_name="Bash")).encode()
    for _ in range(10):
        agent.give(whole[: shuffled.randrange(len(whole))])
        agent.give(shuffled.randbytes(shuffled.randrange(4000)))
    assert told() == []


def test_fifty_megabytes_are_read_to_the_end_and_let_go(project: Path) -> None:
    agent = FakeAgent(name="claude-code", cwd=project)
    event = agent.payload("PostToolUse", tool_name="Bash", tool_response="x" * (50 << 20))
    agent.give(json.dumps(event).encode())
    assert told() == []


def test_thirty_hooks_at_once_lose_nothing(project: Path) -> None:
    agent = FakeAgent(name="claude-code", cwd=project)

    def tell(number: int) -> None:
        agent.tell("PreToolUse", tool_name="Bash", tool_use_id=str(number),
                   tool_input={"command": f"echo {number} " + "🎈🎉" * 2000})  # fmt: skip

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(tell, range(30)))
    assert {line["call_id"] for line in told()} == {str(number) for number in range(30)}


def test_a_killed_hook_leaves_what_others_wrote(project: Path) -> None:
    agent = FakeAgent(name="codex", cwd=project)
    agent.run("one")
    for _ in range(5):
        hook = subprocess.Popen(agent.argv(), stdin=subprocess.PIPE, cwd=project)
        assert hook.stdin is not None
        hook.stdin.write(b'{"hook_event_name": "Stop", ')
        hook.stdin.flush()
        hook.send_signal(signal.SIGKILL)
        hook.stdin.close()
        hook.wait(deadline())
    agent.run("two two")
    assert [line["line"] for line in told()] == ["one", "one", "two two", "two two"]


def test_an_agent_that_never_closes_the_pipe_is_not_waited_for(project: Path) -> None:
    agent = FakeAgent(name="cursor", cwd=project)
    with subprocess.Popen(
        agent.argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as hook:
        assert hook.stdin is not None
        assert hook.stdout is not None
        hook.stdin.write(b'{"hook_event_name": "stop"}')
        hook.stdin.flush()
        assert hook.wait(deadline()) == 0
        assert hook.stdout.read() == b""
    assert told() == []


@pytest.mark.parametrize("verb", ["pause", "workspace pause", "disable", "expire"])
def test_nothing_is_written_where_recording_is_held_back(
    verb: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspaces = Workspaces(resolve_home())
    if verb == "pause":
        list_sessions(resolve_home())[0].ask("pause", clock=SystemClock())
    elif verb == "workspace pause":
        workspaces.set_pause({workspaces.all()[0].identifier}, (1 << 63) - 1)
    elif verb == "disable":
        workspaces.disable(project)
    else:
        listed = resolve_home().enabled_tsv
        root, _, *rest = listed.read_text().split("\t")
        listed.write_text("\t".join([root, "1", *rest]))
    FakeAgent(name="claude-code", cwd=project).run("make")
    assert nothing_of(resolve_home().root) == []
    if verb == "pause":
        list_sessions(resolve_home())[0].ask("resume", clock=SystemClock())
        FakeAgent(name="claude-code", cwd=project).run("make")
        assert len(told()) == 2


def test_nothing_is_written_outside_of_what_is_enabled(project: Path, tmp_path: Path) -> None:
    nested = project / "vendor" / "other"
    (nested / ".git").mkdir(parents=True)
    outside = tmp_path / "project-elsewhere"
    outside.mkdir()
    for cwd in (nested, outside, Path("/")):
        FakeAgent(name="claude-code", cwd=cwd).run("make")
    assert nothing_of(resolve_home().root) == []
    (tmp_path / "door").symlink_to(project / "src")
    FakeAgent(name="claude-code", cwd=tmp_path / "door").run("make")
    assert len(told()) == 2
    assert sorted(path.name for path in project.iterdir()) == ["src", "vendor"]


def test_no_home_and_a_home_of_somebody_elses_are_silence(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = FakeAgent(name="claude-code", cwd=project)
    home = resolve_home().root
    home.chmod(0o755)
    agent.run("make")
    home.chmod(0o700)
    assert nothing_of(home) == []
    moved = home.rename(tmp_path / "elsewhere")
    agent.run("make")
    assert not home.exists()
    moved.rename(home)
    agent.run("make")
    assert len(told()) == 2


def test_a_first_event_opens_the_session_and_is_in_it(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    enable(root)
    agent = FakeAgent(name="codex", cwd=root)
    agent.tell("SessionStart", source="startup")
    assert [line["event"] for line in wait_for(1)] == ["start"]
    agent.tell("UserPromptSubmit", prompt="x")
    assert [line["event"] for line in told()] == ["start", "prompt"]
    assert len(list_sessions(resolve_home())) == 1


def test_a_full_disk_costs_lines_and_never_the_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mounted_small_disk(tmp_path / "disk", kib=600) as disk:
        monkeypatch.setenv("SIGNOFF_HOME", str(disk / "home"))
        root = tmp_path / "project"
        root.mkdir()
        workspace = Workspaces(resolve_home().ensure()).enable(
            root, owner=Owner.MINE, is_confirmed=True
        )
        session = open_session(resolve_home(), workspace, SystemClock())
        agent = FakeAgent(name="claude-code", cwd=root)
        agent.run("before")
        filler = fill(disk)
        for number in range(5):
            agent.run(f"full {number} " + "x" * 3000)
        filler.unlink()
        agent.run("after")
        data = b"".join(path.read_bytes() for path in session.folder.glob("agent-*"))
        whole = [json.loads(line) for line in data.split(b"\n") if line.endswith(b"}")]
        assert [line["line"] for line in whole if not line["line"].startswith("full")] == [
            "before", "before", "after", "after",
        ]  # fmt: skip


def test_a_transcript_is_copied_only_from_the_agents_own_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "ada"
    own = user / ".claude" / "projects" / "p" / "s.jsonl"
    own.parent.mkdir(parents=True)
    own.write_text(WORDS_SAID)
    (own.parent / "link.jsonl").symlink_to(tmp_path / "other")
    (tmp_path / "other").write_text("other")
    os.mkfifo(own.parent / "pipe.jsonl")
    agent = FakeAgent(name="claude-code", cwd=project, environ={"HOME": str(user)})
    folder = list_sessions(resolve_home())[0].folder / "transcripts"
    agent.tell("Stop", transcript_path=str(own))
    assert not folder.exists()
    allow_agent_words(resolve_home(), AgentWords(transcripts=True))
    for path in (own.parent / "link.jsonl", own.parent / "pipe.jsonl", tmp_path / "other", "/", 3):
        agent.tell("Stop", transcript_path=path if path == 3 else str(path))
    assert not folder.exists()
    agent.tell("Stop", transcript_path=str(own))
    (copy,) = folder.iterdir()
    assert copy.read_text() == WORDS_SAID
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "text" not in told()[-1]


WORDS = (
    *(".env", "x.env", ".env.example", "a.pem", "ID_RSA", "id_x", "id_x.y", "id_a.pub", ".ssh"),
    *("my.key", "secrets.yml", "a-secret-b.yaml", "secret.txt", "core.1", "core.x", "a.swp"),
    *("a.sq", ".x.swz", "COMMIT_EDITMSG", ".docker/config.json", "config.json", "gh/hosts.yml"),
    *("#a#", "a~", "4913", "kubeconfig.x", "service-account-x.json", ".goutputstream-1", "main.py"),
    *(".", "..", "a.b"),
)


def test_the_hooks_list_is_the_never_record_list(tmp_path: Path) -> None:
    samples = [pattern.replace("*", fill) for group in (*NAMES, *TEMPORARIES) for pattern in group
               for fill in ("", "x", "x.y")]  # fmt: skip
    samples = [re.sub(r"\[(.)-.\]", r"\1", sample) for sample in samples]
    for name in [*WORDS, *samples, *(sample.upper() for sample in samples)]:
        for path in (f"/w/{name}", f"/w/{name}/inside.txt"):
            assert is_private(path) == is_never_recorded(PurePath(path)), path
    assert names_private(words_of("cp a;cat<'.env'"), "/w")
    assert not names_private(words_of("make test -k secret_thing"), "/w")


def test_a_line_names_such_a_file_also_by_a_link_a_pattern_or_in_pieces(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("😀𝄞\n")
    (tmp_path / "a.py").write_text("😀𝄞\n")
    (tmp_path / "link").symlink_to(".env")
    naming = ["cat link", "cat .e*", "cat .en?", "cat ./.e*", "cat '.e'nv", "cat .e\\nv", "cat l*"]
    others = [
        "cat a.py",
        "cat a*",
        "echo 'it is' \\n",
        "cat " + "*" * 200 + "x",
        "ls [",
        "cat no/*",
    ]
    for line in (*naming, *others):
        found = names_private(words_of(line), str(tmp_path))
        assert found is (line in naming), line


def test_small_json_is_json() -> None:
    for value in ({"a": [1, 2.5, None, True, 'é😀\ud83d\n"\\']}, {}, {"": {"b": []}}):
        assert json.loads(line_of(value)) == value  # type: ignore[arg-type]
        assert parse(json.dumps(value).encode()) == value
    assert json.loads(line_of({"x": float("nan"), "y": object(), "z": 10**30})) == {
        "x": None, "y": None, "z": 10**30,
    }  # fmt: skip
    for data in GARBAGE:
        parse(data)
