"""Detect the private parts of URLs: user names, query values, signatures, internal hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_URL: Final = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}(?:://|%3A%2F%2F)(?P<user>[^\s/\"'<>?#]{1,256}@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^\s/:?#\"'<>@()\[\]{}\\,;]{1,253})?(?::[0-9]{1,5})?"
    r"(?P<path>/[^\s?#\"'<>`]{0,2000})?(?P<query>\?[^\s#\"'<>`]{0,4000})?"
    r"(?P<fragment>#[^\s\"'<>`]{0,2000})?"
)
_VALUE: Final = re.compile(
    r"(?:(?<=[?&;#])|(?<=amp;))(?P<name>[^=&;#\s]{1,80})=(?P<value>[^&;#\s)\]}]{1,4000})"
)
_SIGNED: Final = re.compile(
    r"(?i)(?:x-(?:amz|goog|oss|ms|cos)-[\w-]+|sig|signature|sign|token|[\w-]*_token|access[_-]?token"
    r"|id[_-]?token|key|api[_-]?key|auth|code|state|session(?:id)?|sid|jwt|password|passwd|pwd"
    r"|secret|client[_-]?secret|policy|credential|awsaccesskeyid|key-pair-id|expires|se|sp|sv|sr|st"
    r"|hmac|hash|ticket|otp|nonce|email|e-?mail|user(?:name)?)\Z"
)
_PLACEHOLDERS: Final = re.compile(
    r"\A(?:\0+|REDACTED_\w+|<\w+>|\{[^}]*\}|\$\w+|%s|%\(\w+\)s|\.\.\.|…|\*+)\Z"
)
_HERE: Final = re.compile(
    r"(?i)^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|testserver|[\w.-]*\.(?:test|example|invalid"
    r"|localhost)|(?:[\w-]+\.)*example\.(?:com|org|net))$"
)
_INTERNAL: Final = re.compile(
    r"(?i)(?<![\w.$-])(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}"
    r"(?P<top>internal|intranet|intra|corp|lan|local|localdomain|home\.arpa|private|priv))"
    r"(?![\w-]|\.\w|\()"
)
_WITHIN: Final = re.compile(
    r"(?i)(?<![\w.$-])(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,8}"
    r"(?:corp|intranet|intra|internal|intern|lan)\.(?!example\.)"
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,3}"
    r"(?:com|net|org|io|dev|app|cloud|tech|eu|de|fr|uk|ch|at|nl|be|us|ca|jp|it|es|pl|se|no|dk|fi|cz"
    r"|au|nz|br|in|cn|kr))(?![\w-]|\.\w|\()"
)
"""A full name of which a label in the middle says that its network is internal."""
_INTERNAL_GATE: Final = re.compile(
    r"(?i)\.(?:intern|intra|corp|lan|local|home\.arpa|priv)"
    r"|(?<![a-z0-9])(?:corp|intranet|intra|internal|intern|lan)\."
)
_EVERYBODYS: Final = frozenset(
    {
        "host.docker.internal", "gateway.docker.internal", "kubernetes.docker.internal",
        "metadata.google.internal", "svc.cluster.local", "cluster.local", "ec2.internal",
        "kubernetes.default.svc.cluster.local",
    }
)  # fmt: skip
_IN_CODE_TOO: Final = frozenset({"local", "internal", "private", "priv", "intra"})
"""Top-level labels that are also attributes and package names.

A host only in a host's context, or with a digit or hyphen in a label, as machines have them.
"""
_NO_HOST: Final = re.compile(r"(?:self|this|cls)\.|.*\.cluster\.local$")
_OF_A_MACHINE: Final = re.compile(r"[a-z][0-9]|[0-9][a-z]|-")
_SIGN_BEFORE: Final = re.compile(
    r"(?i)(?:@|://|\\\\|//|(?:\bssh|\bscp|\bping|\bcurl|\bhost(?:name)?|\bserver|\bto|\bat|\bfrom"
    r"|\bnode)[\"']?[ \t:=]{1,3}[\"']?|^)\Z"
)
_SIGN_AFTER: Final = re.compile(r"(?::\d{2,5}\b|/|\s|$|[\"'])")
_SHORTEST_SIGNED: Final = 12


class Part(NamedTuple):
    """A part of a URL that is masked."""

    start: int
    end: int
    kind: str
    value: str


def find_hosts(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and name of every host of an internal network."""
    if not _INTERNAL_GATE.search(text):
        return
    for match in _INTERNAL.finditer(text):
        host = match["host"].lower()
        if host in _EVERYBODYS or _NO_HOST.match(host):
            continue
        before = text[max(0, match.start() - 24) : match.start()]
        has_sign = _SIGN_BEFORE.search(before) and _SIGN_AFTER.match(text, match.end())
        is_plain = match["top"].lower() not in _IN_CODE_TOO
        if has_sign or is_plain or _OF_A_MACHINE.search(host):
            yield *match.span("host"), host
    for match in _WITHIN.finditer(text):
        yield *match.span("host"), match["host"].lower()


def find_url_parts(text: str, *, only_signed: bool = False) -> Iterator[Part]:
    """Yield user names and query values of the URLs in a text.

    Args:
        text: any.
        only_signed: yield only values of parameters with a private name. For source code, where
            other values are mostly part of the program.
    """
    if "://" not in text and "%3A%2F%2F" not in text:
        return
    for match in _URL.finditer(text):
        user = (match["user"] or "").removesuffix("@")
        if user and not only_signed and user != "git" and not _PLACEHOLDERS.match(user):
            yield _part(text, match.start("user"), match.end("user") - 1, "USERINFO")
        is_here = bool(_HERE.match(match["host"] or ""))
        for name in ("query", "fragment"):
            if match[name] is not None:
                start, end = match.span(name)
                yield from _values(text, start, end, only_signed=only_signed or is_here)


def _values(text: str, start: int, end: int, *, only_signed: bool) -> Iterator[Part]:
    for match in _VALUE.finditer(text, start, end):
        value = match["value"]
        is_signed = _SIGNED.match(match["name"].removeprefix("amp;")) and _is_made(value)
        if (is_signed or not only_signed) and not _PLACEHOLDERS.match(value):
            yield _part(text, *match.span("value"), "QUERY")


def _is_made(value: str) -> bool:
    """Return whether a value is long and has a digit, so is unlikely a word of the program."""
    return len(value) >= _SHORTEST_SIGNED and any(char.isdigit() for char in value)


def _part(text: str, start: int, end: int, kind: str) -> Part:
    return Part(start, end, kind, text[start:end])
