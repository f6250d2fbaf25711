"""Detect secrets by the name beside them: assignments, headers, URLs, commands.

Source code, settings, markup, commands and prose all write a name and its value in different
ways. Common to all are a telling name, a short separator and a literal value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from signoff_collector.redaction.detectors.naming import (
    Grade,
    grade_of,
    is_code,
    is_plain_key,
    kind_of,
)
from signoff_collector.redaction.randomness.density import is_minified
from signoff_collector.redaction.randomness.literals import (
    is_code_expression,
    is_hook,
    is_literal,
    is_made_up,
    is_number,
    is_password,
    is_phrase,
    is_scrambled,
    is_token_value,
)
from signoff_collector.redaction.randomness.randomness import random_bits


class Found(NamedTuple):
    """The range of a value, and its placeholder kind."""

    start: int
    end: int
    kind: str


_QUOTED: Final = (
    r"\\?(?:``(?P<code>[^`\n]{3,512})(?P<close4>``)?|\"(?P<double>(?:[^\"\\\n]|\\.){3,512})(?P<close1>\")?"
    r"|'(?P<single>(?:[^'\\\n]|\\.){3,512})(?P<close2>')?"
    r"|`(?P<back>[^`\n]{3,512})(?P<close3>`)?)"
)
_NAME: Final = re.compile(r"(?<!\w)[^\W\d][\w.-]{0,80}")
# What may follow a name: closing quotes, a type annotation, a C# property, an operator or a word
# such as "is", a call around the value, a string prefix, then the value, quoted or bare. Runs of
# blanks beside operators are possessive, so that no input makes the pattern backtrack over them.
_AFTER: Final = re.compile(
    r"(?P<after>\\?[\"'`\])]{0,3})"
    r"(?:[ \t]*:[ \t]*[\w.\[\]|?<>&]{1,40}(?=[ \t]*=[^=>]))?"
    r"(?:[ \t]*\{[ \t]*get;(?:[ \t]*(?:private[ \t]+)?(?:set|init);)?[ \t]*\})?"
    r"(?P<link>[ \t]*+(?:<<<?|:-|:=|=>|->|<-|===?|!==?|\?\?=|\|\|=|\?=|\+=|=|::?|,|>|\()[ \t]*+\(?"
    r"|[ \t]++(?:is|was|to|as|of|by|IS|TO|AS|BY)?[ \t]*+)"
    r"(?:[\w.:]{1,40}\((?=[ \t]*[\"'`]))?[ \t]*+(?:[rbfuBLRU@$]{1,2}(?=[\"']))?"
    r"(?:" + _QUOTED + r"|(?P<bare>[^\s\"'`,;(){}\[\]<>=][^\s\"'`,;(){}\[\]<>]{2,255}))"
)
# A whole line of a settings file or shell: `export NAME=value # comment`, `name: value`.
_LINE: Final = re.compile(
    r"(?m)^[ \t+>#;/*-]*(?:(?:export|set|setx|ENV|ARG|env|declare -x)[ \t]+)?"
    r"(?P<name>[^\W\d][\w.\[\]/:-]{0,80}?)(?P<link>[ \t]*(?:=|:=|\?=|\+=)[ \t]*|[ \t]*:[ \t]+)"
    r"(?P<value>[^\s\"'`,(){}\[\]<>][^\s\"'`]{2,511})[ \t]*(?:#.*)?\\?$"
)
# An element: `<password>value`.
_XML: Final = re.compile(
    r"<(?:[\w-]+:)?(?P<name>[A-Za-z][\w.-]{0,60})(?:[ \t][^<>]{0,200})?>(?P<value>[^<>\s]{3,512})"
)
# The name is a value itself: `{"name": "API_KEY", "value": "…"}`, `<param name=… value=…>`.
_NAMED: Final = re.compile(
    r"(?i)(?:name|key|id|param|property)[\"']?[ \t]*[=:>][ \t]*[\"']?"
    r"(?P<name>[A-Za-z][\w.-]{0,60})"
    r"[\"']?[ \t]*[,;}]?[ \t]*(?:</\w+>)?[^{}\n]{0,40}\s{0,40}[\"'<]?(?:string)?value[\"']?"
    r"[ \t]*[=:>][ \t]*[\"']?"
    r"(?P<value>(?<=[\"'])[^\s\"'\\]{3,512}(?=[\"'])|[^\s\"'<>,;{}]{3,512})"
)
# A connection string: `Server=db;User Id=app;Password=…;`.
_SEMICOLONS: Final = re.compile(
    r"(?i)(?:^|[;&?\"'` ])(?P<name>password|pwd|pass|passwd|accountkey"
    r"|sharedaccesskey|user[ _]password)"
    r"[ \t]?=[ \t]?(?P<value>[^\s;&\"'`]{3,256})(?=[;&\"'`])"
)
# An authentication scheme with its credentials: `Authorization: Bearer …`.
_SCHEME: Final = re.compile(
    r"(?i)\b(?:bearer|basic|token|digest|apikey|ssws|negotiate|apitoken|bot)[ \t]+"
    r"(?P<value>[\w.~+/=:-]{6,2048})"
)
# `scheme://user:password@host`.
_URL_USER: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,24}://[^\s/:@\"'`<>]{0,80}:(?P<value>[^\s\"'`<>]{3,256})"
    r"@(?=[\w\[$%{*.-])"
)
# The same while it is being typed, before the `@`: then a port must be excluded.
_URL_OPEN: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,24}://[^\s/:@\"'`<>\[\]]{1,80}:(?P<value>[^\s@/\"'`<>{}\[\]]{3,256})"
)
# A token in place of user and password: `https://TOKEN@host`.
_URL_TOKEN: Final = re.compile(r"://(?P<value>[^\s/:@\"'`<>]{8,256})@(?=[\w\[$%{*.-])")
# A webhook URL, whose path is the key.
_HOOK: Final = re.compile(
    r"://[^\s\"'`<>]{0,200}?hook[^\s\"'`<>/.]{0,40}/(?P<value>[^\s\"'`<>?#]{6,400})"
    r"|://[\w.-]{0,80}hook[\w.-]{1,80}/(?P<path>[^\s\"'`<>?#]{6,400})"
)
_PORT_AND_PATH: Final = re.compile(r"\d{1,5}[/?#]")
_PORT: Final = re.compile(r"[\d,]{1,6}(?:$|[/,?#:.;)])|[\d.:]+$|\w+:\d")
# A password in a command: `curl -u user:password`, or `-p password` of programs known for it.
# Only of those, since `-p` means something else in most.
_COMMAND: Final = re.compile(
    r"(?:(?:^|[ \t\"'])(?:-u|-U|-a|--user|--auth|--http-user|--proxy-user|--creds)(?:[ \t]+|=)"
    r"[\"']?[\w.@%+\\-]{1,64}:"
    r"|\b(?:sshpass|docker|podman|helm|az|oc|mysql\w*|mongo\w*|psql|redis-cli|keytool|openssl|zip"
    r"|7z|unzip|htpasswd|smbclient|ldap\w*|net|sqlcmd|rabbitmqctl|influx|cqlsh|impala-shell|beeline)"
    r"\b[^\n|]{0,120}?[ \t](?:-p|-a|-w|-P|-pw|-storepass|-keypass|-passin|-passout|-k)"
    r"(?:[ \t]+|=)?[\"']?(?:pass:)?)"
    r"(?P<value>[^\s\"'`|<>&;]{4,256})"
)
# A line of `.pgpass`: `host:port:database:user:password`.
_PGPASS: Final = re.compile(
    r"(?m)^[\w.*-]{1,255}:(?:\d{2,5}|\*):[\w.*-]{1,63}:[\w.*-]{1,63}:(?P<value>\S{4,256})$"
)
# A recovery phrase of 6 to 24 words behind a word that announces it.
_PHRASE: Final = re.compile(
    r"(?i)(?:mnemonic|seed|recovery|wallet|backup|secret)[\w -]{0,20}[\"']?[ \t]{0,4}"
    r"(?:[:=(]|is)[ \t]{0,4}[\"'`]?(?P<value>[a-z]{3,8}(?:[ \t,]{1,2}[a-z]{3,8}){5,23})\b"
)
# A recovery phrase without such a word: 12, 15, 18, 21 or 24 words that fill a line or literal.
_MNEMONIC: Final = re.compile(
    r"(?m)(?:^[ \t]*(?:(?:#+|//+|--|;|\*|>|-|\d+[.)])[ \t]*)?|[\"'`>(:=][ \t]*|--?[\w-]{1,20}[ \t])"
    r"(?P<value>[a-z]{3,8}(?: [a-z]{3,8}){11}(?:(?: [a-z]{3,8}){3}){0,4})"
    r"(?=[\"'`<)]|[ \t]*(?:\*/|-->)?[ \t]*$)"
)
_ENDINGS: Final = ("ing", "ed", "ly", "s", "er", "tion")
_LEAST_PER_ENDING: Final = 3
"""Recovery words have few inflections: with more than one in so many, a line is prose."""
_FLAG: Final = re.compile(r"-$")
_DENSE: Final = re.compile(r"[^\s\"'`]{8,256}")
_CLOSERS: Final = ")]};,>"
_DENSE_BITS: Final = 9.0
_LEAST_REST: Final = 4
_ALNUM: Final = re.compile(r"[A-Za-z0-9]")
# A pass phrase of plain words: only beside a name that says so.
_PASS_PHRASE: Final = re.compile(
    r"(?im)(?P<name>[\w.-]{0,40}pass_?phrase)[\"']?[ \t]*[=:][ \t]*[\"'(]{0,2}"
    r"(?P<value>[a-z]{3,12}(?: [a-z]{3,12}){2,8}(?: \d{1,6})?)(?=[\s\"')]|$)"
)
_PHRASE_NAME: Final = re.compile(r"(?i)pass_?phrase")
_OR: Final = re.compile(r"(?:\bor\b|\|\||\?\?|\?:)[ \t]*[\"'][^\"'\n]{6,200}[\"']")
# A literal default behind an expression: `os.environ["API_KEY"] or "…"`, `password ?? "…"`.
_FALLBACK: Final = re.compile(
    r"(?<![\w.-])(?P<name>[^\W\d][\w.-]{2,60})[\"'\]]{0,2}[ \t]*(?:[=:]|\)|,)[^=\n]{0,80}?"
    r"(?:\bor\b|\|\||\?\?|\?:)[ \t]*(?P<quote>[\"'])(?P<value>[^\"'\n]{6,200})(?P=quote)"
)
_SAID_PHRASE: Final = re.compile(
    r"(?i:pass(?:word|phrase|code))\b[\w ]{0,32}?(?: is|:)[ \t]+"
    r"(?P<value>(?:[a-z]{3,12} ){2,8}\d{1,6})\b"
)
_SAID: Final = frozenset({"", "is", "was", "to", "as", "of", "by"})
_PROSE: Final = re.compile(
    r"\b(?:the|and|that|this|with|for|are|was|not|you|from|have|will|can|all|but|has|its|which"
    r"|when|into|then|than|them|they|their|must|should|does|one|other)\b"
)


def find_assigned(text: str) -> Iterator[Found]:
    """Yield the secret values beside a telling name; they may overlap."""
    for name in _NAME.finditer(text):
        if grade_of(name[0]) is not Grade.NONE:
            match = _AFTER.match(text, name.end())
            found = None if match is None else _in_pair(text, name, match)
            if found is not None:
                yield found
    for pattern in (_LINE, _SEMICOLONS, _XML, _NAMED):
        yield from _whole_values(text, pattern)
    for match in _FALLBACK.finditer(text) if _OR.search(text) else ():
        if grade_of(match["name"]) is not Grade.NONE:
            start, end = match.span("value")
            found = _quoted(text, match["name"], start, end, is_closed=True)
            if found is not None:
                yield found
    for match in _PASS_PHRASE.finditer(text) if _PHRASE_NAME.search(text) else ():
        if is_phrase(match["value"]):
            yield Found(*match.span("value"), "PASSWORD")
    for match in _SAID_PHRASE.finditer(text):
        yield Found(*match.span("value"), "PASSWORD")
    for match in _SCHEME.finditer(text):
        value = match["value"].rstrip(".:")
        if is_token_value(value) or is_made_up(value):
            yield Found(match.start("value"), match.start("value") + len(value), "TOKEN")


def find_in_commands(text: str) -> Iterator[Found]:
    """Yield passwords in command-line arguments and in lines of `.pgpass` files."""
    for match in _COMMAND.finditer(text):
        start = match.start("value")
        end = _scrambled_end(text, start, match.end("value"))
        value = text[start:end]
        is_path = value.startswith(("-", "/", "./")) and not is_token_value(value, bare=True)
        if is_literal(value) and is_password(value) and not is_path:
            yield Found(start, end, "PASSWORD")
    for match in _PGPASS.finditer(text):
        yield Found(*match.span("value"), "PASSWORD")


def find_in_urls(text: str) -> Iterator[Found]:
    """Yield passwords, tokens and webhook keys in URLs, also before their `@` is typed."""
    for match in _URL_USER.finditer(text):
        if not _PORT_AND_PATH.match(match["value"]) and is_literal(match["value"]):
            yield Found(*match.span("value"), "PASSWORD")
    for match in _URL_TOKEN.finditer(text):
        if is_token_value(match["value"]):
            yield Found(*match.span("value"), "TOKEN")
    for match in _HOOK.finditer(text):
        group = "value" if match["value"] else "path"
        if is_hook(match[group]):
            yield Found(*match.span(group), "URL")
    for match in _URL_OPEN.finditer(text):
        if not _PORT.match(match["value"]) and is_literal(match["value"]):
            yield Found(*match.span("value"), "PASSWORD")


def find_phrases(text: str) -> Iterator[Found]:
    """Yield recovery phrases of wallets."""
    for match in _PHRASE.finditer(text):
        if not _PROSE.search(match["value"]):
            yield Found(*match.span("value"), "SECRET")
    for match in _MNEMONIC.finditer(text):
        words = match["value"].split(" ")
        endings = sum(word.endswith(_ENDINGS) for word in words)
        # Words drawn at random hardly repeat; a sentence repeats its small words.
        is_drawn = len({word[:4] for word in words}) >= len(words) - 1
        if (
            is_drawn
            and _LEAST_PER_ENDING * endings <= len(words)
            and not _PROSE.search(match["value"])
        ):
            yield Found(*match.span("value"), "SECRET")


def _in_pair(text: str, named: re.Match[str], match: re.Match[str]) -> Found | None:
    name = named[0]
    grade = grade_of(name)
    for group, close in (
        ("double", "close1"),
        ("single", "close2"),
        ("back", "close3"),
        ("code", "close4"),
    ):
        if match[group] is not None:
            start, end = match.span(group)
            return _quoted(text, name, start, end, is_closed=match[close] is not None)
    start, end = match.span("bare")
    end = _before_next_parameter(text, start, _scrambled_end(text, start, end))
    value = text[start:end].rstrip(".:")
    if not is_literal(value) or (is_plain_key(name) and _is_unique_id(value)):
        return None
    is_said = match["link"].strip().lower() in _SAID
    if (
        grade is Grade.TOKEN
        and match["link"].isspace()
        and not _FLAG.search(text[max(0, named.start() - 1) : named.start()])
    ):
        return None
    if is_number(value) and (grade is Grade.PASSWORD or is_code(name)):
        return Found(start, start + len(value), kind_of(name))
    if (
        is_made_up(value)
        or is_token_value(value, bare=True)
        or (
            grade is Grade.PASSWORD
            and is_said
            and "=" not in value
            and any(map(str.isdigit, value))
            and is_password(value, bare=True)
        )
    ):
        return Found(start, start + len(value), kind_of(name))
    return None


def _quoted(text: str, name: str, start: int, end: int, *, is_closed: bool) -> Found | None:
    value = text[start:end]
    # While a literal is being typed its quote is missing: take only the first word of the rest.
    if not is_closed and " " in value.strip():
        end = start + len(value.partition(" ")[0])
        value = text[start:end]
    if len(value) < 3 or not is_literal(value) or (is_plain_key(name) and _is_unique_id(value)):
        return None
    is_strong = grade_of(name) is Grade.PASSWORD
    if any(char.isspace() for char in value):
        return Found(start, end, kind_of(name)) if is_strong and is_phrase(value) else None
    if is_token_value(value) or is_made_up(value) or (is_strong and is_password(value)):
        return Found(start, end, kind_of(name))
    if is_number(value) and is_code(name):
        return Found(start, end, kind_of(name))
    return None


def _whole_values(text: str, pattern: re.Pattern[str]) -> Iterator[Found]:
    for match in pattern.finditer(text):
        name, value = match["name"], match["value"]
        grade = grade_of(name)
        if grade is Grade.NONE or not is_literal(value):
            continue
        is_setting = name.isupper() and "=" in text[match.end("name") : match.start("value")]
        if (
            (grade is Grade.PASSWORD and is_password(value, bare=not is_setting))
            or (is_number(value) and (grade is Grade.PASSWORD or is_code(name)))
            or (not is_plain_key(name) and is_made_up(value))
            or (
                is_token_value(value, bare=True)
                and not (is_plain_key(name) and _is_unique_id(value))
            )
        ):
            yield Found(*match.span("value"), kind_of(name))


def _scrambled_end(text: str, start: int, end: int) -> int:
    """Return the end of a bare value that contains punctuation, including brackets."""
    match = _DENSE.match(text, start)
    if match is not None and (is_minified(match[0][end - start :]) or is_code_expression(match[0])):
        return end
    is_token = is_token_value(text[start:end]) and text[start:end].replace("_", "").isalnum()
    if match is not None and match.end() > end and not is_token:
        whole = match[0].rstrip(_CLOSERS)
        if is_scrambled(whole):
            return start + len(whole)
    return _dense_end(text, start, end)


def _dense_end(text: str, start: int, end: int) -> int:
    """Return the end of a random bare value, extended over brackets and punctuation in it."""
    match = _DENSE.match(text, start)
    if match is None or match.end() <= end or random_bits(text[start:end]) < _DENSE_BITS:
        return end
    rest = match[0][end - start :]
    is_random = len(rest) >= _LEAST_REST and random_bits(rest) > 0 and _ALNUM.search(rest)
    return match.end() if is_random else end


def _before_next_parameter(text: str, start: int, end: int) -> int:
    """Return the end of a bare value that is followed by more query parameters."""
    match = re.search(r"&[\w.-]{1,40}=", text[start:end])
    return end if match is None else start + match.start()


def _is_unique_id(value: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F-]{8,64}", value) is not None
