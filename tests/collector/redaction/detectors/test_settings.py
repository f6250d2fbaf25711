"""Values that a flag, a variable before a command, or their place in a command reveals."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.redaction.detectors.detectors import find_settled
from signoff_collector.redaction.randomness.novel import tokens_in, unknown_characters

SEED = 20_261_123
NAMED = (
    "PGPASSWORD={} psql -h db -U app", "cd /x && DB_PASSWORD={} make",
    "env MYSQL_PWD={} mysql -u root",
    "docker run -e POSTGRES_PASSWORD={} postgres:16", "mysqldump --password={} shop",
    "jdbc:oracle:thin:app/{}@//db:1521/x", 'url = "jdbc:oracle:thin:app/{}@db1:1521:xe"',
    "net use Z: \\\\fs1\\build {}", "net use \\\\fs1\\build /user:CORP\\bob {}",
    "sqlplus app/{}@db",
)  # fmt: skip
"""Where any literal is a password, also one of letters only."""
DRAWN = (
    "env API_TOKEN={} make", "API_KEY={} ./run.sh --x", "tool --api-key {}", "tool --api-key={} up",
    "gh auth --token {}", "connecting with user=app password={}", "use api_key = {} for the test",
    "api_key = {}", "api_key: {}", "tool --password {} shop",
)  # fmt: skip
"""Where a value counts that is not made of words."""
ALPHABETS = (string.ascii_lowercase, string.ascii_letters, string.ascii_letters + string.digits)
ORDINARY = (
    "docker login -u me --password-stdin registry01.example-host.com",
    "def pass_context(f: t.Callable[P, R]) -> t.Callable[P, R]:",
    'def pass_context(f: "t.Callable[te.Concatenate[Context, P], R]") -> "t.Callable[P, R]":',
    "  OTP/OTPInput.d.ts:3:1 error TS2304",
    "modified: src/token/TokenInput2.test.tsx",
    "usage: tool --password PASSWORD --api-key API_KEY",
    "connect(password=password, token=self.token)",
    "    password=settings.database_password",
    "the --password option is required",
    "net use Z: /delete",
    "jdbc:oracle:thin:@//db:1521/x",
)


def drawn(source: random.Random, alphabet: str, length: int) -> str:
    return source.choice(string.ascii_lowercase) + "".join(source.choices(alphabet, k=length - 1))


def share_found(templates: tuple[str, ...], alphabet: str, length: int) -> float:
    print(f"seed {SEED}")  # noqa: T201
    source = random.Random(f"{SEED} {alphabet} {length}")  # noqa: S311
    found = total = 0
    for template in templates:
        for _ in range(30):
            value = drawn(source, alphabet, length)
            line = template.format(value)
            start = line.find(value)
            total += 1
            found += any(
                hit.start <= start and start + length <= hit.end for hit in find_settled(line)
            )
    return found / total


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("length", [8, 10, 16])
def test_a_literal_where_only_a_password_stands_is_found(alphabet: str, length: int) -> None:
    assert share_found(NAMED, alphabet, length) >= 0.99


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("length", [8, 10, 16])
def test_a_value_without_words_beside_a_name_is_found(alphabet: str, length: int) -> None:
    assert share_found(DRAWN, alphabet, length) >= 0.9


@pytest.mark.parametrize("start", ["w", "wx", "key", "ab_", "acme-"])
@pytest.mark.parametrize("length", [10, 12, 16, 24, 32])
def test_hexadecimal_behind_its_issuers_letters_is_found_beside_a_name(
    start: str, length: int
) -> None:
    print(f"seed {SEED}")  # noqa: T201
    source = random.Random(f"{SEED} {start} {length}")  # noqa: S311
    values = [start + "".join(source.choices("0123456789abcdef", k=length)) for _ in range(200)]
    lines = [f'export ACME_API_KEY="{value}"' for value in values]
    lines += [f"acme_token: {value}" for value in values]
    found = sum(
        any(line[hit.start : hit.end] == value for hit in find_settled(line))
        for line, value in zip(lines, values * 2, strict=True)
    )
    assert found >= 0.95 * len(lines)


@pytest.mark.parametrize("line", ORDINARY)
def test_what_no_value_is_stays(line: str) -> None:
    assert find_settled(line) == []


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_a_password_among_unnamed_arguments_is_found_or_asked_for(alphabet: str) -> None:
    source = random.Random(SEED)  # noqa: S311
    left = 0
    for _ in range(100):
        value = drawn(source, alphabet, 10)
        line = f'box = Mailbox("imap", "ops", "{value}")'
        asked = any(value in one and unknown_characters(one, ()) for one in tokens_in(line))
        left += not (asked or find_settled(line))
    assert left <= 2


@pytest.mark.parametrize("mark", ['"""', "'''"])
def test_a_docstring_below_a_literal_is_not_joined_to_it(mark: str) -> None:
    print(f"seed {SEED}")  # noqa: T201
    value = drawn(random.Random(SEED), string.ascii_letters + string.digits, 32)  # noqa: S311
    text = f"API_TOKEN = '{value}'\n        {mark}Given a line"
    assert all(hit.end <= text.find(mark) for hit in find_settled(text))
    joined = f"API_TOKEN = ('{value[:16]}'\n        '{value[16:]}')"
    assert any(value[16:] in joined[hit.start : hit.end] for hit in find_settled(joined))


@given(
    number=st.integers(10**13, 10**19 - 1),
    line=st.sampled_from(
        ("; asana_api_key={}", "./deploy --ACME_TOKEN={}", "pass={}", "# password: {}",
         "api_key: {}", "acme_secret = {};", "export ACME_TOKEN={}")
    ),
)  # fmt: skip
def test_a_long_number_behind_a_telling_name_is_a_secret(number: int, line: str) -> None:
    value = str(number)
    if len(set(value)) < 4 or value.startswith(("1", "20")):  # times are no secrets
        return
    text = line.format(value)
    start = text.index(value)
    assert any(
        hit.start <= start and hit.end >= start + len(value) for hit in find_settled(text)
    ), text


@pytest.mark.parametrize(
    "line", ["token=1712345678901234567", "session_token = 20261123174501", "key: 1712345678901"]
)
def test_a_time_behind_a_telling_name_stays(line: str) -> None:
    assert find_settled(line) == []
