"""`signoff label` as a person and a script run it: labels, signatures, agreement, errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.cli import Said, signoff
from tests.support.episodes import sample_episode
from tests.support.labels import WORDS, home_at, opened_by, put_day
from tests.support.leaks import random_secret
from tests.support.tmux import Tmux

from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import LABELS
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.kept.episode_files import remove_episode
from signoff_collector.labels.label_file import labels_path, signature_path
from signoff_collector.labels.opening import Opened
from signoff_collector.labels.signing import label_key
from signoff_collector.own_files.home import Home, resolve_home
from signoff_schemas.labels import parse_label_set

pytestmark = pytest.mark.slow
SIGNOFF = Path(sys.executable).with_name("signoff")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return put_day(tmp_path / "work")


def rows(said: Said) -> list[dict[str, Any]]:
    assert said.code == 0, said
    return [json.loads(line) for line in said.out.splitlines()]


def label(path: Path, *words: object, code: int = 0) -> Said:
    said = signoff("label", path, *words, cwd=path.parent)
    assert said.code == code, said
    assert "Traceback" not in said.err
    return said


def ada(folder: Path, field: str, value: str, seq: int) -> tuple[Home, Opened]:
    """Return another labeller, with one signed label of the day."""
    home = home_at(folder / "ada-home")
    opened = opened_by(home, put_day(folder / "ada"))
    unit = opened.units.at(seq)
    assert unit is not None
    opened.file.set_label(field, value, unit.first, unit.last)
    opened.file.sign()
    return home, opened


def test_labels_are_set_listed_removed_and_signed(home: Path, path: Path) -> None:
    before = path.read_bytes()
    label(path, "--set", "judgement=mistake", "--at", "step:20")
    label(path, "--set", f"intent={WORDS}", "--at", "step:20", "--to", "step:300")
    label(path, "--set", "difficulty=4", "--at", "step:20")
    label(path, "--remove", "difficulty", "--at", "step:20")
    found = rows(label(path, "--list", "--json"))
    assert [(one["field"], one["value"], one["first"], one["last"]) for one in found] == [
        ("judgement", "mistake", 17, 73), ("intent", WORDS, 20, 300),
    ]  # fmt: skip
    (signed,) = rows(label(path, "--sign", "--json"))
    assert signed["labels"] == 2
    assert Path(signed["signature"]) == signature_path(labels_path(path))
    said = label(path, "--verify", labels_path(path))
    assert "your own key for labels" in said.out
    assert path.read_bytes() == before
    assert {one.name for one in path.parent.iterdir()} == {
        "day.episode", "day.labels.json", "day.labels.json.sig",
    }  # fmt: skip


def test_a_proposal_is_accepted_or_turned_down_by_name(home: Path, path: Path) -> None:
    first, second, *others = rows(label(path, "--propose", "--json"))
    assert {one["origin"] for one in others} == {"proposed"}
    assert label(path, "--list").out == "nothing is labelled yet\n"
    label(path, "--accept", first["id"])
    label(path, "--reject", second["id"])
    (mine,) = rows(label(path, "--list", "--json"))
    assert (mine["origin"], mine["value"]) == ("person", first["value"])
    assert "accepted" in label(path, "--list").out
    left = [one["id"] for one in rows(label(path, "--propose", "--json"))]
    assert left == [one["id"] for one in others]
    queue = rows(label(path, "--queue", "--json"))
    assert {one["proposal"] for one in queue} == set(left)
    label(path, "--accept", "000000000000", code=10)


def test_two_labellers_are_compared_as_letters(home: Path, tmp_path: Path, path: Path) -> None:
    _, other = ada(tmp_path, "judgement", "mistake", 20)
    label(path, "--agreement", other.file.path, code=2)
    label(path, "--set", "judgement=good", "--at", "step:20")
    said = label(path, "--compare", other.file.path)
    assert "A: good  B: mistake" in said.out
    assert other.file.found.labeller not in said.out
    found = {
        one["field"]: one for one in rows(label(path, "--agreement", other.file.path, "--json"))
    }
    assert found["judgement"]["units"] == 1
    assert found["judgement"]["alpha"] == 0
    assert found["phase"]["alpha"] is None
    (first, *_) = rows(label(path, "--queue", other.file.path, "--json"))
    assert first["why"] == "labellers differ: good / mistake"


def test_whose_key_it_is_decides_an_allowed_signers_file(
    home: Path, tmp_path: Path, path: Path
) -> None:
    there, other = ada(tmp_path, "judgement", "mistake", 20)
    said = label(path, "--verify", other.file.path, code=12)
    assert "nobody vouches" in said.err
    key = label_key(there)
    allowed = tmp_path / "allowed"
    allowed.write_text(f'{key.labeller} namespaces="{LABELS}" {public_key_line(key.public_key)}\n')
    good = ("--verify", other.file.path, "--allowed-signers", allowed)
    assert "authority  good" in label(path, *good).out
    allowed.write_text(f'{key.labeller} namespaces="git" {public_key_line(key.public_key)}\n')
    label(path, *good, code=12)


def test_what_is_wrong_with_a_label_set_has_an_exit_code_of_its_own(
    home: Path, tmp_path: Path, path: Path
) -> None:
    _, other = ada(tmp_path, "judgement", "mistake", 20)
    theirs, content = other.file.path, other.file.path.read_bytes()
    label(path, "--set", "judgement=good", "--at", "step:20")
    signature = signature_path(theirs).read_bytes()
    cases = {
        "damaged": (b"{}", signature, 11),
        "cut short": (content[:-9], signature, 11),
        "a changed value": (
            content.replace(b'"value": "mistake"', b'"value": "recover"'), signature, 12
        ),
        "a changed episode": (
            content.replace(other.sha256.encode(), b"0" * 64), signature, 12
        ),
        "a damaged signature": (content, signature.replace(b"A", b"B"), 12),
        "an empty signature": (content, b"", 12),
        "no signature": (content, None, 12),
    }  # fmt: skip
    for name, (held, signed, code) in cases.items():
        theirs.write_bytes(held)
        signature_path(theirs).unlink(missing_ok=True)
        if signed is not None:
            signature_path(theirs).write_bytes(signed)
        for verb in ("--verify", "--compare", "--agreement", "--queue"):
            assert label(path, verb, theirs, code=code).err.startswith("error: "), name
    label(path, "--verify", tmp_path / "nowhere", code=10)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--set", "judgement=good"), 2), (("--set", "judgement", "--at", "step:1"), 2),
        (("--set", "mood=good", "--at", "step:1"), 2),
        (("--set", "judgement=good", "--at", "step:9", "--to", "step:1"), 2),
        (("--set", "difficulty=x", "--at", "step:1"), 2), (("--remove", "mood", "--at", "1"), 10),
        (("--sign",), 10), (("--export", "label-studio"), 2), (("--schema", "nowhere.yaml"), 10),
        (("--import", "nowhere.json"), 10), (("--compare",), 2), ((), 2), (("--json",), 2),
        (("--list", "--sign"), 2),
    ],
)  # fmt: skip
def test_a_call_that_makes_no_sense_writes_nothing(
    home: Path, path: Path, words: tuple[str, ...], code: int
) -> None:
    label(path, *words, code=code)
    assert not labels_path(path).exists()


def test_an_episode_that_cannot_be_labelled_says_why(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "plain.episode"
    path.write_bytes(write_episode(sample_episode()))
    assert "never masked" in label(path, "--list", code=13).err
    path.write_bytes(b"x" * 100)
    label(path, "--list", code=11)
    assert signoff("label", "live", "--list", cwd=tmp_path).code == 2


def test_a_schema_of_a_team_is_kept_with_the_labels(home: Path, path: Path, tmp_path: Path) -> None:
    schema = tmp_path / "team.yaml"
    schema.write_text(
        "label_schema: 1\nname: team\nfields:\n  - kind: tag\n    name: turn\n"
        "    values: [{name: wrong, key: 1}]\n"
    )
    label(path, "--schema", schema, "--set", "turn=wrong", "--at", "step:20")
    assert "turn: wrong" in label(path, "--fields").out
    label(path, "--set", "judgement=good", "--at", "step:20", code=2)
    schema.write_text(schema.read_text().replace("wrong", "right"))
    assert "begun under the schema team" in label(path, "--schema", schema, "--list", code=13).err
    schema.write_text("a: &x [*x]\n")
    label(path, "--schema", schema, "--list", code=11)


def test_labels_go_to_label_studio_and_come_back(home: Path, path: Path, tmp_path: Path) -> None:
    label(path, "--set", "judgement=mistake", "--at", "step:20")
    label(path, "--set", f"intent={WORDS}", "--at", "step:20", "--to", "step:300")
    out = tmp_path / "out"
    label(path, "--export", "label-studio", "-o", out)
    label(path, "--export", "label-studio", "-o", out, code=13)
    before = labels_path(path).read_bytes()
    (said,) = rows(label(path, "--import", out / "tasks.json", "--json"))
    assert said == {"labels": 2, "new": 0, "copied": 0}
    assert labels_path(path).read_bytes() == before
    other = put_day(tmp_path / "other")
    label(other, "--import", out / "tasks.json")
    found = parse_label_set(labels_path(other).read_bytes())
    assert [one.value for one in found.labels] == ["mistake", WORDS]
    (out / "tasks.json").write_text("[]")
    label(other, "--import", out / "tasks.json", code=11)


def test_a_secret_typed_into_words_is_nowhere(home: Path, path: Path, tmp_path: Path) -> None:
    secret = random_secret(24)
    said = label(path, "--set", f"intent=password = '{secret}'", "--at", "step:20")
    assert secret not in f"{said.out}{said.err}"
    label(path, "--export", "label-studio", "-o", tmp_path / "out")
    label(path, "--sign")
    for folder in (path.parent, tmp_path / "out", home):
        for file in folder.rglob("*"):
            if file.is_file():
                assert secret.encode() not in file.read_bytes(), file


def test_labels_go_with_their_episode(home: Path, path: Path) -> None:
    own = resolve_home().ensure()
    label(path, "--list")
    kept = own.episodes / f"{opened_by(own, path).sha256[:16]}.episode"
    kept.write_bytes(path.read_bytes())
    label(kept, "--set", "intent=words", "--at", "step:20")
    label(kept, "--sign")
    removed = remove_episode(own, opened_by(own, path).sha256)
    assert labels_path(kept).name in removed
    assert list(own.episodes.iterdir()) == []


def test_a_person_labels_in_a_real_terminal(home: Path, path: Path, tmp_path: Path) -> None:
    argv = [str(SIGNOFF), "label", str(path), "--at", "step:20"]
    with Tmux(tmp_path, argv, term="screen", size=(100, 30)) as window:
        window.wait_for("this burst: 18 to 74: no label", "1 good", "9 validate")
        window.press("2")
        window.wait_for("this burst: 18 to 74: judgement mistake")
        window.press("w")
        window.wait_for("intent:")
        window.write(WORDS)
        window.press("Enter")
        window.wait_for(f"intent {WORDS}")
        window.press("p")
        window.wait_for("to look at", "y accept")
        window.press("y")
        window.wait_for("accepted:")
        window.press("u")
        window.wait_for("taken back")
        window.press("q")
        window.wait_for("ls, not signed: `signoff label --sign`", "ended with 0")
    found = parse_label_set(labels_path(path).read_bytes())
    assert [(one.field, one.value) for one in found.labels] == [
        ("intent", WORDS), ("judgement", "mistake"),
    ]  # fmt: skip
