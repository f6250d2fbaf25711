"""Certificates of private authorities: each is trusted for the one hub that it was named for.

A person names a file with `--ca`; it is kept, so that every later question to this hub trusts it
too. Neither the environment nor another hub gains anything by it (threat 26).

    state/hubs/<SHA-256 of the audience>/authority.pem
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.hub_terms import hub_folder
from signoff_collector.consent.terms.audience import is_hub
from signoff_collector.own_files.private_files import (
    make_private_folder,
    read_regular,
    replace_private,
)
from signoff_collector.upload.hub.client import HubClient
from signoff_schemas.errors import NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home

_MAX_BYTES: Final = 256 << 10
_FILE: Final = "authority.pem"
_HINT: Final = "Name the authority's certificate: a file in PEM, without its key."


def keep_authority(home: Home, audience: Audience, path: Path) -> None:
    """Trust the certificates of a file for one hub from now on, besides what the system trusts.

    What was kept for this hub before is replaced.

    Args:
        home: where they are kept.
        audience: the hub.
        path: PEM.

    Raises:
        UsageError: there is no TLS at such an address.
        NotFoundError: there is no such file.
        RefusedError: it holds no certificate that can be read, or a private key.
    """
    if not (is_hub(audience) and audience.startswith("https://")):
        raise UsageError(
            f"--ca is for a hub at https://, which {audience} is not",
            hint="Leave it out; a bucket is recognised by what the system trusts.",
        )
    content = read_regular(path, max_bytes=_MAX_BYTES)
    if b"PRIVATE KEY-----" in content:
        raise RefusedError(f"{path} holds a private key; nothing was kept", hint=_HINT)
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=content.decode("ascii"))
    except (ValueError, OSError):
        raise RefusedError(f"{path} holds no certificate that can be read", hint=_HINT) from None
    folder = hub_folder(home, audience)
    make_private_folder(folder)
    replace_private(folder / _FILE, content)


def authority_of(home: Home, audience: Audience) -> bytes | None:
    """Return what is kept for a hub (PEM); None where only the system says whom to trust."""
    try:
        return read_regular(hub_folder(home, audience) / _FILE, max_bytes=_MAX_BYTES)
    except NotFoundError:
        return None


def open_hub(home: Home, audience: Audience, *, away_hint: str | None = None) -> HubClient:
    """Return the client of a hub, which trusts what is kept for it; nothing is contacted yet.

    Args:
        home: where its authority is kept.
        audience: the hub's address.
        away_hint: as of `HubClient`.
    """
    return HubClient(audience, root_certificate=authority_of(home, audience), away_hint=away_hint)
