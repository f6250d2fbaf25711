"""What was typed in another shell is masked on every screen by its shape; never in a file."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest
from tests.support.cli import Said, signoff
from tests.support.history import BEASTS, ended_session, live_session
from tests.support.leaks import windows
from tests.support.seal_journals import Journal
from tests.support.shapes import example

from signoff_collector.redaction.rules import RULES

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_rules")]
SEED = 20261123
NO_AGENT = {"CLAUDECODE": "", "CURSOR_AGENT": "", "CODEX_SANDBOX": ""}


def secrets() -> tuple[str, str]:
    """Return a token of a known issuer and a password, both made from the seed."""
    source = random.Random(SEED)  # noqa: S311
    rule = next(rule for rule in RULES if rule.name == "github-personal")
    return example(rule, source), "hunter" + "".join(source.choices(string.ascii_lowercase, k=8))


def journal(root: Path) -> tuple[Journal, tuple[str, str]]:
    token, password = secrets()
    told = Journal("lsp", 100, root=root)
    text = f"marker {BEASTS}\nuse {token}\n"
    told.open("a.py", "")
    told.change("a.py", (0, 0), (0, 0), text)
    told.save("a.py", text)
    for line in (f"marker --token {token}", f"mysql -u root -p{password} marker"):
        told.step("command", line=line, argv=[line.split()[0]], exit_code=1, output_state="none")
    told.step("note", text=f"marker: the key is {token}", stated="live")
    return told, (token, password)


def calls(place: str) -> list[list[str]]:
    return [
        ["today"],
        ["today", "--json"],
        ["today", "--markdown"],
        ["find", "marker", "--all"],
        ["find", "marker", "--all", "--json"],
        ["find", "use", "--all"],
        ["restore", "a.py"],
        ["restore", "a.py", "--at", "start", "--yes", "--overwrite"],
        ["replay", place, "--plain"],
        ["replay", place, "--at", "end"],
        ["show", place],
        ["show", place, "--steps"],
        ["list"],
    ]


def leaks(said: Said, values: tuple[str, str]) -> list[str]:
    shown = said.out + said.err
    return [piece for value in values for piece in windows(value) if piece in shown]


@pytest.mark.parametrize("place", ["live", "SESSION"])
def test_no_screen_shows_a_secret_by_its_shape(home: Path, tmp_path: Path, place: str) -> None:
    del home
    root = tmp_path / "project"
    told, values = journal(root)
    session = (live_session if place == "live" else ended_session)(root, told)
    (root / "a.py").write_text(f"marker {BEASTS}\nuse {values[0]}\nmore\n")
    name = place if place == "live" else session.id
    for words in calls(name):
        said = signoff(*words, cwd=root, **NO_AGENT)
        assert not leaks(said, values), words
    assert signoff("find", "marker", "--all", "--raw", cwd=root, **NO_AGENT).out.count(values[0])
    assert values[0] in signoff("show", name, "--steps", "--raw", cwd=root, **NO_AGENT).out


def test_what_is_put_back_is_not_altered(home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    told, (token, _) = journal(root)
    ended_session(root, told)
    said = signoff("restore", "a.py", "--at", "end", "--yes", cwd=root)
    assert said.code == 0, said
    assert (root / "a.py").read_text() == f"marker {BEASTS}\nuse {token}\n"
    assert token not in said.out
