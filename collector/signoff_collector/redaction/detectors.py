"""Shapes of secrets: prefixes of known issuers, key blocks, assignments, URLs, headers.

Patterns are our own. They match from the first few characters after a distinctive start,
so that a secret is recognised while it is still being typed. A cheap gate keeps ordinary
lines away from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

VERSION: Final = "1"
"""Rises with every change of what is found; named in the header of every episode."""
MIN_LENGTH: Final = 6
"""Nothing shorter is a finding."""


class Hit(NamedTuple):
    """One recognised secret."""

    start: int
    end: int
    kind: str
    """Middle part of the placeholder, such as `TOKEN`."""


_WORD: Final = "A-Za-z0-9_"
ISSUERS: Final[tuple[tuple[str, str, str], ...]] = (
    # gate, what follows it, kind; a match is a whole token
    ("AKIA", r"[A-Z0-9]{8,}", "KEY"),
    ("ASIA", r"[A-Z0-9]{8,}", "KEY"),
    ("AIza", r"[\w-]{12,}", "KEY"),
    ("ya29.", r"[\w-]{10,}", "TOKEN"),
    ("GOCSPX-", r"[\w-]{6,}", "SECRET"),
    ("ghp_", r"[A-Za-z0-9]{5,}", "TOKEN"),
    ("gho_", r"[A-Za-z0-9]{5,}", "TOKEN"),
    ("ghu_", r"[A-Za-z0-9]{5,}", "TOKEN"),
    ("ghs_", r"[A-Za-z0-9]{5,}", "TOKEN"),
    ("ghr_", r"[A-Za-z0-9]{5,}", "TOKEN"),
    ("github_pat_", r"\w{5,}", "TOKEN"),
    ("glpat-", r"[\w-]{5,}", "TOKEN"),
    ("gldt-", r"[\w-]{5,}", "TOKEN"),
    ("glrt-", r"[\w-]{5,}", "TOKEN"),
    ("glcbt-", r"[\w-]{5,}", "TOKEN"),
    ("glptt-", r"[\w-]{5,}", "TOKEN"),
    ("xoxb-", r"[\w-]{5,}", "TOKEN"),
    ("xoxp-", r"[\w-]{5,}", "TOKEN"),
    ("xoxa-", r"[\w-]{5,}", "TOKEN"),
    ("xoxr-", r"[\w-]{5,}", "TOKEN"),
    ("xoxs-", r"[\w-]{5,}", "TOKEN"),
    ("xapp-", r"[\w-]{5,}", "TOKEN"),
    ("hooks.slack.com/services/", r"[\w/]{6,}", "URL"),
    ("discord.com/api/webhooks/", r"[\w/-]{6,}", "URL"),
    ("sk_live_", r"[A-Za-z0-9]{5,}", "KEY"),
    ("sk_test_", r"[A-Za-z0-9]{5,}", "KEY"),
    ("rk_live_", r"[A-Za-z0-9]{5,}", "KEY"),
    ("rk_test_", r"[A-Za-z0-9]{5,}", "KEY"),
    ("whsec_", r"[A-Za-z0-9+/=]{5,}", "SECRET"),
    ("sk-ant-", r"[\w-]{6,}", "KEY"),
    ("sk-proj-", r"[\w-]{6,}", "KEY"),
    ("sk-or-", r"[\w-]{6,}", "KEY"),
    ("SG.", r"[\w-]{12,}(?:\.[\w-]*)?", "KEY"),
    ("npm_", r"[A-Za-z0-9]{10,}", "TOKEN"),
    ("pypi-AgE", r"[\w-]{5,}", "TOKEN"),
    ("hf_", r"[A-Za-z]{12,}", "TOKEN"),
    ("gsk_", r"[A-Za-z0-9]{12,}", "KEY"),
    ("dop_v1_", r"[a-f0-9]{5,}", "TOKEN"),
    ("shpat_", r"[a-fA-F0-9]{5,}", "TOKEN"),
    ("shpss_", r"[a-fA-F0-9]{5,}", "SECRET"),
    ("dapi", r"[a-f0-9]{16,}", "TOKEN"),
    ("dckr_pat_", r"[\w-]{5,}", "TOKEN"),
    ("lin_api_", r"[A-Za-z0-9]{5,}", "KEY"),
    ("hvs.", r"[\w-]{12,}", "TOKEN"),
    ("dp.pt.", r"[A-Za-z0-9]{5,}", "TOKEN"),
    ("glsa_", r"[\w]{5,}", "TOKEN"),
    ("NRAK-", r"[A-Z0-9]{5,}", "KEY"),
    ("PMAK-", r"[a-f0-9-]{5,}", "KEY"),
    ("sbp_", r"[a-f0-9]{8,}", "TOKEN"),
    ("sntrys_", r"[\w+/=]{5,}", "TOKEN"),
    ("AGE-SECRET-KEY-1", r"[A-Z0-9]{5,}", "KEY"),
    ("eyJ", r"[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?|[\w-]{17,}", "JWT"),
    ("AccountKey=", r"[A-Za-z0-9+/=]{8,}", "KEY"),
    ("SharedAccessSignature=", r"[^\s\"']{8,}", "KEY"),
)
PREFIXES: Final = tuple(gate for gate, _, _ in ISSUERS if gate != "eyJ")
"""How tokens of known issuers begin; public, so no part of a secret."""
_ISSUER_PATTERN: Final = re.compile(
    rf"(?<![{_WORD}])(?:"
    + "|".join(
        f"(?P<{kind}_{place}>{re.escape(gate)}(?:{rest}))"
        for place, (gate, rest, kind) in enumerate(ISSUERS)
    )
    + ")",
    re.ASCII,
)
_ISSUER_GATE: Final = re.compile("|".join(re.escape(gate) for gate, _, _ in ISSUERS))
_NAME: Final = (
    r"passwords?|passwd|passphrase|pwd|secrets?|token|api[_-]?keys?|access[_-]?key|private[_-]?key"
    r"|signing[_-]?key|encryption[_-]?key|account[_-]?key|auth[_-]?key|credentials?|conn(?:ection)?"
    r"[_-]?str(?:ing)?|bearer|authorization|basic|x-api-key"
)
_NAME_GATE: Final = re.compile(r"(?i)pass|pwd|secret|token|key|cred|str|bearer|auth|basic")
_ASSIGNED: Final = re.compile(
    rf"(?i)(?P<name>{_NAME})[\w-]{{0,40}}['\"\]]{{0,2}}(?:[ \t]*:[ \t]*[\w.\[\]]{{1,40}})?"
    r"(?:[ \t]*(?::=|=>|==|!=|=|:)[ \t]*|(?<=[a-z])[ \t]+(?=\S{0,64}\d))"
    r"(?:[rbfu]{1,2}(?=['\"]))?"
    r"(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`\n]{6,512})"
    r"|(?:bearer|basic|token)[ \t]+(?P<scheme>[\w.~+/=-]{8,})"
    r"|(?P<plain>[^\s\"'`,;(){}\[\]<>=]{8,512}={0,2}(?!=)))"
)
_SCHEME: Final = re.compile(r"(?i)\b(?:bearer|basic|token)[ \t]+([\w.~+/=-]{6,512})")
_URL_USER: Final = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,64}:([^\s/@\"'<>]{3,256})@"
)
_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----"
    r"(?:(?P<closed>[^-]{6,16384}?)-----END \1"
    r"|(?P<open>(?:[\s\"'+\\n,]{0,20}[A-Za-z0-9+/=]{16,})+))"
)
PLACEHOLDER: Final = re.compile(r"REDACTED_[A-Z]+(?:_\d+)?|WITHHELD")
_NOT_LITERAL: Final = re.compile(
    r"[$%<{]|^#[0-9A-Fa-f]{3,8}$|\.\.\.|(?i:process\.|os\.|env[.\[(]|config[.\[(]|settings\.|self\.|this\.|your[_-]|"
    r"example|changeme|placeholder|dummy|x{4,}|\*{3,})"
)
_PUBLIC_LIST: Final = (
    "password passwd secret token string required optional undefined disabled enabled default"
    " username unknown invalid missing bearer basic"
)
_PUBLIC: Final = frozenset(_PUBLIC_LIST.split())
_PIECES: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_CONSONANTS: Final = re.compile(r"(?i)[b-df-hj-np-tv-xz]{5}")
_OPAQUE_BITS: Final = 19
_SHORTEST_WORD: Final = 3
_ABBREVIATIONS_LIST: Final = (
    "http https html css xml json sql ssl tls ssh mysql grpc tcp udp dns ftp pdf png svg utf"
    " str int ptr src tmp pkg cfg ctx btn rgb gpg db id io ip os ui py js ts my is in on to of"
    " by at no ok"
)
_ABBREVIATIONS: Final = frozenset(_ABBREVIATIONS_LIST.split())


def find_secrets(text: str) -> list[Hit]:
    """Return what looks like a secret in a line or a longer text, by place; may overlap."""
    hits: list[Hit] = []
    if _ISSUER_GATE.search(text):
        hits.extend(_issued(text))
    if _NAME_GATE.search(text):
        hits.extend(_assigned(text))
    if "://" in text:
        hits.extend(Hit(*match.span(1), "PASSWORD") for match in _URL_USER.finditer(text))
    if "PRIVATE KEY" in text:
        hits.extend(find_key_blocks(text))
    return sorted(hit for hit in map(_trim, [text] * len(hits), hits) if hit is not None)


def find_settled(text: str) -> list[Hit]:
    """Return what `find_secrets` does, and tokens of kinds that no rule knows.

    For text that will stay: saved, pasted, left, or a string of a step.
    """
    return find_secrets(text)


def find_open(text: str) -> list[Hit]:
    """Return only what is recognised as the start of a secret still being typed."""
    return find_secrets(text)


def find_key_blocks(text: str) -> list[Hit]:
    """Return the bodies of private keys in PEM or PGP armour, finished or not."""
    hits: list[Hit] = []
    for match in _KEY_BLOCK.finditer(text):
        name = "closed" if match["closed"] is not None else "open"
        hits.append(Hit(*match.span(name), "KEYBLOCK"))
    return hits


def is_opaque(value: str) -> bool:
    """Return whether a value looks made by a machine rather than of words.

    Counts the bits that its digits and unpronounceable pieces carry; words carry none.
    """
    bits = 0.0
    for piece in _PIECES.findall(value):
        if piece[0].isdigit():
            bits += 3.3 * len(piece)
        elif not _is_pronounceable(piece):
            bits += 4.7 * len(piece)
    return bits >= _OPAQUE_BITS


def is_wordlike(value: str) -> bool:
    """Return whether a value could stand in ordinary text by accident (THREATS 4).

    Such a value is masked where it was recognised, not wherever it occurs.
    """
    return len(value) < 8 or not is_opaque(value)


def _is_pronounceable(piece: str) -> bool:
    """Return whether letters could be a word: some vowels, no long run of consonants."""
    if piece.lower() in _ABBREVIATIONS:
        return True
    if len(piece) < _SHORTEST_WORD:
        return False
    vowels = sum(char in "aeiouyAEIOUY" for char in piece)
    return 5 * vowels >= len(piece) and not _CONSONANTS.search(piece)


def _issued(text: str) -> Iterator[Hit]:
    for match in _ISSUER_PATTERN.finditer(text):
        kind = (match.lastgroup or "TOKEN_").partition("_")[0]
        yield Hit(match.start(), match.end(), kind)


def _assigned(text: str) -> Iterator[Hit]:
    for match in _ASSIGNED.finditer(text):
        name = match["name"].lower()
        for group in ("quoted", "scheme", "plain"):
            value = match[group]
            if value is not None and _is_secret(name, value, group):
                yield Hit(*match.span(group), _kind_of(name))
    for match in _SCHEME.finditer(text):
        if _is_secret("token", match[1], "scheme"):
            yield Hit(*match.span(1), "TOKEN")


def _is_secret(name: str, value: str, group: str) -> bool:
    if _NOT_LITERAL.search(value) or value.lower() in _PUBLIC:
        return False
    if group != "quoted":
        return is_opaque(value) and sum(char.isdigit() for char in value) >= 2
    if any(char.isspace() for char in value):
        return name == "passphrase" and "{" not in value
    is_password = name.startswith(("pass", "pwd"))
    return is_opaque(value) or (is_password and "_" not in value)


def _kind_of(name: str) -> str:
    if name.startswith(("pass", "pwd")):
        return "PASSWORD"
    if "key" in name:
        return "KEY"
    return "TOKEN" if name in {"token", "bearer", "authorization", "basic"} else "SECRET"


def _trim(text: str, hit: Hit) -> Hit | None:
    """Return the hit unless what it holds is a placeholder already."""
    value = text[hit.start : hit.end]
    if "REDACTED_" not in value and "WITHHELD" not in value:
        return hit if len(value) >= 3 else None
    return hit if is_opaque(PLACEHOLDER.sub("", value)) else None
