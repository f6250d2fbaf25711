"""The built page filled with what it shows (`editor_extensions/review_page/` builds it).

The page reads the episode's bytes itself. What is put in here stands in a block of JSON that
no parser of HTML or script can be led out of, whatever a recorded name holds.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONCE: Final = 'nonce="@NONCE@"'
_SCRIPTS: Final = 2
"""How many stand behind the data and are run: what recorded text comes after is none of them."""
_POLICY: Final = "<!--@POLICY@-->"
_DATA: Final = "@DATA@"
_ESCAPES: Final = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPage:
    """A page that plays one episode and reaches nothing: it says no more than the episode does."""

    episode: bytes
    at_seq: int | None = None
    """The moment it begins at; None is the first edit."""
    storyline: Mapping[str, object] | None = None
    """Chapters and red tests of this episode (`levels.storyline`); None tells none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """A page that asks the review's server for everything."""

    project: str | None
    """Name of the recorded folder, which no episode holds; None if it was not recorded here."""
    token: str
    """What its requests bear."""
    again: str = ""
    """The path that its address gets: loaded again, it is answered with words and no data."""


PageData = ReplayPage | ReviewPage


def page_policy(nonce: str, *, connects: bool) -> str:
    """Return the content security policy of the page.

    Args:
        nonce: of its scripts and its style sheets.
        connects: whether it may ask the server that it came from.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            "worker-src blob:",
            "connect-src 'self'" if connects else "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def render_page(data: PageData, nonce: str) -> bytes:
    """Return the whole page as UTF-8.

    Args:
        data: what it shows.
        nonce: letters, digits, `-` and `_`; the same stands in the response's policy, to which
            `frame-ancestors 'none'` belongs, since a page cannot say that of itself.

    Raises:
        ValueError: the nonce has other characters.
    """
    if not nonce or not nonce.isascii() or not nonce.replace("-", "").replace("_", "").isalnum():
        raise ValueError("a nonce is made of letters, digits, - and _")
    if isinstance(data, ReplayPage):
        episode = base64.b64encode(data.episode).decode("ascii")
        own = {
            "mode": "replay",
            "episode": episode,
            "at_seq": data.at_seq,
            "storyline": data.storyline,
        }
    else:
        own = {
            "mode": "review",
            "project": data.project,
            "token": data.token,
            "again": data.again,
        }
    policy = page_policy(nonce, connects=isinstance(data, ReviewPage))
    before, after = _template()
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}" />'
    filled = before.replace(_POLICY, meta, 1).replace(_NONCE, f'nonce="{nonce}"')
    text = json.dumps(own, ensure_ascii=True).translate(_ESCAPES)
    return "".join((filled, text, after.replace(_NONCE, f'nonce="{nonce}"', _SCRIPTS))).encode()


def render_replay(
    data: bytes,
    *,
    at_seq: int | None = None,
    storyline: Mapping[str, object] | None = None,
) -> bytes:
    """Return a page that plays an episode by itself: no server, no network, one file.

    The same arguments give the same page.

    Args:
        data: the episode's bytes, which the page decodes.
        at_seq: the step it begins behind; None is the first edit.
        storyline: of the same bytes, so that nothing stands in it that was masked in them.
    """
    nonce = hashlib.sha256(data).hexdigest()[:32]
    page = ReplayPage(episode=data, at_seq=at_seq, storyline=storyline)
    return render_page(page, nonce)


@cache
def _template() -> tuple[str, str]:
    """Return what stands before and behind the data."""
    whole = resources.files(__package__ or "").joinpath("page.html").read_text("utf-8")
    before, _, after = whole.partition(_DATA)
    return before, after
