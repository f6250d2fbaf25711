"""Secrets in forms that an outside trial found to leak: stores, seeds, dumps, calls, tables."""

from __future__ import annotations

import base64
import random
import string
import struct
from collections.abc import Callable

import pytest
from tests.support.leaks import leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.detectors.detectors import find_key_blocks, find_settled
from signoff_collector.redaction.detectors.personal import find_personal
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.strings.string_views import whole_views

SEEDS = range(6)
WORD_LIST = (
    "apple cloud lemon garden bridge meadow rocket violin anchor basket candle dragon falcon guitar"
    " island jacket kitten magnet needle orange rabbit stone"
)
WORDS = WORD_LIST.split()
START = "# 😀🚀\n"


def source_of(seed: int) -> random.Random:
    return random.Random(f"outside {seed}")  # noqa: S311


def human(source: random.Random) -> str:
    """Return a password as people make them."""
    return source.choice(WORDS).title() + str(source.randrange(100, 9999)) + source.choice("!?$")


def lines_of(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


def sealed(text: str, known: tuple[str, ...] = (), *, is_output: bool = False) -> str:
    """Return what is shown of a text that was pasted and saved, or printed."""
    typist = Typist()
    typist.open("a.py", START)
    if is_output:
        typist.command(["make"], text)
    else:
        typist.edit("a.py", len(START), 0, text)
    typist.save("a.py")
    redacted = Redactor(RedactionPolicy(exact_values=of_values(list(known)))).redact_episode(
        typist.episode()
    )
    states = b"\n".join(redacted.blobs).decode()
    said = "".join(str(step.model_dump()) for step in redacted.steps)
    return states + redacted.edits.text + said


def store(seed: int) -> str:
    """Return the base64 of something with the form of a PKCS#12 store or a key in DER."""
    source = source_of(seed)
    heads = ("0201033082", "020100300d0609", "02010002820101", "020100301306072a")
    body = bytes.fromhex(heads[seed % len(heads)]) + source.randbytes(700)
    return base64.b64encode(b"\x30\x82" + struct.pack(">H", len(body)) + body).decode()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("before", "between", "after"),
    [("P12 = (\n    '", "'\n    '", "')\n"), ('x = "', "\\n", '"\n'), ("k: |\n  ", "\n  ", "\n")],
)
def test_a_key_store_over_several_lines_is_gone(
    before: str, between: str, after: str, seed: int
) -> None:
    whole = store(seed)
    shown = sealed(before + between.join(lines_of(whole, 64)) + after + "done = 1\n")
    assert not any(line[8:20] in shown for line in lines_of(whole, 64)[:-1])
    assert "done = 1" in shown


def test_a_certificate_is_no_key() -> None:
    body = b"\x30\x82\x02\x00\xa0\x03\x02\x01\x02" + source_of(1).randbytes(600)
    text = base64.b64encode(b"\x30\x82\x03\x00" + body).decode()
    assert find_key_blocks("\n".join(lines_of(text, 64))) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("sign", [" ", "-"])
@pytest.mark.parametrize("alphabet", ["ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijkmnpqr234567"])
def test_a_seed_in_groups_of_four_is_found(alphabet: str, sign: str, seed: int) -> None:
    source = source_of(seed)
    text = sign.join("".join(source.choices(alphabet, k=4)) for _ in range(8))
    hits = find_settled(f"💡 {text}\n")
    assert any(hit.start <= 2 and hit.end >= 2 + len(text) for hit in hits)


@pytest.mark.parametrize("text", ["this that with from them then", "ABCD EFGH IJKL MNOP QRST UVWX"])
def test_words_and_alphabets_of_four_letters_stay(text: str) -> None:
    assert find_settled(text) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "template",
    ['account_number = "{}"', "Kontonummer: {}", "// pay to account no. {}, thanks", "routing: {}"],
)
def test_the_number_of_an_account_is_known_by_its_word(template: str, seed: int) -> None:
    number = str(source_of(seed).randrange(10**8, 10**9))
    line = template.format(number)
    found = [line[hit.start : hit.end] for hit in find_personal(line)]
    assert number in found or len(set(number)) < 4


@pytest.mark.parametrize("text", ["account_id = 12", "account created 2026-11-22", "accountant 99"])
def test_other_numbers_beside_an_account_stay(text: str) -> None:
    assert find_personal(text) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("template", ["# {}", "restore: {}", "<p>{}</p>", "wallet({})"])
def test_recovery_words_are_found_by_their_number(template: str, seed: int) -> None:
    text = " ".join(source_of(seed).sample(WORDS, 12))
    assert any(hit.rule == "phrase" for hit in find_settled(template.format(text)))


def xxd(data: bytes) -> str:
    rows = [data[at : at + 16] for at in range(0, len(data), 16)]
    pairs = [" ".join(row[at : at + 2].hex() for at in range(0, len(row), 2)) for row in rows]
    ends = ["".join(chr(byte) if 32 <= byte < 127 else "." for byte in row) for row in rows]
    return "".join(
        f"{at * 16:08x}: {cells:<39}  {end}\n"
        for at, (cells, end) in enumerate(zip(pairs, ends, strict=True))
    )


def od_x(data: bytes) -> str:
    data += b"\n" * (len(data) % 2)
    rows = [data[at : at + 16] for at in range(0, len(data), 16)]
    return "".join(
        f"{at * 16:07o} {' '.join(f'{one:04x}' for (one,) in struct.iter_unpack('<H', row))}\n"
        for at, row in enumerate(rows)
    )


def od_c(data: bytes) -> str:
    rows = [data[at : at + 16] for at in range(0, len(data), 16)]
    cells = [[chr(byte) if byte > ord(" ") else "\\n" for byte in row] for row in rows]
    return "".join(
        f"{at * 16:07o} {' '.join(cell.rjust(3) for cell in row)}\n" for at, row in enumerate(cells)
    )


def codes(data: bytes) -> str:
    return "x = [" + ", ".join(map(str, data)) + "]\n"


@pytest.mark.parametrize("is_output", [False, True])
@pytest.mark.parametrize("dump", [xxd, od_x, od_c, codes])
@pytest.mark.parametrize("seed", range(3))
def test_what_a_dump_says_is_found(
    dump: Callable[[bytes], str], seed: int, *, is_output: bool
) -> None:
    secret = random_secret(900 + seed, 30)
    text = dump(f"password={secret}\n".encode() if dump is not codes else secret.encode())
    shown = sealed(text, is_output=is_output)
    said = "".join(view.text for view in whole_views(shown))
    assert not any(secret[at : at + 6] in said for at in range(12))
    assert not any(row.split()[3:6] and " ".join(row.split()[3:6]) in shown
                   for row in text.split("\n")[1:2])  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "template",
    ['login("shop", "{}")', "await page.signIn('me', '{}');", 'smtp.login(USER, "{}")',
     'new NetworkCredential("svc", "{}")', 'connect("db1", "app", "{}", "shop")',
     'User.authenticate(name, "{}")', 'create_user("bob", "b@example.org", "{}")'],
)  # fmt: skip
def test_a_word_like_password_is_told_by_the_call(template: str, seed: int) -> None:
    value = human(source_of(seed))
    line = template.format(value)
    assert value in {line[hit.start : hit.end] for hit in find_settled(line)}


@pytest.mark.parametrize(
    "line",
    ['connect("db.example.org", 5432, "utf8mb4")', 'login("Sommer")', 'bind("v1", "host-12")'],
)
def test_other_arguments_of_such_calls_stay(line: str) -> None:
    assert find_settled(line) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_a_known_value_is_known_in_other_case(change: Callable[[str], str], seed: int) -> None:
    value = human(source_of(seed))
    text = change(value)
    assert text not in sealed(f"host {text} up\n", (value,))


@pytest.mark.parametrize("is_output", [False, True])
@pytest.mark.parametrize(
    "table",
    ["| name | password |\n|---|---|\n| a | {} |\n| b | {} |\n| c | {} |\n",
     "user;password\na;{}\nb;{}\nc;{}\n",
     "user\tpassword\trole\na\t{}\tx\nb\t{}\tx\nc\t{}\tx\n",
     " name | passwd\n------+-------\n a | {}\n b | {}\n c | {}\n",
     "INSERT INTO u (mail, password) VALUES\n  ('a', '{}'),\n  ('b', '{}'),\n  ('c', '{}');\n",
     "INSERT INTO u (mail, password) VALUES ('a', '{}'), ('b', '{}'), ('c', '{}');\n"],
)  # fmt: skip
def test_every_row_of_a_table_is_looked_at(table: str, *, is_output: bool) -> None:
    source = source_of(7)
    values = [human(source) for _ in range(3)]
    shown = sealed(table.format(*values), is_output=is_output)
    assert [value for value in values if value in shown] == []


def test_rows_that_are_typed_later_are_masked_in_every_state() -> None:
    typist = Typist()
    typist.open("a.csv", f"{START}user;password\n")
    secrets = [random_secret(950 + row, 12) for row in range(8)]
    for row, secret in enumerate(secrets):
        typist.type_at_end("a.csv", f"u{row};{secret}\n")
    typist.save("a.csv")
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    assert leaks_in_episode(redacted, secrets) == []


def test_alphabets_as_codes_stay() -> None:
    letters = string.ascii_letters.encode()
    assert codes(letters) in sealed(codes(letters))
