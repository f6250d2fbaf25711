"""What stands further away from a telling name: code stays, random letters go."""

from __future__ import annotations

import random
import string

import pytest

from signoff_collector.redaction.detectors.detectors import find_settled

SEED = 20_261_125
CODE = (
    "res.cookie('rememberme', '1', {{ expires: new {}(Date.now() + 900000) }});",
    'CookieTypes = Union["Cookies", CookieJar, Dict[str, {}], List[Tuple[str, {}]]]',
    "const next = sourceCode.getTokenAfter({}, {{ skip: 1 }});",
    "const previous = sourceCode.getTokenBefore({});",
    "if (!isSemicolonToken({}[0])) {{",
    "return hasSuffix ? wordKey[0] : {}[1];",
    "function getBoundaryTokens({}, nextNode) {{",
    "if (!(own.call(object, key) && eq({}, value)) ||",
    "def get_signing_keys(self, refresh: bool = False) -> list[{}]:",
    "def _get_signing_keys(jwk_set: {}) -> list[{}]:",
    "the options of the token ({}).",
    "bp_dict: dict[ft.AppOrBlueprintKey, list[t.{}]],",
)
NAMES = ("nodeToCheck", "objValue", "lastItemToRemove", "ScriptInfo", "baseForOwn", "Date")


@pytest.mark.parametrize("line", CODE)
@pytest.mark.parametrize("name", NAMES)
def test_names_of_code_with_their_brackets_are_no_values(line: str, name: str) -> None:
    text = line.format(name, name) if line.count("{}") > 1 else line.format(name)
    assert [text[hit.start : hit.end] for hit in find_settled(text)] == []


@pytest.mark.parametrize("around", ["({})", "{};", "({},", "f({}", "List[{}]"])
def test_random_letters_in_the_same_places_are(around: str) -> None:
    print(f"letters from seed {SEED}")  # noqa: T201
    source = random.Random(f"{SEED} {around}")  # noqa: S311
    values = ["".join(source.choices(string.ascii_letters, k=24)) for _ in range(100)]
    found = 0
    for value in values:
        line = f"the token that I use: {around.format(value)}"
        masked = {place for hit in find_settled(line) for place in range(hit.start, hit.end)}
        found += masked >= set(range(line.index(value), line.index(value) + len(value)))
    assert found >= 95


def test_short_random_pieces_between_brackets_are_no_names() -> None:
    print(f"letters from seed {SEED}")  # noqa: T201
    source = random.Random(SEED)  # noqa: S311
    drawn = ["".join(source.choices(string.ascii_letters, k=4)) for _ in range(600)]
    values = [f"{one}({two}[{three}" for one, two, three in zip(*[iter(drawn)] * 3, strict=True)]
    found = 0
    for value in values:
        line = f"the password that I use: {value}"
        found += any(line[hit.start : hit.end] == value for hit in find_settled(line))
    assert found >= 0.9 * len(values)
