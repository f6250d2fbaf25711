"""What looks like a secret is masked on its owner's screen, and one's own names are not."""

from __future__ import annotations

import random
import string

import pytest
from tests.support.shapes import CONTEXTS, example, windows_left, word_beside

from signoff_collector.redaction.detectors.detectors import Detectors
from signoff_collector.redaction.rules import RULES
from signoff_collector.redaction.rules_as_needed import NeededDetectors
from signoff_collector.redaction.shape_mask import ShapeMask

pytestmark = pytest.mark.usefixtures("compiled_rules")
SEED = 20261123


def password(source: random.Random) -> str:
    return "phunter" + "".join(source.choices(string.ascii_lowercase + string.digits, k=9)) + "7"


def test_rules_made_ready_when_needed_find_what_all_of_them_find() -> None:
    source = random.Random(SEED)  # noqa: S311
    every, needed = Detectors(), NeededDetectors()
    for rule in RULES:
        token = example(rule, source)
        named = f"{word_beside(rule)} = {token}" if rule.beside else token
        for context in source.sample(CONTEXTS, 2):
            text = context.format(named)
            assert needed.find_settled(text) == every.find_settled(text), rule.name


def test_tokens_and_passwords_are_masked_wherever_they_stand() -> None:
    source = random.Random(SEED)  # noqa: S311
    mask = ShapeMask().mask
    github = next(rule for rule in RULES if rule.name == "github-personal")
    for _ in range(20):
        token, secret = example(github, source), password(source)
        for text, value in (
            (f"git push https://me:{token}@example.com/x.git 😀𝄞", token),
            (f"mysql -u root -{secret} shop", secret[1:]),
            (f"first line\n+export GH_TOKEN={token}\nlast line", token),
            (f'{{"line": "curl -H \\"Authorization: Bearer {token}\\""}}', token),
            (f"\x1b[31m{token[:10]}\x1b[0m{token[10:]} was refused", token[10:]),
        ):
            shown = mask(text)
            assert not windows_left(shown, value, []), text
            assert "REDACTED_VALUE" in shown
            assert mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "checkout: moving from main to feature/trim-8a54d2a",
        "commit 8a54d2a668e8c0ffee00112233445566778899aa",
        "moving to 8a54d2a668e8c0ffee00112233445566778899aa",
        "8a54d2a668e8c0ffee00112233445566778899aa",
        "src/tests/test_long_name_of_things_v2.py:120",
        "/home/ada/projects/parser by Ada Lovelace <ada@example.org>",
        "20261123T063312Z-ab12cd34 step:1042",
        "pytest -q tests/test_cache.py::test_key_survives[1-2]",
        "    token = read_token(path)  # the key is in the store",
    ],
)
def test_own_names_stay(text: str) -> None:
    assert ShapeMask().mask(text) == text


@pytest.mark.parametrize(
    "name", ["--password=", "--api-key=", "PASSWORD=", "password: ", "--token="]
)
def test_the_sign_between_a_name_and_a_masked_value_is_shown(name: str) -> None:
    source = random.Random(SEED)  # noqa: S311
    secret = "".join(source.choices(string.ascii_letters + string.digits, k=18)) + "7Q"
    assert ShapeMask().mask(f"{name}{secret}") == f"{name}REDACTED_VALUE"
