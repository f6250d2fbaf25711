"""The look at what will be written: whatever hides a value there is found, or nothing is sealed."""

from __future__ import annotations

import base64
import random
import string
import urllib.parse
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret, windows
from tests.support.typist import Typist

from signoff_collector.episode.columns import columns
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import Identities, RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.texts.streams import mark_streams, streams_of
from signoff_collector.redaction.values.byte_search import ByteSearch
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable
from signoff_collector.redaction.verifying.second_engine import load_second_engine
from signoff_collector.redaction.verifying.verification import Verification, Visible
from signoff_schemas.steps import STEP_MODELS, AgentStep

START = "# 😀🚀\n"


def harmless() -> Typist:
    typist = Typist()
    typist.open("a.py", START)
    typist.type_at_end("a.py", "x = 1\n")
    typist.save("a.py")
    typist.command(["make"], "done\n")
    return typist


def looked_at(episode: Episode, secret: str) -> list[Visible]:
    table = SecretsTable(IdentityPatterns(Identities()))
    table.learn("SECRET", secret, is_exact=True)
    return Verification(episode, write_episode(episode), table, load_second_engine()).run()


@pytest.mark.parametrize("word", ["header", "evidence", *columns.NAMES, *STEP_MODELS])
def test_a_value_that_is_a_word_of_the_format_is_not_found_in_it(word: str) -> None:
    found = looked_at(harmless().episode(), word)
    assert [one.place for one in found] == []


def in_a_state(typist: Typist, secret: str) -> None:
    typist.edit("a.py", 0, 0, secret)
    typist.edit("a.py", 0, len(secret), "")


def in_an_output(typist: Typist, secret: str) -> None:
    typist.command(["make"], f"said {secret[2:9]}\n")


def in_an_agent_result(typist: Typist, secret: str) -> None:
    typist.add(AgentStep, tool="t", event="tool_result", text=f"{START}read {secret}")


def in_deletions_backwards(typist: Typist, secret: str) -> None:
    """Characters that never stand side by side, taken out one after the other."""
    end = len(typist.texts["a.py"])
    spaced = " ".join(secret)
    typist.edit("a.py", end, 0, spaced)
    for place in range(len(spaced) - 1, -1, -2):
        typist.edit("a.py", end + place, 1, "")


def in_insertions_apart(typist: Typist, secret: str) -> None:
    for char in secret:
        typist.edit("a.py", 0, 0, char)
        typist.edit("a.py", 0, 0, "\n")


def in_a_path(typist: Typist, secret: str) -> None:
    typist.open(f"{secret}.py", START)


def in_base64(typist: Typist, secret: str) -> None:
    encoded = base64.b64encode(f"me:{secret}".encode()).decode()
    typist.type_at_end("a.py", f"h = '{encoded}'\n")


def in_json_escapes(typist: Typist, secret: str) -> None:
    escaped = "".join(f"\\u{ord(char):04x}" for char in secret)
    typist.command(["make"], f'{{"v": "{escaped}"}}\n')


def in_a_url(typist: Typist, secret: str) -> None:
    typist.command(["curl"], "".join(f"%{ord(char):02X}" for char in secret) + "\n")


WAYS = [
    in_a_state,
    in_an_output,
    in_an_agent_result,
    in_deletions_backwards,
    in_insertions_apart,
    in_a_path,
    in_base64,
    in_json_escapes,
    in_a_url,
]


@pytest.mark.parametrize("way", WAYS)
def test_a_known_value_is_seen_wherever_it_is_put(way: Callable[[Typist, str], None]) -> None:
    secret = random_secret(91, 20)
    clean = harmless()
    assert looked_at(clean.episode(), secret) == []
    typist = harmless()
    way(typist, secret)
    found = looked_at(typist.episode(), secret)
    assert found
    assert all(secret not in one.place for one in found if way is not in_a_path)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(3))
def test_and_the_redactor_takes_it_out(way: Callable[[Typist, str], None], seed: int) -> None:
    secret = random_secret(92 + seed, 20)
    typist = harmless()
    way(typist, secret)
    policy = RedactionPolicy(exact_values=of_values([secret]))
    redacted, data = Redactor(policy).seal_episode(typist.episode())
    assert looked_at(redacted, secret) == []
    assert leaks_in_episode(redacted, [secret]) == []
    assert leaks_in_bytes(data, [secret]) == []


def test_the_date_of_the_recording_is_no_piece_of_a_value() -> None:
    """A password that ends in the day of the session must not block it for ever."""
    word = random_secret(97, 10)
    value = f"{word}-2026-11-21"
    typist = harmless()
    typist.type_at_end("a.py", f"{value}\n")
    episode = typist.episode()
    dated = replace(episode, header=episode.header.model_copy(update={"captured_on": "2026-11-21"}))
    redacted = Redactor(RedactionPolicy(exact_values=of_values([value]))).redact_episode(dated)
    assert redacted.header.captured_on == "2026-11-21"
    assert leaks_in_episode(redacted, [word]) == []
    assert value[-8:] not in redacted.edits.text


def test_names_of_fields_are_no_pieces_of_a_value() -> None:
    """`selection` and `command` stand in every file; a value may hold them too."""
    value = f"command{random_secret(96, 10)}selections"
    typist = harmless()
    typist.type_at_end("a.py", f"{value}\n")
    policy = RedactionPolicy(exact_values=of_values([value]))
    redacted = Redactor(policy).redact_episode(typist.episode())
    assert value[7:17] not in str(redacted)


@given(
    seed=st.integers(0, 10_000),
    before=st.text(max_size=40),
    after=st.text(max_size=40),
    form=st.sampled_from(["plain", "json", "percent", "base64", "url base64"]),
    at=st.integers(0, 14),
)
def test_any_six_characters_are_found_in_any_spelling(
    seed: int, before: str, after: str, form: str, at: int
) -> None:
    source = random.Random(seed)  # noqa: S311
    secret = "".join(source.choice(string.ascii_letters + string.digits) for _ in range(20))
    piece = secret[at : at + 6]
    content = f"{before}{piece}{after}"
    raw = content.encode("utf-8", "surrogatepass")
    spelt = {
        "plain": raw,
        "json": "".join(f"\\u{ord(char):04x}" for char in piece).encode(),
        "percent": urllib.parse.quote(f"{piece}/")
        .replace(piece[0], f"%{ord(piece[0]):02x}")
        .encode(),
        "base64": base64.b64encode(raw),
        "url base64": base64.urlsafe_b64encode(raw).rstrip(b"="),
    }[form]
    search = ByteSearch(secret[place : place + 6] for place in range(15))
    assert [*search.plain(spelt), *search.spelt(spelt)]


@given(
    content=st.binary(max_size=400), pieces=st.lists(st.text(min_size=3, max_size=9), max_size=6)
)
def test_the_search_finds_just_what_is_there(content: bytes, pieces: list[str]) -> None:
    search = ByteSearch(pieces)
    wanted = [piece.encode("utf-8", "surrogatepass") for piece in pieces]
    assert bool(list(search.plain(content))) == any(piece in content for piece in wanted)
    list(search.spelt(content))


def test_streams_are_masked_by_id_and_the_rest_stays() -> None:
    from signoff_collector.redaction.texts.shown import Masks
    from signoff_collector.redaction.texts.texts import TextStates

    secret = random_secret(97, 16)
    typist = harmless()
    in_insertions_apart(typist, secret)
    episode = typist.episode()
    table = SecretsTable(IdentityPatterns(Identities()))
    group = table.learn("SECRET", secret, is_exact=True)
    states = TextStates(episode)
    list(states.walk())
    masks = Masks(states.id_count, lambda _: "")
    streams = streams_of(episode)
    assert mark_streams(streams, masks, table)
    inserted = streams[0]
    masked = "".join(
        char for char, one in zip(inserted.chars, inserted.ids, strict=True) if masks.groups[one]
    )
    assert masked == secret
    assert group in set(masks.groups)
    assert not mark_streams(streams, masks, table)


def test_the_report_in_the_header_holds_names_of_rules_only() -> None:
    secret = "ghp_" + random_secret(98, 36)
    typist = harmless()
    typist.type_at_end("a.py", f"t = '{secret}'\n")
    header = Redactor(RedactionPolicy()).redact_episode(typist.episode()).header
    assert list(header.masks) == ["REDACTED_TOKEN_1"]
    assert not any(char.isdigit() for char in header.masks["REDACTED_TOKEN_1"])
    said = "".join(header.masks.values())
    assert not windows(secret) & windows(said)
