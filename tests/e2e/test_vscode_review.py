"""A review in a real VS Code without a terminal: looked at, signed, sent (make e2e-vscode)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.support.vscode import SCENARIOS, Account, retried

pytestmark = pytest.mark.vscode

EMOJI = "\U0001f600\U0001f603"


@retried
def test_a_task_is_signed_and_sent_from_the_list(account: Account, tmp_path: Path) -> None:
    (account.project / "count.py").write_text("def count(items):\n    return len(items)\n")
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")
    account.signoff("enable", "--yes", "--owner", "mine")
    account.signoff("setup", "vscode", "--yes")
    store = tmp_path / "store"
    given = {"emoji": EMOJI, "store": store.as_uri()}
    said = account.drive(SCENARIOS / "review.mjs", given=given)
    assert said["buttons"] == ["Copy", "I saved it"]  # a panel cannot print
    assert said["isCopied"]
    # The day's one notification (an opt-in that no person confirmed), and the progress of what
    # takes long, with Cancel. What the person did is told in the status bar.
    told = [one.removeprefix("Signoff: ").split()[0] for one in said["notified"]]
    assert told == ["Recording", "sealing", "sending"], said["notified"]
    episodes = account.user / ".local" / "share" / "signoff" / "data" / "episodes"
    (signed,) = (path.with_name(path.name.partition(".")[0] + ".episode")
                 for path in episodes.glob("*.signoff.json.sig"))  # fmt: skip
    digest = hashlib.sha256(signed.read_bytes()).hexdigest()
    assert digest in [name.rpartition("/")[2] for name in said["held"]]
