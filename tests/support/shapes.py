"""Tokens made from the shapes of rules, and lines of many languages to put them in."""

from __future__ import annotations

import random
import re
import string
from typing import Final

from signoff_collector.redaction.rules.shapes import ALPHABETS, Field, Rule

_CHARS: Final = {
    "d": string.digits,
    "x": "0123456789abcdef",
    "X": "0123456789ABCDEF",
    "h": string.hexdigits,
    "a": string.ascii_letters + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "U": string.ascii_uppercase + string.digits,
    "L": string.ascii_letters,
    "B": string.ascii_uppercase + "234567",
    "s": "".join(sorted(set(string.ascii_letters + string.digits) - set("0OIl"))),
    "b": string.ascii_letters + string.digits + "+/",
    "c": string.ascii_letters + string.digits + "./",
    "w": string.ascii_letters + string.digits + "_-",
    "q": string.ascii_letters + string.digits + "_-",
}
CONTEXTS: Final = (
    "{}",
    "# {} 😀🚀",
    'value = "{}"',
    "client = Client('{}', timeout=3)",
    "API_KEY={}",
    "export SERVICE_TOKEN={}",
    "  secretKey: {}",
    '  "accessToken": "{}",',
    "https://api.example.com/v1?access_token={}",
    'headers = {{"Authorization": "Bearer {}"}}',
    "curl -H 'X-Api-Key: {}' https://example.com",
    "deploy --token {} --verbose",
    "<apiKey>{}</apiKey>",
    "echo {} | login --stdin",
    "error: token {} was refused",
    "api.key = {}",
    'variable = {{ default = "{}" }}',
)
"""Lines with a place for a token; two characters beyond the Basic Multilingual Plane."""


def example(rule: Rule, source: random.Random) -> str:
    """Return a token of a rule."""
    return "".join(map(lambda part: _made(part, source), rule.parts))  # noqa: C417


def _made(part: str | Field, source: random.Random) -> str:
    if isinstance(part, str):
        return part
    length = source.randint(part.least, part.most)
    return "".join(source.choices(_CHARS[part.alphabet], k=length))


def word_beside(rule: Rule) -> str:
    """Return a name that a rule wants before its token, without the pattern around it."""
    word = re.sub(r"\[[^\]]*\](?:\{[^}]*\}|[?*+])?|\\[wb][*+]?|\?", "", rule.beside.split("|")[0])
    word = re.sub(r"\(:?([^)|]*).*", r"_\1", word).replace("\\", "")
    return word.strip("_")


def fields_of(rule: Rule, token: str) -> list[str]:
    """Return the parts of a token that differ from one to the next, six characters or more."""
    pattern = "".join(
        re.escape(part)
        if isinstance(part, str)
        else f"([{ALPHABETS[part.alphabet]}]{{{part.least},{part.most}}})"
        for part in rule.parts
    )
    match = re.fullmatch(pattern, token)
    assert match is not None, rule.name
    return [one for one in match.groups() if len(one) >= 6]


def windows_left(text: str, secret: str, spans: list[tuple[int, int]]) -> bool:
    """Return whether six characters in a row of a secret are not covered by any span."""
    covered = bytearray(len(text))
    for start, end in spans:
        covered[start:end] = b"\1" * (end - start)
    start = text.find(secret)
    while start >= 0:
        bare = 0
        for place in range(start, start + len(secret)):
            bare = 0 if covered[place] else bare + 1
            if bare >= 6:
                return True
        start = text.find(secret, start + 1)
    return False
