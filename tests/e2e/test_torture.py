"""After everything that corrupts rivals, the replay is exact, or says where it was blind."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from tests.support.agents import FakeAgent
from tests.support.bridge import bridge, enable
from tests.support.cli import signoff
from tests.support.editors import neovim
from tests.support.torture import NeovimHand, PlainHand, Torture, VimHand, project, script, vim
from tests.support.tree_session import copied_moments, snapshot

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_schemas.steps import GapStep, ResyncStep

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


@pytest.fixture
def torture(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Torture:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    tree = project(tmp_path)
    enable(tree.root)
    return Torture(tree)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it; tests/write_torture.py prints it."""

    log: tuple[str, ...]
    check: str
    moments: int
    """How many were checked out and equal to their copy, byte for byte."""
    resyncs: tuple[str, ...]
    gaps: dict[str, int]


def plain(stack: ExitStack) -> PlainHand:
    client = stack.enter_context(bridge())
    client.initialize()
    client.notify("signoff/hello", {"name": "keyboard", "version": "1", "protocol": 1})
    return PlainHand(client)


def sealed(torture: Torture) -> tuple[Path, Episode]:
    said = signoff("seal", "--json", cwd=torture.root)
    assert said.code == 0, said
    path = Path(json.loads(said.out.splitlines()[-1])["episode"])
    return path, read_episode(path.read_bytes())


def prove(torture: Torture, base: str, tmp_path: Path) -> Outcome:
    """Seal, check, and compare every copied moment with its checkout, byte for byte."""
    path, episode = sealed(torture)
    checked = signoff("check", path, "--json")
    assert checked.code == 0, checked
    seqs = copied_moments(episode)
    git = [step for step in episode.steps if step.kind in ("git", "tests")]
    assert len(seqs) == len(torture.copies), [
        (step.kind, getattr(step, "operation", None)) for step in git
    ]
    for place, (seq, copy) in enumerate(zip(seqs, torture.copies, strict=True)):
        out = tmp_path / f"moment-{place}"
        said = signoff(
            "checkout", path, "--at", f"step:{seq}", "--disk", "--links",
            "--repo", torture.root, "--base", base, out,
        )  # fmt: skip
        assert said.code == 0, said
        found = snapshot(out)
        different = {name for name in found | copy if found.get(name) != copy.get(name)}
        assert not different, (place, seq, different)
    resyncs = [step for step in episode.steps if isinstance(step, ResyncStep)]
    gaps = Counter(step.reason.value for step in episode.steps if isinstance(step, GapStep))
    outcome = Outcome(
        log=tuple(torture.log),
        check=checked.err,
        moments=len(seqs),
        resyncs=tuple(f"{step.path}: {step.reason}" for step in resyncs),
        gaps=dict(gaps),
    )
    (tmp_path / "outcome.json").write_text(json.dumps(asdict(outcome)), "utf-8")
    return outcome


def test_two_editors_shell_git_an_agent_and_kills_replay_exactly(
    torture: Torture, stack: ExitStack, tmp_path: Path
) -> None:
    base = torture.tree.head
    one, two = plain(stack), plain(stack)

    def again() -> PlainHand:
        one.client.process.kill()
        one.client.process.wait(60)
        return plain(stack)

    script(torture, one, two, FakeAgent(name="claude-code", cwd=torture.root), again)
    outcome = prove(torture, base, tmp_path)
    assert outcome.resyncs == ()
    assert outcome.gaps == {"crashed": 4}, "bridge, watcher of git, watcher of files, run"
    assert outcome.moments >= 15


@pytest.mark.editors
def test_neovim_and_vim_with_shell_git_an_agent_and_kills_replay_exactly(
    torture: Torture, stack: ExitStack, tmp_path: Path
) -> None:
    base = torture.tree.head
    first = NeovimHand(stack.enter_context(neovim(torture.root)))
    two = VimHand(stack.enter_context(vim(tmp_path, torture.root)))

    def again() -> NeovimHand:
        os.kill(first.editor.bridge_pid(), signal.SIGKILL)
        first.editor.process.kill()
        first.editor.process.wait(60)
        return NeovimHand(stack.enter_context(neovim(torture.root)))

    script(torture, first, two, FakeAgent(name="codex", cwd=torture.root), again)
    outcome = prove(torture, base, tmp_path)
    assert outcome.resyncs == ()
    assert outcome.gaps["crashed"] == 4
    assert outcome.moments >= 15
