"""The engine that looks for all rules at once misses nothing that a rule alone finds."""

from __future__ import annotations

import random
import sys
import sysconfig
from pathlib import Path

import pytest
from tests.support.shapes import CONTEXTS, example, word_beside

from signoff_collector.redaction.detectors.detectors import Detectors
from signoff_collector.redaction.detectors.engine import RuleSet
from signoff_collector.redaction.rules import RULES
from signoff_collector.redaction.rules.shapes import Rule
from signoff_schemas.errors import RefusedError

MODULES = ("argparse.py", "ssl.py", "http/cookies.py", "encodings/punycode.py")
Found = set[tuple[str, int, int]]


def found(rules: RuleSet, line: str) -> Found:
    tokens, _ = rules.look(line.encode("ascii", "replace"))
    return {(rule.name, start, end) for rule, start, end in tokens}


def lines_with_tokens() -> list[str]:
    print("examples from seed 12")  # noqa: T201
    source = random.Random(12)  # noqa: S311
    return [
        f"{word_beside(rule)} {source.choice(CONTEXTS)}".format(example(rule, source))
        for rule in RULES
    ]


def lines_of_code() -> list[str]:
    stdlib = Path(sysconfig.get_path("stdlib"))
    return [line for name in MODULES for line in (stdlib / name).read_text("utf-8").split("\n")]


def test_all_rules_at_once_find_what_each_finds_alone() -> None:
    together = RuleSet(RULES)
    alone = [RuleSet([rule]) for rule in RULES]
    tokens = 0
    for line in lines_with_tokens():
        expected: Found = set().union(*(found(one, line) for one in alone))
        assert found(together, line) == expected, line
        tokens += len(expected)
    assert tokens >= len([rule for rule in RULES if not rule.beside])


def test_all_rules_at_once_find_in_code_what_each_finds_alone() -> None:
    together = RuleSet(RULES)
    alone = [RuleSet([rule]) for rule in RULES[::16]]
    names = {rule.name for rule in RULES[::16]}
    for line in lines_of_code()[::7]:
        expected: Found = set().union(*(found(one, line) for one in alone))
        assert {one for one in found(together, line) if one[0] in names} == expected, line


def test_places_are_those_of_the_text_behind_characters_of_any_size() -> None:
    rule = Rule("made-up", "TOKEN", "mk_{12:a}", "a test")
    assert found(RuleSet([rule]), "😀🚀é mk_4fK9zQ2mX7Lp") == {("made-up", 4, 19)}


def test_an_engine_that_says_nothing_is_not_believed() -> None:
    """Out of memory the engine says that nothing matches, in the same way as when nothing does."""
    rules = RuleSet(RULES)

    class Silent:
        def Match(self, text: bytes) -> None:  # noqa: N802
            del text

    rules._set = Silent()  # type: ignore[assignment]
    for line in lines_with_tokens()[::20]:
        assert found(rules, line) == found(RuleSet(RULES), line)


def test_without_the_engine_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(RefusedError, match="google-re2"):
        Detectors().find_settled("x = 1")
