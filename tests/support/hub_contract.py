"""The description of a hub's API, as the app gives it, and its parts, for tests that ask all."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.hubs import made_node

from signoff_hub.api.app import make_app
from signoff_schemas.untyped import fields_of, is_fields, items_of

FILE = Path(__file__).resolve().parents[2] / "docs" / "hub" / "openapi.json"
RENEW = ".venv/bin/python tests/write_openapi.py"
METHODS = ("get", "head", "post", "put", "delete", "patch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    said: dict[str, object]

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"


def document() -> dict[str, object]:
    """Return what an app says of itself."""
    with tempfile.TemporaryDirectory() as folder, made_node(Path(folder) / "hub") as node:
        return make_app(node).openapi()


def written(held: dict[str, object]) -> str:
    """Return the text of the file."""
    return json.dumps(held, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def operations(held: dict[str, object]) -> Iterator[Operation]:
    """Yield every method of every path."""
    for path, methods in sorted(fields_of(held["paths"]).items()):
        for method in METHODS:
            said = fields_of(methods).get(method)
            if said is not None:
                yield Operation(method=method, path=path, said=fields_of(said))


def listed_codes(method: str, path: str, status: int) -> frozenset[str] | None:
    """Return the codes that the file lists for an answer; None where it has no such operation."""
    for form, codes in _listed():
        if form.fullmatch(f"{method} {path}"):
            return codes.get(status, frozenset())
    return None


@cache
def _listed() -> list[tuple[re.Pattern[str], dict[int, frozenset[str]]]]:
    found: list[tuple[re.Pattern[str], dict[int, frozenset[str]]]] = []
    for one in operations(fields_of(json.loads(FILE.read_text("utf-8")))):
        codes = {
            int(status): frozenset(str(fields_of(answer)["description"]).split(": ")[1].split(", "))
            for status, answer in fields_of(one.said["responses"]).items()
            if status >= "4"
        }
        form = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(one.name))
        if one.path.endswith("{path}"):
            form = f"{form.removesuffix('[^/]+')}.+"
        found.append((re.compile(form), codes))
    return sorted(found, key=lambda one: "[^/]+" in one[0].pattern)


def schemas(held: dict[str, object], at: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    """Yield every schema below a value, with the way to it."""
    for key, value in held.items():
        way = f"{at}/{key}"
        for n, one in enumerate(items_of(value)):
            if is_fields(one):
                yield f"{way}/{n}", one
                yield from schemas(one, f"{way}/{n}")
        if is_fields(value):
            yield way, value
            yield from schemas(value, way)
