"""Detect secrets further away from the name that reveals them.

Such a value is later in the line, on one of the next lines, in the same column of a table or SQL
statement, after a word in another script, or in a command. The further a value is from the name,
the more random it has to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from signoff_collector.redaction.detectors.assigned import Found
from signoff_collector.redaction.detectors.columns import (
    Tables,
    find_in_statements,
    find_in_table,
    is_argument,
    is_head,
    is_named,
    is_rule,
    named_columns,
    opens_rows,
    opens_statement,
)
from signoff_collector.redaction.detectors.naming import (
    GATE,
    Grade,
    grade_of,
    is_code,
    is_plain_key,
    kind_of,
)
from signoff_collector.redaction.randomness.density import is_minified
from signoff_collector.redaction.randomness.literals import (
    is_code_expression,
    is_literal,
    is_made_up,
    is_number,
    is_password,
    is_phrase,
    is_scrambled,
    is_token_value,
)
from signoff_collector.redaction.randomness.randomness import random_bits

FOREIGN: Final = re.compile(
    r"(?i)(?:mot de passe|口令|密码|密碼|パスワード|暗証番号|비밀번호|암호|парол[ьюя]|κωδικός|סיסמה"
    r"|كلمة المرور|şifre|hasło|heslo|contraseña|palavra-passe|jelszó)"
    r"[^\S\n]{0,3}[:=\uff1a\uff1d][^\S\n]{0,3}[\"'`]?(?P<value>[^\s\"'`]{6,256})"
)
"""Words for "password" outside ASCII, which `GATE` cannot match, with a value behind them."""
_GATE: Final = re.compile(GATE)
_NAME: Final = re.compile(r"(?<!\w)[^\W\d][\w.-]{0,80}")
_REACH: Final = 64
"""How many characters behind a name a value on the same line may begin."""
_LATER: Final = re.compile(
    r"(?P<quote>[\"'`])(?P<quoted>[^\s\"'`]{6,256})(?P=quote)|(?P<bare>[^\s\"'`|]{8,256})"
)
_NUMBERED: Final = re.compile(
    r"(?<![\w-])(?P<value>[a-z]{3,12}(?: [a-z]{3,12}){2,8} \d{1,6})(?=[\s\"'`<)|;,.&\]]|$)"
)
_BEFORE_PHRASE: Final = re.compile(
    r"(?:[\"'=:>|({`\[]|\b(?:is|to|set|password|passphrase|bearer|token|pass|pw)\b)[ \t]*$",
    re.IGNORECASE,
)
_CLOSERS: Final = ")]};,>"
_FILE: Final = re.compile(r"/(?:[\w@+-]+/)*[\w@.+-]+\.[A-Za-z]{1,5}(?::\d|[\s,;)]|$)")
"""The rest of a path whose folder has the name of a secret: `OTP/OTPInput.d.ts:3:1`."""
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OPAQUE_BITS: Final = 9.0
_LONG_TOKEN: Final = 16
_LONGEST_NUMBER: Final = 12
# A password that is piped into a command (`echo … | sudo -S`), PowerShell's secure strings, and
# `auth=("user", "…")` of HTTP clients.
_COMMANDS: Final = (
    re.compile(
        r"(?:echo|printf|print|Write-Output)[ \t]+(?:-\w[ \t]+)?(?P<value>\"[^\"\n]{4,256}\""
        r"|'[^'\n]{4,256}'|[^\s\"'|]{4,256})[ \t]*\|[^\n]{0,120}"
        r"(?:--?pass\w*|sudo -S|chpasswd|--stdin\b|passwd\b|login\b)"
    ),
    re.compile(
        r"(?i)ConvertTo-SecureString[ \t]+(?:-String[ \t]+)?(?P<value>\"[^\"\n]+\"|'[^'\n]+')"
    ),
    re.compile(
        r"(?i)auth\b[\"']?[ \t]*[=:(][ \t]*[\[(]?[ \t]*[\"'][^\"'\n]{1,64}[\"'][ \t]*,[ \t]*"
        r"(?P<value>\"[^\"\n]{4,256}\"|'[^'\n]{4,256}')[ \t]*[\])]"
    ),
)
# How a line ends whose value is on the next one: an operator, an open bracket or quote, a YAML
# block, a here-document, or the name in `<key>…</key>` and `name: …` pairs.
_OPEN: Final = re.compile(
    r"(?:[:=({\[+\\]|[|>][-+]?\d?|<<[-~]?[ \t]?\W?\w+\W?|\"|'|`"
    r"|</(?:key|name|string)>|[\"'(][ \t]*,"
    r"|\b(?:name|key|id|param)[\"']?[ \t]*[:=][ \t]*[\"']?[\w.-]{2,60}[\"']?,?)[ \t]*$"
)
# The value at the beginning of the next line, perhaps as a list item, element or `value:` pair.
_NEXT: Final = re.compile(
    r"[ \t+]*(?:-[ \t]+|<(?:string|value)>|return[ \t]+"
    r"|[\"']?(?:value|default|data|content|text)[\"']?[ \t]*[:=][ \t]*)?[(\[]?"
    r"(?:[rbf]?[\"'`](?P<quoted>[^\"'`\n]{3,256})[\"'`]?(?![ \t]*[:=])"
    r"|(?P<bare>[^\s\"'`(){}]{6,256}?)"
    r"(?=[ \t]*[,;)]{0,2}(?:</\w+>)?[ \t]*$))",
    re.MULTILINE,
)
_LONGEST_LINE: Final = 400
_DOWN: Final = 2


def find_beside(text: str) -> Iterator[Found]:
    """Yield values that a name in the same statement or table reveals; they may overlap."""
    for pattern in _COMMANDS:
        for match in pattern.finditer(text):
            yield from _unquoted(text, *match.span("value"))
    yield from find_in_statements(text)
    lines, tables = text.split("\n"), Tables()
    place = 0
    for number, line in enumerate(lines):
        if len(line) <= _LONGEST_LINE and _GATE.search(line):
            yield from _later(line, place)
            if number + 1 < len(lines) and opens_value(line):
                yield from _below(lines, number, place, tables)
        place += len(line) + 1


def find_foreign(text: str) -> Iterator[Found]:
    """Yield passwords behind a word for "password" in another script or with accents."""
    # In ASCII only those words match that end with "passe".
    if text.isascii() and "passe" not in text.lower():
        return
    for match in FOREIGN.finditer(text):
        value = match["value"].rstrip(".,;")
        if is_password(value):
            yield Found(match.start("value"), match.start("value") + len(value), "PASSWORD")


@lru_cache(maxsize=16_384)
def opens_value(line: str) -> bool:
    """Return whether a line ends with the name of a secret, so the next may hold its value."""
    if len(line) > _LONGEST_LINE or not _GATE.search(line):
        return False
    return bool(_OPEN.search(line) or opens_rows(line)) and bool(_telling(line))


def _telling(line: str) -> list[re.Match[str]]:
    return [name for name in _NAME.finditer(line) if grade_of(name[0]) is not Grade.NONE]


def _later(line: str, offset: int) -> Iterator[Found]:
    names = _telling(line)
    if not names:
        return
    for match in _NUMBERED.finditer(line, names[0].end()):
        if is_phrase(match["value"]) and _BEFORE_PHRASE.search(line[: match.start()]):
            yield Found(offset + match.start(), offset + match.end(), "PASSWORD")
    for name in names:
        for match in _LATER.finditer(line, name.end(), name.end() + _REACH + 256):
            if match.start() > name.end() + _REACH:
                break
            is_quoted = match["quoted"] is not None
            bare = match["bare"]
            if not is_quoted and (is_code_expression(bare) or is_minified(bare)):
                continue
            if match.start() == name.end():
                # A path, or an item or a call: `key[0].toUpperCase()`.
                is_item = match[0][0] in "[(" and is_plain_key(name[0])
                if is_item or _FILE.match(match[0]):
                    continue
            group = "quoted" if is_quoted else "bare"
            for low, high in _candidates(line, *match.span(group)):
                if _is_clear(line[low:high], name[0], is_quoted=is_quoted):
                    yield Found(offset + low, offset + high, kind_of(name[0]))
                    break


def _candidates(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges that may be the value.

    These are the whole run, the run without closing punctuation, and what follows `=`, `:` or
    `(` in it.
    """
    yield start, end
    whole = line[start:end]
    shorter = whole.rstrip(_CLOSERS + ".!?")
    if shorter and shorter != whole:
        yield start, start + len(shorter)
    for sign in ("=", ":", "("):
        cut = shorter.find(sign) + 1
        if cut:
            yield start + cut, start + len(shorter)


def _is_clear(value: str, name: str, *, is_quoted: bool) -> bool:
    """Return whether a value at some distance from a name is a secret."""
    if not is_literal(value) or (is_plain_key(name) and not is_scrambled(value)):
        return False
    is_strong = grade_of(name) is Grade.PASSWORD
    if value.isdigit():
        is_code_long = 6 <= len(value) <= _LONGEST_NUMBER and is_number(value)
        return is_code_long and (is_strong or is_code(name)) and (is_quoted or is_strong)
    if is_scrambled(value) or is_made_up(value) or (is_strong and _UUID.fullmatch(value)):
        return True
    is_long = len(value) >= _LONG_TOKEN and is_token_value(value)
    is_random = is_strong and len(value) >= 8 and random_bits(value) >= _OPAQUE_BITS
    return is_quoted and (is_long or is_random)


def _below(lines: list[str], number: int, place: int, tables: Tables) -> Iterator[Found]:
    """Yield the values on the lines below a line that names them."""
    line = lines[number]
    names = _telling(line)
    below = place + len(line) + 1
    for other in lines[number + 1 : number + 1 + _DOWN]:
        if other.strip() and not is_rule(other):
            break
        below += len(other) + 1
    else:
        return
    if is_head(line):
        first = place + len(line) + 1
        told = tuple(name is not None for name in named_columns(line, names))
        count = max(1, tables.rows(lines, number, told))
        for found in find_in_table(line, names, lines[number + 1 : number + 1 + count]):
            yield found._replace(start=first + found.start, end=first + found.end)
    match = None if opens_statement(line) else _NEXT.match(other)
    if match is None:
        return
    group = "quoted" if match["quoted"] is not None else "bare"
    value = match[group]
    if group == "bare" and is_argument(value):
        return
    name = max(names, key=lambda one: (grade_of(one[0]), not is_plain_key(one[0]), one.start()))[0]
    if is_named(value, name, is_quoted=group == "quoted"):
        start = below + match.start(group)
        yield Found(start, start + len(value), kind_of(name))


def _unquoted(text: str, start: int, end: int) -> Iterator[Found]:
    """Yield the password argument of a command, without its quotes."""
    if text[start] in "\"'":
        start, end = start + 1, end - 1
    value = text[start:end]
    if is_phrase(value) or (not any(map(str.isspace, value)) and is_password(value)):
        yield Found(start, end, "PASSWORD")
