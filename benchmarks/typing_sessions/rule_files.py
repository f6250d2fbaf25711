r"""Kinds of secrets from a file of rules: regular expressions with keywords, in TOML.

    [[rules]]
    id = "some-issuer"
    regex = '''(?i)\bsome_([a-z0-9]{32})\b'''
    keywords = ["some_"]
    secretGroup = 1      # without it the group called value or secret, the first, or the whole

No such file is in the tree; rules in other formats are written in this one first. Each character
is drawn by itself from the class at its place, so that a rule is measured and not the example that
somebody wrote beside it. What its own pattern does not find is drawn anew.
"""

from __future__ import annotations

import math
import random
import re
import string
import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from .secret import Secret
from .secret_kinds import Kind

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_parse

_SHOWN: Final = string.ascii_letters + string.digits + "_-+/=.~!#%&*:;?@^"
_MOST_MORE: Final = 24
"""An open repetition is drawn up to so many characters longer than its least."""
_LEAST_RANDOM: Final = 6
_LEAST_CHOICES: Final = 5
"""`[f|F]` is no random character."""
_DRAWS: Final = 200
_GROUPS: Final = ("value", "secret", "token")
"""What rules call the group that holds the secret."""
Z_95: Final = 1.96
_POSIX: Final = {
    "[:alnum:]": "a-zA-Z0-9", "[:alpha:]": "a-zA-Z", "[:digit:]": "0-9", "[:xdigit:]": "a-fA-F0-9",
    "[:lower:]": "a-z", "[:upper:]": "A-Z", "[:space:]": r"\s", "[:word:]": r"\w",
}  # fmt: skip
_CATEGORIES: Final = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_WORD": string.ascii_letters + string.digits + "_",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": _SHOWN,
}


@dataclass(frozen=True, slots=True)
class RuleKind(Kind):
    """A kind whose `template` is a regular expression."""

    group: int = 0

    def make(self, source: random.Random) -> Secret:
        """Return a secret of this kind, each character from its class."""
        pattern, parsed = _parsed(self.template)
        for _ in range(_DRAWS):
            drawn = _Drawn(source)
            drawn.add(parsed)
            if not pattern.search("".join(char for char, _ in drawn.chars)):
                continue
            low, high = drawn.groups.get(self.group, (0, len(drawn.chars)))
            chars = _longest_word(drawn.chars[low:high])
            text = "".join(char for char, _ in chars)
            spelled = "".join(char if is_random else "\n" for char, is_random in chars)
            parts = tuple(one for one in spelled.split("\n") if len(one) >= _LEAST_RANDOM)
            if parts:
                return Secret(text, parts, self.name, self.family, self.names, self.is_issued)
        raise ValueError(f"{self.name}: nothing of {_LEAST_RANDOM} random characters")


@cache
def _parsed(template: str) -> tuple[re.Pattern[str], Any]:
    return re.compile(template), sre_parse.parse(template)


class _Drawn:
    """Characters drawn from a parsed pattern, each with whether it is random."""

    def __init__(self, source: random.Random) -> None:
        self._source = source
        self.chars: list[tuple[str, bool]] = []
        self.groups: dict[int, tuple[int, int]] = {}

    def add(self, parsed: Any) -> None:  # noqa: ANN401  (the parser's own nested tuples)
        for op, given in parsed:
            name = str(op)
            if name == "LITERAL":
                self.chars.append((chr(given), False))
            elif name in {"IN", "ANY", "NOT_LITERAL"}:
                allowed = _allowed(name, given)
                self.chars.append((self._source.choice(allowed), len(allowed) >= _LEAST_CHOICES))
            elif name == "BRANCH":
                self.add(self._source.choice(given[1]))
            elif name == "SUBPATTERN":
                low = len(self.chars)
                self.add(given[3])
                if given[0] is not None:
                    self.groups[given[0]] = (low, len(self.chars))
            elif name == "GROUPREF":
                self.chars += self.chars[slice(*self.groups.get(given, (0, 0)))]
            elif name == "GROUPREF_EXISTS":
                self.add(given[1] if given[0] in self.groups else given[2] or ())
            elif name == "ATOMIC_GROUP":
                self.add(given)
            elif name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
                least, most, inner = given
                for _ in range(self._source.randint(least, min(int(most), least + _MOST_MORE))):
                    self.add(inner)


def _longest_word(chars: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return the longest run without blanks and quotes: rules match some of what is around."""
    runs: list[list[tuple[str, bool]]] = [[]]
    for one in chars:
        if one[0].isspace() or one[0] in "\"'`":
            runs.append([])
        else:
            runs[-1].append(one)
    return max(runs, key=len)


def _allowed(name: str, given: Any) -> str:  # noqa: ANN401  (the parser's own nested tuples)
    if name == "ANY":
        return _SHOWN
    if name == "NOT_LITERAL":
        return _SHOWN.replace(chr(given), "")
    chars: set[str] = set()
    is_negated = False
    for op, value in given:
        match str(op):
            case "LITERAL":
                chars.add(chr(value))
            case "RANGE":
                chars.update(map(chr, range(value[0], value[1] + 1)))
            case "CATEGORY":
                chars.update(_CATEGORIES.get(str(value), _SHOWN))
            case "NEGATE":
                is_negated = True
            case other:
                raise ValueError(f"{other} in a class")
    if is_negated:
        return "".join(one for one in _SHOWN if one not in chars)
    shown = chars & set(_SHOWN)
    return "".join(sorted(shown or chars))


def read_rules(path: Path) -> Iterator[RuleKind]:
    """Yield the kinds of a file; rules that Python cannot read, or without a random part, not.

    Raises:
        OSError: the file cannot be read.
        tomllib.TOMLDecodeError: it is no TOML.
    """
    for rule in tomllib.loads(path.read_text("utf-8")).get("rules", ()):
        if "regex" not in rule:
            continue
        try:
            kind = _kind_of(rule)
            kind.make(random.Random(0))  # noqa: S311
        except (re.error, ValueError, OverflowError):
            print(f"  left out: {rule.get('id')}")
            continue
        yield kind


def _kind_of(rule: dict[str, Any]) -> RuleKind:
    pattern = str(rule["regex"]).replace("(?i)", "").replace(r"\z", r"\Z").replace("(?-i:", "(?:")
    for posix, chars in _POSIX.items():
        pattern = pattern.replace(posix, chars)
    pattern = re.sub(r"\(\?[is]+:", "(?:", pattern)
    compiled = re.compile(pattern)
    named = (compiled.groupindex.get(one, 0) for one in _GROUPS)
    group = int(rule.get("secretGroup", 0)) or next(filter(None, named), min(1, compiled.groups))
    word = next(iter(rule.get("keywords", ())), str(rule["id"])).strip("_-.:= ")
    name = re.sub(r"\W+", "_", word) or "service"
    kind = RuleKind(str(rule["id"]), "", pattern, (f"{name}_api_key", f"{name.upper()}_TOKEN"),
                    is_issued=False, group=group)  # fmt: skip
    try:
        secret = kind.make(random.Random(1))  # noqa: S311
    except ValueError:
        # The first group of some rules is an alternative in the middle of the secret.
        kind = replace(kind, group=0)
        secret = kind.make(random.Random(1))  # noqa: S311
    has_start = not secret.text.startswith(secret.random_parts[0])
    return replace(kind, family=_class_of(secret, has_start=has_start), is_issued=has_start)


def _class_of(secret: Secret, *, has_start: bool) -> str:
    """Return in words which characters a secret is drawn from."""
    chars = set("".join(secret.random_parts))
    if not chars - set("0123456789abcdef") or not chars - set("0123456789ABCDEF"):
        said = "digits" if not chars - set(string.digits) else "hexadecimal"
    elif not chars - set(string.ascii_lowercase + string.digits):
        said = "small letters and digits"
    elif not chars - set(string.ascii_uppercase + string.digits):
        said = "capitals and digits"
    elif not chars - set(string.ascii_letters + string.digits):
        said = "letters and digits"
    else:
        said = "with signs"
    return f"{said}, own start" if has_start else said


def wilson(bad: int, total: int) -> tuple[float, float]:
    """Return the 95 % bounds of a share, after Wilson."""
    share, weight = bad / total, Z_95**2 / total
    middle = (share + weight / 2) / (1 + weight)
    reach = Z_95 * math.sqrt(share * (1 - share) / total + weight / total / 4) / (1 + weight)
    return max(0.0, middle - reach), min(1.0, middle + reach)
