"""Secrets full of signs go wherever they stand; code, formats and expressions stay."""

from __future__ import annotations

import random
import string

import pytest

from signoff_collector.redaction.detectors.detectors import find_settled
from signoff_collector.redaction.randomness.density import find_dense
from signoff_collector.redaction.randomness.novel import asked_in

WINDOW = 6
TRIES = 400
_UNQUOTED = "".join(char for char in map(chr, range(33, 127)) if char not in "\"'`\\")
ALPHABETS = {
    "all": _UNQUOTED,
    "passwords": string.ascii_letters + string.digits + "!#$%&*+-.:;=?@^_~",
    "few signs": string.ascii_letters + string.digits + "!@#$%^&*",
}
BESIDE = ("{}", 'x = "{}"', "see `{}` here", "call('{}')", "- {}", "acme_{}", "user:{}@host")


def _left(line: str, secret: str) -> tuple[list[str], str]:
    """Return the pieces of a secret that no mask covers, and what review asks about."""
    shown = list(line)
    for hit in find_settled(line):
        shown[hit.start : hit.end] = "\0" * (hit.end - hit.start)
    start = line.find(secret)
    pieces = "".join(shown[start : start + len(secret)]).split("\0")
    asked = "\n".join(asked_in("".join(shown).replace("\0", " ")))
    return [piece for piece in pieces if len(piece) >= WINDOW], asked


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize(
    ("lengths", "may_stay", "may_be_unasked"),
    [((10, 12), 0.35, 0.20), ((13, 16), 0.20, 0.10), ((17, 40), 0.06, 0.04)],
)
def test_of_secrets_drawn_with_signs_few_stay(
    alphabet: str, lengths: tuple[int, int], may_stay: float, may_be_unasked: float
) -> None:
    source = random.Random(f"signs {alphabet} {lengths}")  # noqa: S311
    stay = unasked = 0
    for _ in range(TRIES):
        secret = "".join(source.choices(ALPHABETS[alphabet], k=source.randint(*lengths)))
        left, asked = _left(source.choice(BESIDE).format(secret), secret)
        stay += bool(left)
        unasked += any(
            piece[at : at + WINDOW] not in asked
            for piece in left
            for at in range(len(piece) - WINDOW + 1)
        )
    assert stay <= may_stay * TRIES
    assert unasked <= may_be_unasked * TRIES


@pytest.mark.parametrize(
    "line",
    [
        r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]\w*)*",
        "time.strftime('%Y-%m-%dT%H:%M:%S.%fZ')",
        "if(e[o]=h!==0?a:0,t[o]=h,s?.[o]&&r)return",
        "class e{#t;#s;#n=!1;#r=[];#o;#S;#w;#c=!1;constructor(){}}",
        "const v=`^${v4src}$|^${v6src}$`;",
        "std::vector<std::pair<int,Foo*>>::const_iterator",
        "https://example.org/a/b?x=1&y=%C3%A1b%C3%A1r%C3%AE&z[]=2#L10-L20",
        "items[i+1].get('k')(*args,**kwargs)!=None",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "urn:uuid:9704064d-22cc-4a61-9dd4-b406b911efa3",
        "rR]|[uUbB][rR]|[rR][uUbB]",
        "https://github.com/x/y/blob/main/foo.py#L777-L780",
        "https://avatars.example.org/u/12586868?v&#x3D;4&amp;s&#x3D;18",
        "this.isArray(n)&&jQuDj.x",
    ],
)
def test_code_formats_and_expressions_stay(line: str) -> None:
    assert list(find_dense(line)) == []
