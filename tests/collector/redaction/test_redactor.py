"""Planted secrets, in every way a person lets them into a session."""

from __future__ import annotations

import pytest
from tests.support.leaks import leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.texts.texts import Key, TextStates
from signoff_collector.redaction.values.identities import machine_identities
from signoff_schemas.steps import CommandStep
from signoff_schemas.values import Output
from signoff_schemas.words import ActorClass

SEEDS = range(12)
START = 'first = "😀🚀"\n'


def redact(typist: Typist, **policy: object) -> Episode:
    return Redactor(RedactionPolicy(**policy)).redact_episode(typist.episode())  # type: ignore[arg-type]


def final_text(episode: Episode) -> str:
    states = TextStates(episode)
    for _ in states.walk():
        pass
    return states.texts[Key(0, 0)].chars


@pytest.mark.parametrize("seed", SEEDS)
def test_a_secret_typed_key_by_key_leaves_one_edit_with_the_placeholder(seed: int) -> None:
    secret = random_secret(seed)
    typist = Typist(cursors=True)
    typist.open("a.py", START)
    typist.type_at_end("a.py", f'api_token = "{secret}"\nnext = 1\n')
    typist.save("a.py")
    redacted = redact(typist)
    assert leaks_in_episode(redacted, [secret]) == []
    assert final_text(redacted) == START + 'api_token = "REDACTED_TOKEN_1"\nnext = 1\n'
    assert [text for text in redacted.edits.texts() if "REDACTED" in text] == ["REDACTED_TOKEN_1"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_secret_is_gone_however_it_came_and_went(seed: int) -> None:
    secret = "ghp_" + random_secret(seed, 36)
    tail = secret[-20:]
    typist = Typist()
    typist.open("a.py", START)
    typist.type_at_end("a.py", f"token = '{secret[:15]}")
    typist.save("a.py")
    typist.open("b.py", "x = 1\n🚀😀\n")
    typist.type_at_end("b.py", "# something else first\n")
    typist.type_at_end("a.py", f"{secret[15:]}'\n")
    typist.edit("b.py", 0, 0, secret, ActorClass.PASTED)
    typist.backspace("b.py", len(secret), 10)
    typist.edit("b.py", len(secret) - 10, 0, secret[-10:], ActorClass.UNDO)
    typist.edit("b.py", 0, len(secret), "", ActorClass.UNDO)
    typist.type_at_end("b.py", tail)
    typist.backspace("b.py", len(typist.texts["b.py"]), len(tail))
    typist.command(["curl", "-H", f"Authorization: Bearer {secret}"], f"401 for {secret}\n")
    typist.command(["deploy", "--token", secret], f"\x1b[31m{secret[:9]}\x1b[0m{secret[9:]}\n")
    typist.commit(f"Add {secret}")
    redacted = redact(typist)
    assert leaks_in_episode(redacted, [secret]) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_an_exact_value_is_gone_from_every_kind_of_place(seed: int) -> None:
    secret = random_secret(seed, 20)
    typist = Typist()
    typist.open("a.txt", f"😀🚀 {secret} before\n")
    typist.type_at_end("a.txt", f"{secret[:8]}x")
    typist.backspace("a.txt", len(typist.texts["a.txt"]), 1)
    typist.type_at_end("a.txt", secret[8:])
    wrapped = "\n".join([secret[:7], secret[7:14], secret[14:]])
    typist.command(["make"], f"{wrapped}\n+{secret}\n{secret[3:15]} is part\n")
    redacted = redact(typist, exact_values=of_values([secret]))
    assert leaks_in_episode(redacted, [secret]) == []
    assert redacted.header.exact_values == "session"
    assert redacted.header.redaction["SECRET"] == 1


@pytest.mark.parametrize("cursors", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_secrets_of_other_length_typed_at_other_speed_give_the_same_episode(
    seed: int, *, cursors: bool
) -> None:
    results = []
    for length, key_ms in ((8, 40), (60, 310)):
        secret = "7q" + random_secret(seed + length, length - 2)
        typist = Typist(cursors=cursors)
        typist.open("a.py", START)
        typist.type_at_end("a.py", 'db_password = "')
        typist.key_ms = key_ms
        typist.type_at_end("a.py", secret)
        typist.wait(500 - key_ms)
        typist.key_ms = 100
        typist.type_at_end("a.py", '"\nafter = 2\n')
        typist.save("a.py")
        typist.command(["pytest"], "ok\n")
        redacted = redact(typist)
        assert leaks_in_episode(redacted, [secret]) == []
        results.append(redacted)
    one, other = results
    assert one.edits == other.edits
    assert one.steps == other.steps
    assert one.blobs == other.blobs
    assert one.header == other.header
    assert write_episode(one) == write_episode(other)


def test_home_user_and_people_are_masked_in_texts_and_strings() -> None:
    identities = machine_identities(
        {"HOME": "/home/wilhelmine", "USER": "wilhelmine"},
        authors=[("Wilhelmine Q. Roth", "wroth@firm.example")],
    )
    typist = Typist()
    typist.open("a.py", "# by Wilhelmine Q. Roth <wroth@firm.example> 😀🚀\n")
    typist.type_at_end("a.py", "open('/home/wilhelmine/x')\n")
    typist.command(["ls"], "/home/wilhelmine/src/a.py: owner wilhelmine\n")
    redacted = redact(typist, identities=identities)
    text = final_text(redacted)
    assert text == ("# by REDACTED_NAME_1 <REDACTED_EMAIL_1> 😀🚀\nopen('REDACTED_HOME_1/x')\n")
    command = redacted.steps[1]
    assert isinstance(command, CommandStep)
    assert command.output == Output(head="<HOME>/src/a.py: owner REDACTED_USER_1\n")


def test_text_without_secrets_is_not_changed() -> None:
    typist = Typist(cursors=True)
    typist.open("a.py", START)
    typist.type_at_end("a.py", "def token_count(tokens):\n    return len(tokens)\n")
    typist.save("a.py")
    before = typist.episode()
    after = redact(typist)
    assert after.edits == before.edits
    assert after.steps == before.steps
    assert after.blobs == before.blobs
