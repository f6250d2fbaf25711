"""Strings outside the texts: wraps, colours, cuts, arguments, structure."""

from __future__ import annotations

import random
import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import random_secret, windows
from tests.support.typist import Typist

from signoff_collector.redaction.interface import Identities, RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.strings.step_strings import map_strings, strings_of
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable, Span, merge_spans
from signoff_schemas.cases import Cases
from signoff_schemas.steps import CommandStep, GitStep, TestsStep
from signoff_schemas.values import DiskFile, Output, TestCase

pytestmark = pytest.mark.slow


def masker(*values: str) -> StringMasker:
    table = SecretsTable(IdentityPatterns(Identities()))
    for value in values:
        table.learn("SECRET", value, is_exact=True)
    return StringMasker(table)


@pytest.mark.parametrize(
    "form",
    [
        "{0}",
        "\x1b[31m{1}\x1b[1m{2}\x1b[0m",
        "{1}\x1b(B\x1b[m{2}\x1b7",
        "{1}\n{2}",
        "+ {1}\n+ {2}",
        "| {1}\r\n| {2}",
        "{1}\n    {2}",
        "é{0}é",
    ],
)
@pytest.mark.parametrize("seed", range(6))
def test_a_known_value_is_found_through_wraps_and_colours(form: str, seed: int) -> None:
    secret = random_secret(seed, 24)
    text = form.format(secret, secret[:11], secret[11:])
    shown = masker(secret).mask(f"before {text} after 😀🚀")
    flat = "".join(char for char in shown if char.isalnum())
    assert not any(one in flat for one in windows(secret))
    assert shown.startswith("before ")
    assert shown.endswith(" after 😀🚀")


def test_the_same_secret_has_the_same_number_and_others_have_others() -> None:
    one, two = random_secret(1), random_secret(2)
    shown = masker(one, two).mask(f"{two} {one} {two[:12]}")
    assert shown == "REDACTED_SECRET_1 REDACTED_SECRET_2 REDACTED_SECRET_1"


def test_an_argument_after_a_secret_flag_is_masked_whatever_it_is() -> None:
    typist = Typist()
    typist.command(["login", "--password", "falcon", "--user", "someone"])
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    (step,) = redacted.steps
    assert isinstance(step, CommandStep)
    assert step.argv == ("login", "--password", "REDACTED_PASSWORD_1", "--user", "someone")


def test_half_a_token_at_the_cut_of_an_output_is_masked() -> None:
    typist = Typist()
    typist.add(
        CommandStep,
        argv=("make",),
        output_state="head_tail",
        output=Output(head="ok\nid=a8Zr0t", tail="7Uv2 end\n", middle_bytes=999),
    )
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    (step,) = redacted.steps
    assert isinstance(step, CommandStep)
    assert step.output is not None
    assert step.output.head == "ok\nREDACTED_CUT_1"
    assert step.output.tail == "REDACTED_CUT_2 end\n"
    assert step.output.middle_bytes == 1024


def test_every_free_string_is_visited_and_no_fixed_one() -> None:
    step = TestsStep(
        seq=0,
        t_ns=0,
        source="run",
        run_id="r",
        framework="pytest",
        argv=("a", "b"),
        cases=Cases([TestCase(id="t", outcome="failed", message="m")]),
        disk=(DiskFile(path="p", sha256="0" * 64, mode="100644"),),
    )
    pointers = dict(strings_of(step))
    assert set(pointers) == {
        "/run_id",
        "/framework",
        "/argv/0",
        "/argv/1",
        "/cases/0/id",
        "/cases/0/message",
        "/disk/0/path",
    }
    assert pointers["/cases/0/message"] == "m"
    assert map_strings(step, lambda _, text: text) is step


def test_names_in_tables_are_visited_too() -> None:
    step = GitStep(seq=0, t_ns=0, source="git", operation="commit", dirty={"modified": 2})
    shown = map_strings(step, lambda _, text: text.upper())
    assert shown.dirty == {"MODIFIED": 2}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(1, 3))))
def test_merged_spans_are_in_order_and_apart(spans: list[tuple[int, int, int]]) -> None:
    merged = merge_spans(Span(low, low + length, group) for low, length, group in spans)
    covered = {at for low, length, _ in spans for at in range(low, low + length)}
    assert {at for span in merged for at in range(span.start, span.end)} == covered
    for one, other in pairwise(merged):
        assert one.end <= other.start


@given(st.text(max_size=300))
def test_any_string_can_be_masked(text: str) -> None:
    shown = masker(random_secret(1)).mask(text)
    assert shown or not text


@pytest.mark.parametrize("form", ["API_TOKEN={}", '"secret": "{}",', "{}", "got {} from x"])
@pytest.mark.parametrize("wrap", ["\n", "\r\n", "\n    "])
@pytest.mark.parametrize("more", ["", "+/=", "-_"])
def test_a_token_that_a_terminal_wraps_goes_as_a_whole(form: str, wrap: str, more: str) -> None:
    print("seed 20261123")  # noqa: T201
    source = random.Random(20_261_123)  # noqa: S311
    alphabet = string.ascii_letters + string.digits
    left = total = 0
    for _ in range(40):
        inner = "".join(source.choices(alphabet + more, k=source.choice([22, 30, 46])))
        token = f"a{inner}Z"
        row = " " * (80 - source.randint(1, len(token) - 1) - form.find("{")) + form.format(token)
        fresh = masker()
        text = f"start\n{row[:80]}{wrap}{row[80:]}\ndone ok\n"
        fresh.learn(text)
        shown = fresh.mask(text).replace(wrap, "")
        total += 1
        left += any(token[at : at + 6] in shown for at in range(len(token) - 5))
        assert "done ok" in shown
    assert left <= total // 20
