"""Secrets drawn from a file of rules."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from benchmarks.typing_sessions.rule_files import read_rules, wilson

PATTERNS = {
    "hexadecimal": r"(?i)acme[\w.-]{0,9}[\s'\"]{0,3}[=:]\s{0,3}([a-f0-9]{32})(?:[;\s]|$)",
    "letters and digits, own start": r"\bzz_[[:alnum:]]{20,40}\b",
    "small letters and digits": r"(?:ab|[a-z0-9]{18})[a-z0-9]{24}",
}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_secret_is_drawn_from_the_classes_of_its_rule(name: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f"[[rules]]\nid = 'one'\nregex = '''{PATTERNS[name]}'''\nkeywords = ['acme']\n")
    (kind,) = read_rules(file)
    source = random.Random(20_261_123)  # noqa: S311
    pattern = re.compile(kind.template)
    secrets = {kind.make(source).text for _ in range(50)}
    assert len(secrets) == 50
    assert kind.family.startswith(name.partition(",")[0])
    for secret in secrets:
        line = f"acme = {secret};" if kind.group else secret
        match = pattern.search(line)
        assert match is not None
        assert match[kind.group] == secret


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        (r"(?P<quote>['`])(?P<value>zz_[a-f0-9]{24})(?P=quote)", r"zz_[a-f0-9]{24}"),
        (
            r"(?:^|[^a-z])(?P<sign>x)?(?P<value>zz[0-9]{9}(?(sign)[A-Z]{9}))",
            r"zz\d{9}(?:[A-Z]{9})?",
        ),
        (r"zz_(b|p)-[0-9a-z]{20}", r"zz_(?:b|p)-[0-9a-z]{20}"),
        (r"(?=[a-z]{0,30}[0-9])(?P<secret>[a-z0-9]{16})(?![0-9a-z])", r"(?=.*\d)[a-z0-9]{16}"),
        (r"(?i:[a|A][c|C])me.{0,9}['\" ][0-9a-z]{35}['\"]", r"[0-9a-z]{35}"),
    ],
    ids=[
        "named group",
        "condition",
        "alternative in the middle",
        "assertion",
        "what stands around it",
    ],
)
def test_what_is_drawn_is_the_secret_of_its_rule(pattern: str, shown: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f"[[rules]]\nid = 'one'\nregex = '''{pattern}'''\n")
    (kind,) = read_rules(file)
    source = random.Random(20_261_123)  # noqa: S311
    assert all(re.fullmatch(shown, kind.make(source).text) for _ in range(50))


def test_a_rule_that_cannot_be_read_is_left_out_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text("[[rules]]\nid = 'broken'\nregex = '(['\n[[rules]]\nid = 'path'\n")
    assert list(read_rules(file)) == []
    assert "broken" in capsys.readouterr().out


def test_bounds_hold_the_share() -> None:
    assert wilson(0, 10)[0] == 0.0
    low, high = wilson(5, 100)
    assert 0.02 < low < 0.05 < high < 0.12
