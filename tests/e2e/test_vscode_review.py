"""A review in a real VS Code without a terminal: looked at, signed, sent (make e2e-vscode)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.vscode import SCENARIOS, Account, need_tools, retried

pytestmark = pytest.mark.vscode

EMOJI = "\U0001f600\U0001f603"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An account with a small project under git."""
    made = Account(folder=tmp_path, tools=need_tools()).make()
    yield made
    made.end_programs()


@retried
def test_a_task_is_signed_and_sent_from_the_list(account: Account, tmp_path: Path) -> None:
    (account.project / "count.py").write_text("def count(items):\n    return len(items)\n")
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")
    account.signoff("enable", "--yes", "--owner", "mine")
    account.signoff("setup", "vscode", "--yes")
    store = tmp_path / "store"
    account.drive(SCENARIOS / "review.mjs", given={"emoji": EMOJI, "store": store.as_uri()})
    episodes = account.user / ".local" / "share" / "signoff" / "data" / "episodes"
    (signed,) = (path.with_name(path.name.partition(".")[0] + ".episode")
                 for path in episodes.glob("*.signoff.json.sig"))  # fmt: skip
    assert account.signoff("verify", str(signed)).returncode == 0
    held = {path.name for path in store.rglob("*") if path.is_file()}
    assert hashlib.sha256(signed.read_bytes()).hexdigest() in held
