"""Audiences: where an episode may go, in one spelling (docs/sign_off.md, Audience).

A sign-off names one audience; every send compares it with the target store.
So URLs are canonicalised: one store has exactly one spelling.

* `file:///abs/path`                       a folder, by its real path
* `s3://HOST[:PORT]/BUCKET[/PREFIX]`       an object store, always over TLS
* `s3+http://127.0.0.1:PORT/BUCKET[/…]`    the same without TLS, loopback only; `localhost`
                                            becomes 127.0.0.1
* `https://HOST[:PORT][/TEAM]`              a hub, which has terms of its own
* `http://127.0.0.1:PORT[/TEAM]`            a hub without TLS, loopback only as above
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NewType
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

from signoff_collector.system.files.spelling import path_in_uri, path_out_of_uri
from signoff_schemas.errors import RefusedError, UsageError
from signoff_schemas.strict import TEAM, names_hub

Audience = NewType("Audience", str)
"""A store or a hub in canonical spelling."""

_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TEAM: Final = re.compile(TEAM)
_PLAIN: Final = frozenset({"http", "s3+http"})
_HINT: Final = "Write file:///folder, s3://host/bucket/prefix or https://hub/team."
_SAFE: Final = "/-._~!$&'()*+,;=:@"


def canonical_audience(url: str) -> Audience:
    """Return the one spelling of the store that `url`, or a plain folder, names.

    Raises:
        UsageError: it names no store.
        RefusedError: it names one over plain http beyond this machine.
    """
    if not url:
        raise UsageError("the address of the store is empty", hint=_HINT)
    if "://" not in url:
        return _of_folder(Path(url).absolute())
    if not url.isprintable() or any(char.isspace() for char in url):
        raise UsageError(
            "the address of the store contains spaces or control characters", hint=_HINT
        )
    parts = _split(url)
    if parts.query or parts.fragment or "@" in parts.netloc or "?" in url or "#" in url:
        raise UsageError("the address of a store must have no user, query or fragment", hint=_HINT)
    match parts.scheme:
        case "file":
            return _of_file(parts)
        case "s3" | "s3+http":
            return _of_s3(parts)
        case "https" | "http":
            return _of_hub(parts)
        case _:
            raise UsageError(f"there is no store for {parts.scheme!r} addresses", hint=_HINT)


def is_hub(audience: Audience) -> bool:
    """Return whether an audience is a hub: signing for it needs the hub's terms."""
    return names_hub(audience)


def folder_of(audience: Audience) -> Path:
    """Return the folder that a `file` audience names."""
    content = unquote_to_bytes(audience.removeprefix("file://"))
    return path_out_of_uri(content.decode("utf-8", "surrogateescape"))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise UsageError("the address of the store is not a valid URL", hint=_HINT) from None
    return parts


def _of_file(parts: SplitResult) -> Audience:
    if parts.netloc not in ("", "localhost"):
        raise UsageError(f"a file store lies on this machine, not on {parts.netloc!r}", hint=_HINT)
    content = unquote_to_bytes(parts.path)
    if b"\0" in content or not content.startswith(b"/"):
        raise UsageError("the address of a file store must be an absolute path", hint=_HINT)
    return _of_folder(path_out_of_uri(content.decode("utf-8", "surrogateescape")))


def _of_folder(folder: Path) -> Audience:
    try:
        real = folder.resolve()
    except (OSError, RuntimeError):
        raise UsageError("the folder of the store cannot be resolved", hint=_HINT) from None
    if real == Path(real.anchor):
        raise UsageError("the root of the file system cannot be a store", hint=_HINT)
    content = path_in_uri(real).encode("utf-8", "surrogateescape")
    return Audience(f"file://{quote(content, safe=_SAFE)}")


def _of_s3(parts: SplitResult) -> Audience:
    server = _server(parts)
    bucket, *prefix = _place_in_store(parts.path).split("/")
    if not _BUCKET.fullmatch(bucket) or any(p in ("", ".", "..") for p in prefix):
        raise UsageError("the address names no bucket, or a prefix with empty parts", hint=_HINT)
    path = "/".join(quote(part, safe=_SAFE.replace("/", "")) for part in (bucket, *prefix))
    return Audience(f"{server}/{path}")


def _of_hub(parts: SplitResult) -> Audience:
    server = _server(parts)
    team = _place_in_store(parts.path)
    if not team:
        return Audience(server)
    if not _TEAM.fullmatch(team):
        raise UsageError(
            "after the host of a hub comes at most a team: up to 63 small letters, digits,"
            " '.', '_' and '-'",
            hint="Write https://hub or https://hub/team.",
        )
    return Audience(f"{server}/{team}")


def _server(parts: SplitResult) -> str:
    """Return scheme, host and port in one spelling, without the port that the scheme means."""
    host, port = (parts.hostname or "").lower(), parts.port
    if not host.isascii() or not (_HOST.fullmatch(host) or host == "::1"):
        raise UsageError("the address names no host", hint=_HINT)
    if port == 0:
        raise UsageError("the address names port 0, which no server uses", hint=_HINT)
    is_plain = parts.scheme in _PLAIN
    if is_plain and host == "localhost":  # a name may lead anywhere: it is not asked for
        host = "127.0.0.1"
    if is_plain and host not in _LOOPBACK:
        with_tls = "https" if parts.scheme == "http" else "s3"
        raise RefusedError(
            "nothing is sent over plain http beyond this machine",
            hint=f"Use {with_tls}:// with TLS.",
        )
    place = f"[{host}]" if ":" in host else host
    default_port = 80 if is_plain else 443
    shown_port = "" if port in (None, default_port) else f":{port}"
    return f"{parts.scheme}://{place}{shown_port}"


def _place_in_store(path: str) -> str:
    try:
        text = unquote_to_bytes(path).decode("utf-8").strip("/")
    except UnicodeDecodeError:
        text = "\x00"
    if not text.isprintable():
        raise UsageError("what follows the host contains control characters", hint=_HINT)
    return text
