"""HTML that cannot be written wrong: text is always escaped, addresses are always our own.

There is no way to pass finished HTML in: what comes from outside is text, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

_EMPTY: Final = frozenset({"br", "hr", "input", "link", "meta"})
_ADDRESSES: Final = frozenset({"href", "src", "action"})


@dataclass(frozen=True, slots=True)
class Markup:
    """Finished HTML; only `tag` makes it."""

    html: str


Content: TypeAlias = "Markup | str | Iterable[Content] | None"
"""What stands in an element: text, elements, or nothing."""


def tag(name: str, /, *content: Content, **attributes: str | bool | None) -> Markup:
    """Return an element.

    Args:
        name: of the element.
        content: in it; text is escaped.
        attributes: `class_` and the like lose their last underscore, other underscores become
            hyphens. True: without a value. False or None: left away.

    Raises:
        ValueError: an address leads elsewhere than to this hub or this page.
    """
    pairs = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Markup(f"<{name}{pairs}>")
    return Markup(f"<{name}{pairs}>{_inner(content)}</{name}>")


def group(*content: Content) -> Markup:
    """Return elements one after the other."""
    return Markup(_inner(content))


def document(head: Content, body: Content, *, language: str = "en") -> str:
    """Return a whole page."""
    return "<!doctype html>\n" + tag("html", tag("head", head), body, lang=language).html + "\n"


def _attribute(key: str, value: str | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    is_ours = value.startswith("#") or (value.startswith("/") and not value.startswith("//"))
    if name in _ADDRESSES and not is_ours:
        raise ValueError(f"{name} leads elsewhere")
    return f' {name}="{escape(value, quote=True)}"'


def _inner(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Markup):
        return content.html
    if isinstance(content, str):
        return escape(content, quote=True)
    return "".join(_inner(one) for one in content)
