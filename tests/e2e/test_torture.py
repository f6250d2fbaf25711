"""After everything that corrupts rivals, the replay is exact, or says where it was blind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from signoff_collector.episode.content import Episode
from signoff_collector.episode.reader import read_episode
from signoff_schemas.steps import GapStep, ResyncStep, kind_of
from support_agents import FakeAgent
from support_bridge import bridge, enable
from support_cli import signoff
from support_editors import Neovim, neovim
from support_repository import listing
from support_torture import NeovimHand, PlainHand, Torture, project, script
from support_tree_session import copied_moments, snapshot


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


def prove(torture: Torture, base: str, tmp_path: Path) -> None:
    """Seal, check, and compare every copied moment with its checkout, byte for byte."""
    path, episode = sealed(torture)
    checked = signoff("check", path, "--json")
    print("\n".join(torture.log))
    print(checked.err)
    assert checked.code == 0, checked
    seqs = copied_moments(episode)
    git = [step for step in episode.steps if kind_of(step) in ("git", "tests")]
    assert len(seqs) == len(torture.copies), [
        (kind_of(step), getattr(step, "operation", None)) for step in git
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
    print("resyncs:", [(step.seq, step.reason, step.path) for step in resyncs], "gaps:", gaps)
    assert gaps["crashed"] >= 1


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
    prove(torture, base, tmp_path)
