"""Shapes of personal data: what is found in every spelling, and what stays in source code."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.redaction.detectors.personal import find_personal

SEEDS = range(8)
PHONES = (
    "+49 30 ######", "+49 (0)30 ######-#", "0049-30-#######", "(030) 9##### ##", "030/9#######",
    "+44 20 7### ####", "020 7### ####", "+33 6 ## ## ## ##", "06 ## ## ## ##", "06.##.##.##.##",
    "+1 (4#2) 7##-####", "(4#2) 7##-####", "4#2-7##-####", "4#2.7##.####", "1-4#2-7##-####",
    "+91 9#### #####", "+81 90-####-####", "090-####-####", "+55 (11) 9####-####",
    "+7 (912) ###-##-##", "8 (912) ###-##-##", "+61 4## ### ###", "04## ### ###",
    "+34 6## ## ## ##", "+39 06 #### ####", "+41 44 6## ## ##", "+31 20 ### ####",
    "+46 8-### ### ##", "+48 6## ### ###", "+353 1 ### ####", "+972 5#-###-####",
    "+82 10-####-####", "010-####-####", "138 #### ####", "+8613########", "+49170#######",
    "+1415#######",
)  # fmt: skip
TOLD = ("phone: 4##7######", 'tel = "98#######"', "Mobile 07#########", "call me at 98### #####")
CONTEXTS = ("{}", "x = '{}'", "# reach {} 😀🚀", '{{"a": "{}"}}', "<{}>", "at {}, or not", "{}.")


def filled(pattern: str, source: random.Random) -> str:
    return re.sub("#", lambda _: source.choice("0123456789"), pattern)


def found(text: str, kind: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in find_personal(text) if hit.kind == kind]


def with_luhn(digits: str) -> str:
    """Return the digits with a last one that makes the checksum right."""
    doubled = [sum(map(int, str(2 * int(digit)))) for digit in reversed(digits)][::2]
    plain = [int(digit) for digit in reversed(digits)][1::2]
    return digits + str(-(sum(doubled) + sum(plain)) % 10)


def iban(country: str, length: int, source: random.Random) -> str:
    body = "".join(source.choice("0123456789") for _ in range(length - 4))
    number = int(body + "".join(str(int(char, 36)) for char in country) + "00")
    return f"{country}{98 - number % 97:02}{body}"


@pytest.mark.parametrize("pattern", PHONES)
@pytest.mark.parametrize("context", CONTEXTS)
def test_a_phone_number_is_found_in_the_spelling_of_its_country(pattern: str, context: str) -> None:
    source = random.Random(f"phone {pattern}")  # noqa: S311
    for _ in SEEDS:
        number = filled(pattern, source)
        assert found(context.format(number), "PHONE") == [number]


@pytest.mark.parametrize("pattern", TOLD)
def test_a_number_after_a_telling_word_is_a_phone_number(pattern: str) -> None:
    source = random.Random(f"told {pattern}")  # noqa: S311
    for _ in SEEDS:
        text = filled(pattern, source)
        (number,) = found(text, "PHONE")
        digits = re.sub(r"\D", "", text)
        assert re.sub(r"\D", "", number) == digits


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("seed", SEEDS)
def test_addresses_cards_and_accounts_are_found(context: str, seed: int) -> None:
    source = random.Random(f"personal {seed}")  # noqa: S311
    name = "".join(source.choice("abcdefghijklmnop") for _ in range(6))
    mail = f"{name}.müller+tag@{name[::-1]}.{source.choice(['de', 'com', 'io', 'co.uk'])}"
    four = f"{source.randrange(60, 120)}.{source.randrange(256)}.{source.randrange(99)}.77"
    six = f"2a0{seed}:{source.randrange(4096, 65536):x}::{source.randrange(1, 65536):x}"
    card = with_luhn("4" + "".join(source.choice("0123456789") for _ in range(14)))
    account = iban(*source.choice([("DE", 22), ("FR", 27), ("NO", 15), ("ES", 24)]), source)
    spaced = " ".join(account[at : at + 4] for at in range(0, len(account), 4))
    grouped = "-".join(card[at : at + 4] for at in range(0, 16, 4))
    for kind, value in [
        ("EMAIL", mail), ("EMAIL", mail.replace("@", "%40")), ("IP", four), ("IP", six),
        ("CARD", card), ("CARD", grouped), ("IBAN", account), ("IBAN", spaced),
    ]:  # fmt: skip
        assert found(context.format(value), kind) == [value]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_number_with_a_wrong_check_digit_is_none(seed: int) -> None:
    source = random.Random(f"wrong {seed}")  # noqa: S311
    card = with_luhn("51" + "".join(source.choice("0123456789") for _ in range(13)))
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    account = iban("DE", 22, source)
    swapped = account[:-1] + str((int(account[-1]) + 1) % 10)
    assert find_personal(f"{wrong} {swapped}") == []


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3.4", "pip==23.1.155.2", "v120.0.6099.109", "Chrome/120.0.6099.109",
        "2026-11-22T13:58:01.123456+00:00", "1732283881123", "1732283881.123456", "20261122135801",
        "0.0.0.1", "127.0.0.1:8000", "192.0.2.17", "203.0.113.9", "255.255.255.0", "8.8.8.8",
        "::1", "2001:db8::7", "std::vector", "12:34:56", "a::b", "fe::", "dead::beef",
        "M12.5 30.25c1.1 0 2-.9 2-2s-.9-2-2-2", "M 100 200 300 400 500 600",
        "0x4b3c 0x1234 0xffff", "0000: 4539 1488 0343 6467 7265 7374", "deadbeef12345678",
        "550e8400-e29b-41d4-a716-446655440000", "4111 1111 1111 1111", "4242424242424242",
        "378282246310005", "isbn 978-3-16-148410-0", "test_case_1234567890", "#1234567",
        "@pytest.fixture", "a @ b.T", "git@github.com:owner/name.git", "user@example.com",
        "icon@2x.png", "noreply@github.com", "+12345", "x + 100000000", "range(1000000, 9999999)",
        "10.0.0.1", "3.14159265358979", "1234567890123456", "2147483647", "-9223372036854775808",
        "(1024, 768)", "0755", "12-34-56", "1e10", "100,000,000", "GB82WEST12345698765431",
    ],
)  # fmt: skip
def test_what_source_code_is_full_of_is_no_personal_data(text: str) -> None:
    assert find_personal(text) == []
    assert find_personal(f"😀 {text} 🚀") == []


@given(st.text(max_size=200))
def test_hits_are_in_order_and_apart_in_any_text(text: str) -> None:
    hits = find_personal(text)
    assert all(one.end <= other.start for one, other in pairwise(hits))
    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)


@pytest.mark.parametrize("piece", ["0", "1 ", "(1", "1.", "a@", "1:", "::", "DE12", "12-", "+1 "])
def test_a_long_line_of_anything_is_looked_at_in_bounded_work(piece: str) -> None:
    assert len(find_personal(piece * 20_000)) < 20_000
