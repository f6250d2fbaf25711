"""Tokens that hold no known word: which are listed, and what the strict policy masks."""

from __future__ import annotations

import hashlib
import random
import string
import uuid
from dataclasses import replace

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.randomness.novel import novel_tokens, unknown_characters, words_of
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.values.ways import NOVEL, OPAQUE
from signoff_schemas.header import Editor
from signoff_schemas.steps import EnvironmentStep, SearchStep

SEED = 20_261_122
START = "# 😀🚀 start\n"
ORDINARY = [
    "getUserByName", "test_recover_keeps_steps", "HTTPServerError", "reconnected", "src/app/main",
    "a1b2c3d", "deadbeef", "2026-11-22T14:00:00",
    "shouldfail", "utf-16-le", "MAX_RETRIES=5", "background-color", "REDACTED_TOKEN_1",
    "commit-28d092923dcc",
    "run-id-aeadcebbedd7",
    "agent-session-aeadcebbedd7",
    "signoff",
    "signoff_settings",
]  # fmt: skip


def made_up(source: random.Random, length: int = 14) -> str:
    """Return something that can be said and is no word: what no shape gives away."""
    pairs = (source.choice("bdfgklmnprtvz") + source.choice("aiou") for _ in range(length // 2))
    return "".join(pairs)


@pytest.mark.parametrize("token", ORDINARY)
def test_what_people_write_is_not_listed(token: str) -> None:
    typist = Typist()
    typist.open("a.py", f"{START}x = {token}\n")
    assert [found.value for found in novel_tokens(typist.episode())] == []


@pytest.mark.parametrize("length", [10, 12, 16, 19, 32, 40, 64])
def test_an_id_that_nothing_checks_is_asked_for(length: int) -> None:
    print(f"ids from seed {SEED}")  # noqa: T201
    source = random.Random(SEED)  # noqa: S311
    ids = ["".join(source.choices("0123456789abcdef", k=length - 2)) + "a1" for _ in range(40)]
    ids += [str(uuid.UUID(int=source.getrandbits(128), version=4)) for _ in range(20)]
    typist = Typist()
    typist.open("a.py", START + "\n".join(ids))
    assert {found.value for found in novel_tokens(typist.episode())} == set(ids)


def test_a_digest_of_what_the_episode_holds_is_not_asked_for() -> None:
    typist = Typist()
    typist.open("a.py", START)
    digests = [hashlib.new(name, START.encode()).hexdigest() for name in ("sha1", "sha256")]
    typist.open("b.py", "\n".join(digests))
    assert novel_tokens(typist.episode()) == []


def test_what_signoff_says_of_itself_is_not_listed() -> None:
    typist = Typist()
    typist.open("a.py", START)
    episode = typist.episode()
    versions = {"zstandard": "0.23", "zorpqux": "1.0"}
    header = episode.header.model_copy(update={"versions": versions})
    assert novel_tokens(replace(episode, header=header)) == []


@pytest.mark.parametrize(
    "alphabet",
    [string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_uppercase + "234567"],
    ids=["letters and digits", "hexadecimal", "base32"],
)
def test_what_a_machine_made_is_unknown(alphabet: str) -> None:
    print(f"tokens from seed {SEED}")  # noqa: T201
    source = random.Random(SEED)  # noqa: S311
    tokens = ["".join(source.choice(alphabet) for _ in range(24)) for _ in range(200)]
    assert sum(unknown_characters(token, ()) > 0 for token in tokens) >= 196


def test_words_of_the_repository_are_known() -> None:
    name = made_up(random.Random(SEED))  # noqa: S311
    own = set(words_of([f"def {name}(): pass"]))
    assert unknown_characters(f"get_{name}", ())
    assert not unknown_characters(f"get_{name}", own)


def test_a_token_typed_key_by_key_is_one_entry_with_its_places() -> None:
    token = made_up(random.Random(SEED + 1), 18)  # noqa: S311
    typist = Typist()
    typist.open("a.py", START)
    typist.type_at_end("a.py", f"# for {token} only\n")
    typist.save("a.py")
    typist.command(["make"], f"{token}: done\n")
    found = novel_tokens(typist.episode())
    assert [one.value for one in found] == [token]
    assert [place.split()[0] for place in found[0].places] == ["a.py", "step"]
    assert found[0].context == f"# for {token} only"


def test_a_token_pasted_and_taken_back_is_listed() -> None:
    token = made_up(random.Random(SEED + 2), 18)  # noqa: S311
    typist = Typist()
    typist.open("a.py", START)
    typist.edit("a.py", len(START), 0, token)
    typist.edit("a.py", len(START), len(token), "")
    typist.type_at_end("a.py", "import os\n")
    typist.save("a.py")
    assert [one.value for one in novel_tokens(typist.episode())] == [token]


@pytest.mark.parametrize("seed", range(6))
def test_the_strict_policy_masks_what_no_rule_knows(seed: int) -> None:
    token = made_up(random.Random(SEED + seed), 20)  # noqa: S311
    typist = Typist()
    typist.open("a.py", f"{START}import os\n")
    typist.type_at_end("a.py", f"# say {token} to them\n")
    typist.save("a.py")
    typist.command(["make"], f"said {token}\n")
    redacted, data = Redactor(RedactionPolicy(is_strict=True)).seal_episode(typist.episode())
    assert leaks_in_episode(redacted, [token]) == []
    assert leaks_in_bytes(data, [token]) == []
    assert set(redacted.header.masks.values()) <= {NOVEL, OPAQUE}
    assert check_replay(redacted).mismatches == ()


def test_without_the_strict_policy_a_token_that_can_be_said_stays() -> None:
    typist = Typist()
    typist.open("a.py", f"{START}# say mubalota to them\n")
    for is_strict in (False, True):
        redacted = Redactor(RedactionPolicy(is_strict=is_strict)).redact_episode(typist.episode())
        assert (b"mubalota" in redacted.blobs[0]) != is_strict
        assert list(redacted.header.masks.values()) == [NOVEL] * is_strict


def test_the_strict_policy_leaves_ordinary_code_as_it_is() -> None:
    typist = Typist()
    typist.open("a.py", f"{START}import os\n")
    typist.type_at_end("a.py", "def get_users(names):\n    return [n.strip() for n in names]\n")
    typist.save("a.py")
    before = typist.episode()
    after = Redactor(RedactionPolicy(is_strict=True)).redact_episode(before)
    assert after.edits == before.edits
    assert after.blobs == before.blobs


def test_a_day_of_new_code_lists_few_tokens() -> None:
    """The words of the commit are those of the code before; the new code uses them."""
    from importlib.util import find_spec
    from pathlib import Path

    package = find_spec("email")
    assert package is not None
    assert package.origin is not None
    files = sorted(Path(package.origin).parent.glob("*.py"))
    texts = {path.name: path.read_text("utf-8") for path in files}
    own: dict[str, int] = {}
    for word in words_of(texts.values()):
        own[word] = own.get(word, 0) + 1
    known = {word for word, count in own.items() if count >= 2}
    typist = Typist()
    size = 0
    for name, text in texts.items():
        new = text[len(text) // 2 :][:3_000]
        size += len(new)
        typist.open(name, START)
        typist.edit(name, len(START), 0, new)
        typist.save(name)
    secret = random_secret(77)
    typist.type_at_end("message.py", f"# {secret}\n")
    found = novel_tokens(typist.episode(), known)
    print(f"{len(found)} tokens in {size} characters")  # noqa: T201
    assert secret in [one.value for one in found[:3]]
    assert len(found) <= 30


def searched(query: str, editor: str) -> Episode:
    typist = Typist()
    typist.open("a.py", START)
    typist.add(SearchStep, query=query, scope="file", is_regex=True)
    episode = typist.episode()
    header = episode.header.model_copy(update={"editors": (Editor(name=editor),)})
    return replace(episode, header=header)


@pytest.mark.parametrize("atom", [r"\V", r"\v", r"\m", r"\M", r"\<", r"\c", r"\C", r"\V\c\<"])
def test_what_makes_a_search_of_vim_magic_is_no_part_of_its_words(atom: str) -> None:
    secret = made_up(random.Random(SEED))  # noqa: S311
    query = f"{atom}started\\> 😀🚀 {atom}{secret}"
    for editor in ("Neovim", "Vim"):
        (found,) = novel_tokens(searched(query, editor))
        assert found.value == secret
    assert found.places == ["step 1 /query"]


@pytest.mark.parametrize(
    "colour", ["\x1b[94m", "\x1b[39;49;00m", "\x1b]8;;file:///a\x07", "\x1b(B", "\u200b"]
)
def test_what_colours_an_output_is_no_part_of_its_words(colour: str) -> None:
    secret = made_up(random.Random(SEED), 20)  # noqa: S311
    said = f"> 😀🚀 {colour}assert{colour} count() and {colour}{secret}{colour}\n"
    typist = Typist()
    typist.open("a.py", START)
    typist.command(["pytest"], said)
    episode = typist.episode()
    (found,) = novel_tokens(episode)
    assert found.value == secret
    redacted, data = Redactor(RedactionPolicy(is_strict=True)).seal_episode(episode)
    assert leaks_in_episode(redacted, [secret]) == []
    assert leaks_in_bytes(data, [secret]) == []


def test_of_other_editors_a_search_is_read_as_it_stands() -> None:
    secret = made_up(random.Random(SEED))  # noqa: S311
    (found,) = novel_tokens(searched(f"\\V{secret}", "Visual Studio Code"))
    assert found.value == f"V{secret}"


@pytest.mark.parametrize(
    "word",
    [
        *("rowdicts", "restval", "nsmallest", "Nepali", "LC_MONETARY", "fpname"),
        *("переменная", "имя_переменной", "μεταβλητή", "größenordnung", "años_después"),
        *("%04d-%02d-%02dT%02d", "%Y-%m-%dT%H:%M:%SZ", "%dpx%04d", "#c0c0c0", "0x3c0a1f"),
    ],
)
def test_words_of_libraries_and_other_languages_and_formats_are_not_listed(word: str) -> None:
    typist = Typist()
    typist.open("a.py", f"{START}x = {word}\n")
    assert [found.value for found in novel_tokens(typist.episode())] == []


@pytest.mark.parametrize(
    "name",
    [
        *("Łukaszewicz", "Müllerstein", "Wójcicki", "Škodovák", "ÅNGSTRÖMSEN", "Überraschung"),
        *(
            "Переменная",
            "Παπαδόπουλος",
            "נתניהו",
            "السلامعليكم",
            "プログラミング",
            "日本語の文字列",
        ),
        *("Müllerstein_größe", "фильмы2024"),
    ],
)
def test_a_word_of_another_language_that_may_be_a_name_is_listed(name: str) -> None:
    typist = Typist()
    typist.open("a.py", f"{START}# to {name} only\n")
    assert [found.value for found in novel_tokens(typist.episode())] == [name]


def short_password(source: random.Random) -> str:
    """Return 8 to 12 letters and digits, one of them a digit, with one or two `%` in between."""
    alphabet = string.ascii_letters + string.digits
    parts = ["".join(source.choices(alphabet, k=source.randint(3, 4))) for _ in range(2)]
    parts += ["".join(source.choices(alphabet, k=3))] * source.randint(0, 1)
    return "%".join([*parts[:-1], f"{source.choice('23456789')}{parts[-1]}"])


def test_a_short_password_with_percent_signs_is_asked_for_as_with_other_signs() -> None:
    print(f"passwords from seed {SEED}")  # noqa: T201
    source = random.Random(SEED)  # noqa: S311
    passwords = [short_password(source) for _ in range(1000)]
    with_other = [one for one in passwords if unknown_characters(one.replace("%", "!"), ())]
    assert len(with_other) >= 300
    missed = [one for one in with_other if not unknown_characters(one, ())]
    assert len(missed) <= len(with_other) // 100, missed


@pytest.mark.parametrize(
    "place",
    ["x = {}", "x = %04d-{}", "x = #{}", "x = 0x{}", "x = restval{}", "x = ö{}", "x = 文字{}"],
)
def test_a_random_secret_where_a_known_word_stands_is_listed_or_masked(place: str) -> None:
    print(f"secrets from seed {SEED}")  # noqa: T201
    source = random.Random(SEED)  # noqa: S311
    for _ in range(100):
        secret = "".join(source.choices(string.ascii_letters + string.digits, k=16))
        typist = Typist()
        typist.open("a.py", f"{START}{place.format(secret)}\n")
        episode = typist.episode()
        listed = {found.value for found in novel_tokens(episode)}
        if not any(secret in value for value in listed):
            masked = Redactor(RedactionPolicy()).redact_episode(episode)
            assert leaks_in_episode(masked, [secret]) == [], place


@pytest.mark.parametrize("name", ["password", "db_password"])
@pytest.mark.parametrize("word", ["שלוםעולםטוב", "Переменнаяслово", "rowdictsrestval7"])
def test_what_is_no_token_alone_is_masked_where_a_name_calls_it_a_password(
    name: str, word: str
) -> None:
    typist = Typist()
    typist.open("a.py", f'{START}{name} = "{word}"\n')
    masked = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    assert word not in str(masked.blobs) + "".join(b.decode() for b in masked.blobs)


def test_names_of_published_packages_are_not_asked_about_where_they_name_one() -> None:
    typist = Typist()
    typist.open("a.py", START)
    installed = {"aiohappyeyeballs": "2", "Snowball_Stemmer": "1", "snowballstemmer": "3"}
    typist.add(EnvironmentStep, env=0, installed=installed)
    assert [one.value for one in novel_tokens(typist.episode())] == []
    secret = made_up(random.Random(SEED), 16)  # noqa: S311
    typist.add(EnvironmentStep, env=1, installed={f"aiohappyeyeballs-{secret}": "2"})
    assert secret in str(novel_tokens(typist.episode()))
