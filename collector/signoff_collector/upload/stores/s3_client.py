"""Setting obstore up for one bucket, with nothing from the environment but the credentials.

obstore reads every AWS_* variable, proxies and certificate files from the environment, and what
it finds there wins over what it is told. A project's `.envrc` can set all of them (threat 1).
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from obstore.store import S3Store as Client

from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from obstore.store import ClientConfig, S3Config

_REGION: Final = re.compile(r"s3[.-]([a-z]{2}-[a-z-]+-\d)\.amazonaws\.com")
_PLAIN: Final = re.compile(r"[!-~]{1,16384}")
"""What may stand in a header: of anything else the native client dies, and prints it."""
_LONGEST_PUT: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who asks; never printed."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def find_credentials(environ: Mapping[str, str]) -> Credentials:
    """Return the credentials of the environment: three variables and nothing else.

    Raises:
        RefusedError: there are none, or they cannot be any.
    """
    access, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not access or not secret:
        raise RefusedError(
            "there are no credentials for the object store",
            hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    token = environ.get("AWS_SESSION_TOKEN") or None
    if not all(_PLAIN.fullmatch(each) for each in (access, secret, token) if each is not None):
        raise RefusedError(
            "the credentials for the object store contain characters that no credential has",
            hint="Was a line break or a space copied with them? Set them again.",
        )
    return Credentials(access_key=access, secret_key=secret, session_token=token)


def make_client(
    endpoint: str,
    bucket: str,
    credentials: Credentials,
    *,
    proxy: str | None,
    root_certificate: bytes | None = None,
) -> Client:
    """Return a client for one bucket; nothing is contacted.

    Args:
        endpoint: `https://HOST[:PORT]`, or `http://` on the loopback.
        bucket: its name.
        credentials: by whom.
        proxy: the gate's address; None for a hub, whose operator names the store.
        root_certificate: PEM, trusted besides what the system trusts.
    """
    parts = urlsplit(endpoint)
    found = _REGION.search(parts.hostname or "")
    config: S3Config = {
        "endpoint": endpoint,
        "region": found[1] if found else "us-east-1",
        "access_key_id": credentials.access_key,
        "secret_access_key": credentials.secret_key,
        "virtual_hosted_style_request": False,
        "conditional_put": "etag",
        "disable_bulk_delete": True,
    }
    if credentials.session_token is not None:
        config["session_token"] = credentials.session_token
    options: ClientConfig = {
        "allow_http": parts.scheme == "http",
        "connect_timeout": timedelta(seconds=20),
        "timeout": _LONGEST_PUT,
        "read_timeout": timedelta(seconds=60),
    }
    if proxy is not None:
        options["proxy_url"] = proxy
    if root_certificate is not None:
        options["root_certificate"] = root_certificate
    with _empty_environment():
        return Client(
            bucket,
            config=config,
            client_options=options,
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=30)},
        )


@contextmanager
def _empty_environment() -> Generator[None]:
    """Let obstore see no environment while it sets itself up."""
    kept = dict(os.environ)
    os.environ.clear()
    try:
        yield
    finally:
        os.environ.update(kept)
