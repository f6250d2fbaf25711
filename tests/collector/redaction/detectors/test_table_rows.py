"""Rows below a head are looked through once, however many of them look like heads too."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.leaks import random_secret

from signoff_collector.redaction.detectors.assigned import find_assigned
from signoff_collector.redaction.detectors.beside import find_beside
from signoff_collector.redaction.detectors.columns import MOST_ROWS, find_in_statements
from signoff_collector.redaction.detectors.detectors import find_settled
from signoff_collector.redaction.interface import Identities
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable

MARKS = "😀𝄞"


def found(text: str) -> set[str]:
    return {text[one.start : one.end] for one in find_beside(text)}


def test_a_table_of_which_every_row_names_a_secret_comes_to_an_end() -> None:
    value = random_secret(31, 24)
    rows = [f"token, name{number}, ok" for number in range(3 * MOST_ROWS)]
    text = "\n".join([MARKS, *rows, f"{value}, name, ok", MARKS])
    masker = StringMasker(SecretsTable(IdentityPatterns(Identities())))
    masker.learn(text)
    masked = masker.mask(text)
    assert value not in masked
    assert masked.count(MARKS) == 2
    assert masked.count("token, name") == len(rows)


def test_a_second_head_right_below_the_rows_of_a_first_one_has_its_own() -> None:
    first, second, third = (random_secret(seed, 24) for seed in (32, 33, 34))
    lines = ["token | name", f"{first} | one {MARKS}", "name | password", f"two | {second}"]
    text = "\n".join([*lines, f"three | {third}"])
    assert {first, second, third} <= found(text)


def test_a_row_far_behind_blanks_is_read_as_quickly_as_any() -> None:
    value = random_secret(35, 24)
    blanks = " " * 200_000
    assert value in found(f"name,password\nx{blanks}y{MARKS},{value}{blanks}\n")


def test_a_name_far_before_blanks_comes_to_an_end() -> None:
    value = random_secret(37, 24)
    blanks = " " * 20_000
    text = f"password {blanks}({MARKS}\npassword ={blanks}'{value}'\n"
    assert value in {text[one.start : one.end] for one in find_assigned(text)}


def test_a_value_of_nothing_but_capitals_comes_to_an_end() -> None:
    value = random_secret(38, 24)
    text = f"password = '{'A' * 400}'\npassword {'A' * 250}!{MARKS}\npassword = '{value}'\n"
    assert value in {text[one.start : one.end] for one in find_assigned(text)}


def test_a_statement_of_nothing_but_quotes_comes_to_an_end() -> None:
    value = random_secret(36, 24)
    head, quotes = "INSERT INTO u (name, password) VALUES ", "'" * 2001
    text = f"{head}({quotes}\\\n{head}('{MARKS} it''s', '{value}');\n"
    assert value in {text[one.start : one.end] for one in find_in_statements(text)}


NAMES = st.from_regex(r"[a-z]{3,9}(?:_[a-z]{3,9}){0,2}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(NAMES, min_size=1, max_size=4),
    value=st.sampled_from(("{}", "True", "None", "1.5", '"{}-{}"', "[{}]", "self.{}")),
    head=st.sampled_from(('        "--password",', "    check_password,", "  'api_token',")),
)  # fmt: skip
def test_arguments_below_a_telling_name_are_code(names: list[str], value: str, head: str) -> None:
    rows = [f"        {name}={value.format(name, name)}," for name in names]
    assert found("\n".join([f"{MARKS} f(", head, *rows, "    )"])) == set()


@pytest.mark.parametrize("row", ["@click.pass_context", "from django.utils.crypto import salted"])
def test_decorators_and_imports_below_a_telling_name_are_code(row: str) -> None:
    assert found(f"    check_password,\n{row}\n") == set()


@pytest.mark.parametrize(
    "line", ["x = key[0].toUpperCase() + rest;", "if (lowerKeys.has(key.toLowerCase())) return"]
)
def test_items_and_calls_behind_a_key_are_code(line: str) -> None:
    assert find_settled(line) == []
