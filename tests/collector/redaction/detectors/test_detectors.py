"""Shapes of secrets; every sample is made from a printed seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import random_secret

from signoff_collector.redaction.detectors.detectors import (
    find_secrets,
    find_settled,
    is_opaque,
    is_wordlike,
)

pytestmark = pytest.mark.slow


def found(text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in find_secrets(text)]


@pytest.mark.parametrize(
    "line",
    [
        'password = "{}"',
        "password: '{}'",
        '"api_key": "{}",',
        "export DB_PASSWORD={}",
        'self.auth_token: str = "{}"',
        'headers = {{"Authorization": "Bearer {}"}}',
        "Authorization: Basic {}",
        "https://user:{}@host.example/path",
        "client.secret => `{}`",
        'pwd = "{}',
        "curl --token {}",
        "ARG DB_PASSWORD={}",
        "<db:password>{}</db:password>",
        "read -r PASSWORD <<< '{}'",
        "${{DB_PASSWORD:-{}}}",
        'password = os.environ.get("X") or "{}"',
        "mysql -u root -p{} shop",
        "sshpass -p '{}' ssh host",
        "db.example.org:5432:shop:app:{}",
        "machine example.org login ada password {}",
        "Server=db;User Id=sa;Password={};Encrypt=yes",
        "ALTER USER app IDENTIFIED BY '{}'",
        'public string Password {{ get; set; }} = "{}";',
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_assignments_urls_and_headers_are_recognised(line: str, seed: int) -> None:
    secret = random_secret(seed, 20)
    assert secret in found(line.format(secret))


@pytest.mark.parametrize(
    "line",
    [
        "token = get_token(config)",
        "self.password = password",
        'token = os.environ["TOKEN"]',
        "for token in tokens: print(token)",
        '"password": "Password is required"',
        "secret = ${SECRET}",
        'api_key = "<your key>"',
        "tokens = tokenize2(text)",
        'password = "REDACTED_PASSWORD_1"',
        "Token: '#dcdccc',",
        'key = "name"',
        "def test_password_is_checked_twice(self):",
        "https://example.org/a@b",
        "sk_live = 3",
        "basic authentication 2",
        "return this.finishToken(tok.jsxText, out);",
        "refreshToken(user.accessTokenExpiry)",
    ],
)
def test_ordinary_code_is_left_alone(line: str) -> None:
    assert found(line) == []


@pytest.mark.parametrize("is_closed", [True, False])
def test_private_keys_are_recognised_while_they_are_typed(*, is_closed: bool) -> None:
    body = "\n".join(random_secret(line, 64) for line in range(5))
    begin, end = "-----BEGIN EC PRIVATE KEY-----", "-----END EC PRIVATE KEY-----"
    text = f"x = '''{begin}\n{body}\n{end if is_closed else ''}"
    assert any(body in one for one in found(text))


def test_a_token_is_found_in_escapes_and_in_literals_that_are_joined() -> None:
    secret = random_secret(9, 24)
    escaped = "".join(f"\\x{ord(char):02x}" for char in secret)
    listed = ", ".join(f"'{char}'" for char in secret)
    for line in (f'x = "{escaped}"', f"x = [{listed}]", f'x = "{secret[:9]}" + "{secret[9:]}"'):
        (hit, *_) = find_settled(f"# 😀🚀 {line}")
        assert hit.end - hit.start >= len(secret), line


def test_words_are_not_opaque_and_random_letters_are() -> None:
    for word in ("password", "get_user_name", "correct-horse-battery", "HttpClientFactory2"):
        assert is_wordlike(word), word
    for seed in range(20):
        assert is_opaque(random_secret(seed, 16))


@given(st.text(max_size=400))
def test_any_text_can_be_looked_at(text: str) -> None:
    for hit in find_settled(text):
        assert 0 <= hit.start < hit.end <= len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "password=",
        "eyJ",
        "-----BEGIN PRIVATE KEY-----\n",
        "a:b@",
        '"',
        "token ",
        "A_a1",
        "://a:",
        "key:",
        "'a',",
        "\\x41",
        "<password>",
        "<",
        "pass",
        "a.b/",
        "🚀😀",
    ],
)
def test_long_lines_of_one_piece_do_not_take_for_ever(piece: str) -> None:
    find_settled(piece * 5_000)
