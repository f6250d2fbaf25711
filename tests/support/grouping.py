"""Finds, in source, whatever counts, sums or sorts rows into groups, or keeps things by person.

What is found is no fault yet: a list names each place that may, and why (tests/hub).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

PERSON = re.compile(
    r"(^|_)(account|accounts|author|authors|contributor|contributors|fingerprint|fingerprints"
    r"|person|people|repository|repositories|subject_hmac)($|_)"
)
"""Words of columns and variables that stand for somebody, or for what is somebody's."""
SQL = re.compile(
    r"\b(GROUP\s+BY|DISTINCT|HAVING|PARTITION\s+BY|OVER\s*\(|(COUNT|SUM|AVG|MIN|MAX)\s*\()"
    r"|\bSELECT\b.*\b(account|contributor|fingerprint|repository)\b",
    re.IGNORECASE | re.DOTALL,
)
_METHODS = frozenset(
    {"group_by", "distinct", "having", "over", "partition_by", "aggregate_order_by", "rollup"}
)
_COUNTERS = frozenset(
    {"Counter", "defaultdict", "groupby", "mean", "median", "quantiles", "stdev", "DataFrame"}
)
_KEYED = frozenset({"setdefault", "get", "pop", "add"})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Found:
    """One thing in one function of one module."""

    where: str
    """`room.module.function`, as far as there is one."""
    what: str


def grouping(source: str, module: str) -> frozenset[Found]:
    """Return what a module does of the kind; each thing once for each function."""
    return frozenset(_below(ast.parse(source), module))


def _below(node: ast.AST, where: str) -> Iterator[Found]:
    for child in ast.iter_child_nodes(node):
        inner = where
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{where}.{child.name}"
        for what in _seen(child):
            yield Found(where=inner, what=what)
        if not _is_docstring(node, child):
            yield from _below(child, inner)


def _seen(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(value=ast.Name(id="func"), attr=name):
            yield f"func.{name}"
        case ast.Call(func=ast.Attribute(attr=name)) if name in _METHODS:
            yield name
        case ast.Call(func=ast.Name(id="distinct")):
            yield "distinct"
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _COUNTERS:
            yield name
        case ast.Constant(value=str(text)) if SQL.search(text):
            yield "sql"
        case ast.Subscript(slice=key) if _is_person(key):
            yield "by_person"
        case ast.Call(func=ast.Attribute(attr=name), args=[key, *_]) if (
            name in _KEYED and _is_person(key)
        ):
            yield "by_person"
        case ast.DictComp(key=key) | ast.SetComp(elt=key) if _is_person(key):
            yield "by_person"
        case ast.Call(func=ast.Name(id="set" | "frozenset" | "sorted"), args=[made, *_]) if (
            isinstance(made, ast.GeneratorExp) and _is_person(made.elt)
        ):
            yield "by_person"
        case ast.Call(func=ast.Attribute(attr="order_by"), args=columns) if any(
            map(_is_person, columns)
        ):
            yield "sorted_by_person"
        case _:
            pass


def _is_person(node: ast.AST) -> bool:
    """Tell whether an expression is somebody, or holds somebody."""
    for part in ast.walk(node):
        match part:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Constant(value=str(name)):
                if PERSON.search(name.lower()):
                    return True
            case _:
                pass
    return False


def _is_docstring(parent: ast.AST, child: ast.AST) -> bool:
    """Tell whether a text stands alone, so that it is words for people."""
    del parent
    return isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
