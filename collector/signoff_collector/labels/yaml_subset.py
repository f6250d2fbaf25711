"""A small part of YAML, read without running anything: mappings, lists, plain and quoted scalars.

Anchors, aliases and tags are refused, so nothing in a file can grow. A plain whole number is one,
every other scalar is text: `no`, `on` and `1.10` mean what they say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event

MAX_DEPTH: Final = 8
MAX_NODES: Final = 5_000
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,8})")
_HINT: Final = "docs/labels.md shows a label schema."


def read_yaml(content: bytes) -> object:
    """Return the one document in `content`: dicts, lists, texts and whole numbers.

    Raises:
        DamagedError: it is no YAML, uses more than this part of it, or is nested too deep.
    """
    import yaml

    try:
        text = content.decode("utf-8")
        return _Reading(yaml.parse(text, Loader=yaml.SafeLoader)).document()
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark
        where = f", line {place.line + 1}" if place is not None else ""
        raise DamagedError(f"the label schema is not YAML{where}", hint=_HINT) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise DamagedError("the label schema is not YAML in UTF-8", hint=_HINT) from error


class _Reading:
    """One pass over the events of a parser."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._nodes = 0

    def document(self) -> object:
        from yaml import events as kinds

        self._expect(kinds.StreamStartEvent)
        self._expect(kinds.DocumentStartEvent)
        found = self._node(self._next(), 0)
        self._expect(kinds.DocumentEndEvent)
        self._expect(kinds.StreamEndEvent)
        return found

    def _next(self) -> Event:
        event = next(self._events, None)
        if event is None:
            raise DamagedError("the label schema ends too early", hint=_HINT)
        return event

    def _expect(self, kind: type[Event]) -> None:
        if not isinstance(self._next(), kind):
            raise DamagedError("the label schema is not one YAML document", hint=_HINT)

    def _node(self, event: Event, depth: int) -> object:
        from yaml import events as kinds

        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise DamagedError("the label schema is nested too deep, or too large", hint=_HINT)
        if isinstance(event, kinds.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise DamagedError("a label schema has no anchors and no aliases", hint=_HINT)
        if getattr(event, "tag", None) is not None:
            raise DamagedError("a label schema has no tags of YAML", hint=_HINT)
        if isinstance(event, kinds.ScalarEvent):
            is_number = event.style is None and _NUMBER.fullmatch(event.value)
            return int(event.value) if is_number else _joined(event.value)
        if isinstance(event, kinds.SequenceStartEvent):
            return self._items(depth)
        return self._fields(depth)

    def _items(self, depth: int) -> list[object]:
        from yaml import events as kinds

        found: list[object] = []
        while not isinstance(event := self._next(), kinds.SequenceEndEvent):
            found.append(self._node(event, depth + 1))
        return found

    def _fields(self, depth: int) -> dict[str, object]:
        from yaml import events as kinds

        found: dict[str, object] = {}
        while not isinstance(event := self._next(), kinds.MappingEndEvent):
            name = self._node(event, depth + 1)
            if not isinstance(name, str) or name in found:
                raise DamagedError(
                    "a name in the label schema is given twice, or is no text", hint=_HINT
                )
            found[name] = self._node(self._next(), depth + 1)
        return found


def _joined(text: str) -> str:
    """Return a text whose pairs of escaped surrogates are one character, as in JSON.

    Raises:
        UnicodeDecodeError: half of a pair stands alone.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
