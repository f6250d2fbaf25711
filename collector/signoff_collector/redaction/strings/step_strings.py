"""Visit every free string of a step or header: one that a person or a program wrote.

Fields whose values the schema fixes (kinds, reasons, hashes, ordinals) are skipped. Fields are
found by introspection of the models, so a field that is added later is visited by default.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from types import NoneType
from typing import Annotated, Final, Literal, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel

from signoff_schemas.cases import Cases
from signoff_schemas.steps import AnyStep, UnknownStep
from signoff_schemas.values import TestCase

Visitor = Callable[[str, str], str]
"""Takes a JSON pointer and a string; returns the replacement."""
Model = TypeVar("Model", bound=BaseModel)

_DEEPEST: Final = 32
_LONG_NUMBER: Final = 6
"""Numbers of fewer digits are too short to contain a value."""
_WITHOUT_TEXT: Final = frozenset({bool, int, float, NoneType})
_FIXED: Final = frozenset({"kind", "source", "mode", "captured_on", "session", "workspace"})
"""Fields that Signoff itself fills."""


def map_strings(model: Model, visit: Visitor, prefix: str = "") -> Model:
    """Return the model with every free string visited; the same object if none changed."""
    changed: dict[str, object] = {}
    for name in _free_fields(type(model)):
        old = getattr(model, name)
        new = _map_value(old, visit, f"{prefix}/{name}")
        if new is not old:
            changed[name] = new
    for name, old in (model.model_extra or {}).items():
        new = _map_value(old, visit, f"{prefix}/{name}")
        if new is not old:
            changed[name] = new
    return model.model_copy(update=changed) if changed else model


def strings_of(model: BaseModel) -> list[tuple[str, str]]:
    """Return every free string with its JSON pointer."""
    found: list[tuple[str, str]] = []

    def note(pointer: str, text: str) -> str:
        found.append((pointer, text))
        return text

    map_strings(model, note)
    return found


def resists_masking(step: AnyStep, visit: Visitor) -> bool:
    """Return whether a step of an unknown kind contains a value that cannot be masked in place.

    Names of fields, numbers and bytes cannot hold a placeholder. A step with a secret in one of
    these, or nested too deeply, becomes a gap.

    Args:
        step: of any kind; the answer is False for all kinds that this release knows.
        visit: masks a string.
    """
    if not isinstance(step, UnknownStep):
        return False
    named = {"kind": step.kind, "source": step.source}
    return any(visit("", text) != text for text in named.values()) or _resists(
        step.model_extra or {}, visit, _DEEPEST
    )


def _resists(value: object, visit: Visitor, depth: int) -> bool:
    if isinstance(value, dict):
        named = cast("dict[object, object]", value)
        if any(not isinstance(name, str) or visit("", name) != name for name in named):
            return True
        value = list(named.values())
    if isinstance(value, list | tuple):
        items = cast("tuple[object, ...]", value)
        return depth == 0 or any(_resists(item, visit, depth - 1) for item in items)
    if isinstance(value, int | float):  # a number cannot hold a placeholder
        text = str(value)
        return len(text) >= _LONG_NUMBER and visit("", text) != text
    return value is not None and not isinstance(value, str)


def _map_value(value: object, visit: Visitor, pointer: str) -> object:
    if isinstance(value, str):
        new = value if isinstance(value, Enum) or not value else visit(pointer, value)
        return value if new == value else new
    if isinstance(value, BaseModel):
        return map_strings(value, visit, pointer)
    if isinstance(value, Cases):
        return _map_cases(value, visit, pointer)
    if isinstance(value, (tuple, list)):
        return _map_items(cast("tuple[object, ...]", value), visit, pointer)
    if isinstance(value, dict):
        return _map_names(cast("dict[object, object]", value), visit, pointer)
    return value


def _map_items(value: tuple[object, ...], visit: Visitor, pointer: str) -> object:
    new = [_map_value(item, visit, f"{pointer}/{place}") for place, item in enumerate(value)]
    if all(one is other for one, other in zip(new, value, strict=True)):
        return value
    return tuple(new)


def _map_cases(cases: Cases, visit: Visitor, pointer: str) -> Cases:
    """Visit test cases; most have no free string but their id, so are not built as models."""
    changed: dict[int, TestCase] = {}
    talkative = set(cases.talkative)
    for place, name in enumerate(cases.ids):
        if place in talkative:
            case = cases[place]
            new = map_strings(case, visit, f"{pointer}/{place}")
            if new is not case:
                changed[place] = new
        elif name and (shown := visit(f"{pointer}/{place}/id", name)) != name:
            changed[place] = cases[place].model_copy(update={"id": shown})
    return cases.replaced(changed) if changed else cases


def _map_names(value: dict[object, object], visit: Visitor, pointer: str) -> object:
    new: dict[object, object] = {}
    for place, (name, item) in enumerate(value.items()):
        shown = name
        if isinstance(name, str) and name:  # keys of an unknown step may be any text
            shown = visit(f"{pointer}/{place}.name", name)
        new[shown] = _map_value(item, visit, f"{pointer}/{place}")
    same = list(new) == list(value) and all(new[name] is value[name] for name in value)
    return value if same else new


@lru_cache(maxsize=256)
def _free_fields(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(
        name
        for name, field in model.model_fields.items()
        if name not in _FIXED and not name.endswith("sha256") and _can_hold(field.annotation)
    )


def _can_hold(annotation: object) -> bool:
    """Return whether a type can hold a free string; unknown types count as if they can."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal or annotation is ...:
        return False
    if origin is Annotated:
        return _can_hold(parts[0])
    if parts:
        return any(_can_hold(part) for part in parts)
    if not isinstance(annotation, type):
        return True
    if issubclass(annotation, BaseModel):
        return any(_can_hold(field.annotation) for field in annotation.model_fields.values())
    return not issubclass(annotation, Enum) and annotation not in _WITHOUT_TEXT
