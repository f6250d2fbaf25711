"""What every page has: head, menu, foot, and headers that let a browser do nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response

from signoff_collector import __version__
from signoff_hub.signing_in.tokens import Scope
from signoff_hub.web.markup import Content, Markup, document, group, tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_hub.web.visits import Visit

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; {script}form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_DIGITS: Final = 64
_MENU: Final[tuple[tuple[Scope | None, str, str], ...]] = (
    (None, "", "This hub"),
    (Scope.MINE, "mine", "My episodes"),
    (Scope.AUDIT, "log", "Log"),
    (Scope.AUDIT, "builds", "Data sets"),
    (Scope.AUDIT, "statistics", "Statistics"),
    (Scope.AUDIT, "feed", "What ended"),
    (Scope.OPERATE, "operate", "Operation"),
)


def headers(*, has_script: bool = False) -> dict[str, str]:
    """Return what every answer says to the browser: no other source, no frame, no copy kept."""
    script = "script-src 'self'; " if has_script else ""
    return {**_HEADERS, "Content-Security-Policy": _POLICY.format(script=script)}


def page(
    visit: Visit,
    title: str,
    *content: Content,
    at: str | None = None,
    status: int = 200,
    script: str | None = None,
    more_headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a page.

    Args:
        visit: whose.
        title: its heading.
        content: below it.
        at: the entry of the menu that it belongs to.
        status: of HTTP.
        script: name of the one script that helps on it; it works without.
        more_headers: such as a cookie.
    """
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} - Signoff hub"),
        tag("link", rel="stylesheet", href=visit.link("style.css")),
        tag("link", rel="icon", type="image/svg+xml", href=visit.link("icon.svg")),
        tag("script", src=visit.link(script), defer=True) if script else None,
    )
    body = tag(
        "body",
        tag("a", "Skip to the content", class_="skip", href="#content"),
        _top(visit, at),
        tag("main", tag("h1", title), content, id="content", tabindex="-1"),
        tag(
            "footer",
            tag("p", f"Signoff {__version__}. Times are UTC. Nobody is measured here."),
        ),
    )
    return Response(
        document(head, body),
        status_code=status,
        media_type="text/html",
        headers={**headers(has_script=script is not None), **(more_headers or {})},
    )


def go(place: str) -> Response:
    """Return the way to another page, after a form was taken."""
    return RedirectResponse(place, status_code=303, headers=headers())


def file(content: bytes | str, name: str, kind: str = "application/json") -> Response:
    """Return something to keep as a file.

    Args:
        content: its exact bytes.
        name: of letters, digits, dots and hyphens.
        kind: its media type.
    """
    said = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers={**headers(), **said})


def _top(visit: Visit, at: str | None) -> Markup:
    entries = [
        tag(
            "li",
            tag("a", words, href=visit.link(place), aria_current="page" if place == at else None),
        )
        for scope, place, words in _MENU
        if scope is None or visit.may(scope)
    ]
    if visit.viewer is None:
        is_there = "page" if at == "sign-in" else None
        sign = tag("a", "Sign in", href=visit.link("sign-in"), aria_current=is_there)
        entries.append(tag("li", sign))
    out = (
        tag(
            "form",
            tag("button", "Sign out", type="submit"),
            method="post",
            action=visit.link("sign-out"),
        )
        if visit.viewer is not None
        else None
    )
    return tag(
        "header",
        tag("span", "Signoff hub", class_="name"),
        tag("nav", tag("ul", entries), aria_label="Pages"),
        out,
    )


def facts(*pairs: tuple[str, Content]) -> Markup:
    """Return a list of names with what they are; those without anything are left away."""
    shown = ((name, what) for name, what in pairs if what is not None)
    return tag("dl", (tag("div", tag("dt", name), tag("dd", what)) for name, what in shown))


def table(caption: str, names: tuple[str, ...], rows: list[tuple[Content, ...]]) -> Markup:
    """Return a table, which a narrow window scrolls by itself, also with keys."""
    head = tag("thead", tag("tr", (tag("th", name, scope="col") for name in names)))
    body = tag("tbody", (tag("tr", (tag("td", cell) for cell in row)) for row in rows))
    inner = tag("table", tag("caption", caption), head, body)
    return tag("div", inner, class_="wide", role="region", aria_label=caption, tabindex="0")


def when(told: str | None) -> Content:
    """Return a time that a narrow column breaks before its hour, and nowhere else."""
    if told is None:
        return None
    day, _, clock = told.partition(" ")
    return (tag("span", day, class_="whole"), " ", clock and tag("span", clock, class_="whole"))


def mono(text: str) -> Markup:
    """Return a digest, a command's word or a name, as it is written."""
    return tag("code", text)


def commands(*lines: str) -> Markup:
    """Return commands to type, one a line; a long one is not broken within an option."""
    return tag("pre", tag("code", [(_words(line), "\n") for line in lines]))


def _words(line: str) -> Content:
    words = line.split(" ")
    last = len(words) - 1
    return [
        (
            tag("span", word, class_="whole") if word.startswith("-") else word,
            " " if n < last else "",
        )
        for n, word in enumerate(words)
    ]


def note(kind: str, *content: Content) -> Markup:
    """Return something said in a box: `good`, `bad` or `warn`."""
    return tag("div", group(*content), class_=f"note {kind}", role="status")


def field(name: str, words: str, *, most: int, is_secret: bool = True) -> Markup:
    """Return a field of a form with its label; nothing that is typed in is kept or corrected.

    Args:
        name: of the field.
        words: its label.
        most: characters; 64 are those of a digest.
        is_secret: whether it is covered while it is typed.
    """
    is_digest = most == _DIGITS
    return tag(
        "div",
        tag("label", words, for_=name),
        tag(
            "input",
            id=name,
            name=name,
            type="password" if is_secret else None,
            required=True,
            autocomplete="off",
            spellcheck="false",
            maxlength=str(most),
            pattern="[0-9a-f]{64}" if is_digest else None,
            title="64 digits from 0 to 9 and a to f" if is_digest else None,
        ),
    )


def section(title: str, *content: Content) -> Markup:
    """Return a part of a page with its heading."""
    return tag("section", tag("h2", title), content)
