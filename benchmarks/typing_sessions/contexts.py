"""Where secrets stand: lines of languages, configurations, prose and bare ones.

The two tables hold one context a line: the kind of its file, and a template of whole lines.
`{n}` is the name of the setting, `{N}` the same as a variable of a shell, `{v}` the secret,
`{v!j}` the secret in a JSON string, `{v!x}` in XML, `{v!u}` percent-encoded, `{v!b}` base64 of
`user:secret`, `{v!e}` base64 of it, `{v!h}` as hexadecimal escapes, `{v!U}` as Unicode escapes,
`{v!c}` its characters one by one, `{v!p}` two strings joined by a plus, `{v!1}` and `{v!2}` its
halves, `{v!r}` in a regular expression, `{v!s}` without what ends a value in a connection string,
`{v!q}` a Python literal.
"""

from __future__ import annotations

import base64
import json
import random
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from .secret import Secret


@dataclass(frozen=True, slots=True)
class Context:
    """One way in which a secret stands in a file."""

    suffix: str
    template: str
    is_telling: bool
    """Whether a name beside the secret says that it is one."""

    def lines(self, secret: Secret, source: random.Random) -> str:
        """Return whole lines that hold the secret."""
        name = source.choice(secret.names)
        shell = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
        made = _FIELD.sub(lambda match: _spelled(match[1], name, shell, secret.text), self.template)
        return made + "\n"


_FIELD: Final = re.compile(r"\{(n|N|v(?:![a-zU12])?)\}")


def _contexts(name: str, *, is_telling: bool) -> tuple[Context, ...]:
    found: list[Context] = []
    table = Path(__file__).with_name(name).read_text(encoding="utf-8")
    for line in table.strip("\n").split("\n"):
        suffix, template = line.split(" ", 1)
        template = template.replace("\\n", "\n").replace("\\t", "\t")
        found.append(Context(suffix, template, is_telling))
    return tuple(found)


TELLING: Final = _contexts("named_contexts.txt", is_telling=True)
BARE: Final = _contexts("bare_contexts.txt", is_telling=False)


_SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "v": lambda value: value,
    "v!j": lambda value: json.dumps(value)[1:-1],
    "v!x": lambda value: escape(value, {'"': "&quot;"}),
    "v!u": lambda value: urllib.parse.quote(value, safe=""),
    "v!b": lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
    "v!e": lambda value: base64.b64encode(value.encode()).decode(),
    "v!h": lambda value: "".join(f"\\x{ord(char):02x}" for char in value),
    "v!U": lambda value: "".join(f"\\u{ord(char):04x}" for char in value),
    "v!c": lambda value: ", ".join(repr(char) for char in value),
    "v!p": lambda value: f'"{value[: len(value) // 2]}" + "{value[len(value) // 2 :]}"',
    "v!1": lambda value: value[: len(value) // 2],
    "v!2": lambda value: value[len(value) // 2 :],
    "v!r": re.escape,
    "v!s": lambda value: value.replace(";", ":").replace(" ", "_"),
    "v!q": repr,
}
"""Ways to write a value down."""


def _spelled(field: str, name: str, shell: str, value: str) -> str:
    if field == "n":
        return name
    return shell if field == "N" else _SPELLINGS[field](value)
