"""The description of a hub's API, as the app gives it, and its parts, for tests that ask all."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
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
