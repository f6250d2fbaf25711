"""One visit of a page: who looks, what was asked, and where links lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.tokens import Asker, Scope

if TYPE_CHECKING:
    from signoff_hub.node.node import Node
    from signoff_hub.signing_in.organisation import OrganisationSignIn

MAX_FORM_BYTES: Final = 8 << 10
"""No form here holds more than a token or a code."""
_MOST_FIELDS: Final = 10
_LONGEST_NUMBER: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a page is made of."""

    node: Node
    viewer: Asker | None
    """None: nobody is signed in."""
    session: str | None = field(repr=False)
    """What the browser's cookie says, whether it holds or not."""
    path: Mapping[str, str]
    query: Mapping[str, str]
    away: str | None = field(default=None, repr=False)
    """What the browser kept while it was at the organisation's sign-in."""
    organisation: OrganisationSignIn | None = None
    """None: nobody signs in with an organisation's account."""
    form: Mapping[str, str] = field(default_factory=dict, repr=False)

    def link(self, place: str, **query: object) -> str:
        """Return the address of a page, for links: `mine`, `log/5`; the front page is empty."""
        base = urlsplit(self.node.address).path.rstrip("/")
        asked = f"?{urlencode(query)}" if query else ""
        return f"{base}/pages/{place}{asked}" if place else f"{base}/"

    def account(self) -> str:
        """Return the account of the contributor who looks.

        Raises:
            HubFault: it is none.
        """
        if self.viewer is None:
            raise HubFault(FaultCode.NO_TOKEN, "nobody is signed in, or no longer")
        return self.viewer.contributor()

    def may(self, scope: Scope) -> bool:
        """Tell whether who looks may see pages of a scope."""
        return self.viewer is not None and scope in self.viewer.scopes

    def number(self, name: str, default: int | None = None) -> int:
        """Return a number of the query.

        Raises:
            HubFault: it is none.
        """
        said = self.query.get(name, "")
        if not said and default is not None:
            return default
        return as_number(said)


def as_number(said: str) -> int:
    """Return a number that somebody wrote into an address.

    Raises:
        HubFault: it is none.
    """
    if not (said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER):
        raise HubFault(FaultCode.BAD_REQUEST, "a number is asked for, and none was given")
    return int(said)


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; of a field that is there twice, the last.

    Raises:
        HubFault: it is too large, or no form.
    """
    if len(body) > MAX_FORM_BYTES:
        raise HubFault(FaultCode.TOO_LARGE, f"a form here has at most {MAX_FORM_BYTES} bytes")
    try:
        text = body.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise HubFault(FaultCode.BAD_REQUEST, "this is no form of these pages") from None


def address_of_page(address: str) -> str:
    """Return the origin under which browsers know a hub: no other may send its forms."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
