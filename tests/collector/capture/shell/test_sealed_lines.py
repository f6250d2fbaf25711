"""From keys typed into a real shell to a sealed episode: masked, in place, nothing private."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.shells import Shell, begin_session, enabled, wait_for_ends

from signoff_collector.capture.sessions.sessions import list_sessions

pytestmark = pytest.mark.usefixtures("compiled_engine")

SEED = 20261122


def test_secrets_in_a_command_line_do_not_reach_the_episode(home: Path, tmp_path: Path) -> None:
    print(f"seed {SEED}")  # noqa: T201  shown when it fails
    chance = random.Random(SEED)  # noqa: S311  not a real secret
    known = "".join(chance.choices(string.ascii_letters + string.digits, k=32))
    token = "ghp_" + "".join(chance.choices(string.ascii_letters + string.digits, k=36))
    place = tmp_path / "w"
    own = enabled(home, place)
    (place / ".env").write_text(f"API_TOKEN={known}\n")
    with Shell("bash", place, tmp_path / "bash") as shell:
        begin_session(shell, own)
        for number, line in enumerate(
            (f"echo {known} 😀𝄞", f"true --token={token}", " echo never-this", "cat .env"), start=2
        ):
            shell.line(line)
            wait_for_ends(shell, own, number)
        shell.leave()
    (session,) = list_sessions(own)
    assert signoff("status", cwd=place).out.count("command") >= 1
    said = signoff("seal", session.id, "--json", cwd=place)
    assert said.code == 0, said
    shown = signoff("show", "last", "--steps", "--json", cwd=place)
    assert shown.code == 0, shown
    assert shown.out.count('"kind": "command"') + shown.out.count('"kind":"command"') == 5
    assert "private" in shown.out
    assert "cat .env" in shown.out
    for secret in (known, token, "never-this"):
        for start in range(len(secret) - 5):
            assert secret[start : start + 6] not in shown.out
    assert signoff("check", "last", cwd=place).code == 0
