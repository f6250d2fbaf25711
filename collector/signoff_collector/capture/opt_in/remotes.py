"""Read a repository's remote, and compare two spellings of a remote's address.

A workspace is bound to its real path and to its remote, so that another repository put at the same
path later is not recorded by mistake. The repository's configuration is parsed here as plain bytes:
no program runs, no include is followed, and a pipe in place of the file cannot block the reader.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

_DEFAULT_PORTS: Final = {"https": 443, "http": 80, "ssh": 22, "git": 9418}
_SCP_FORM: Final = re.compile(r"(?:[^@/:]+@)?(?P<host>\[[^\]/]+\]|[^/:@]+):(?P<path>.+)", re.DOTALL)
_SECTION: Final = re.compile(
    r'\s*\[\s*remote\s+"(?P<name>(?:[^"\\]|\\.)*)"\s*\](?P<rest>.*)', re.IGNORECASE
)
_URL: Final = re.compile(r"\s*url\s*=(?P<value>.*)", re.IGNORECASE)
_ESCAPES: Final = {"n": "\n", "t": "\t", "b": "\b"}
_HEX_DIGITS_IN_WINDOWS_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")


def normalise_remote(url: str) -> str:
    """Reduce a remote's address to `host/path`, equal for its https, ssh and scp forms.

    User names, passwords, default ports, a trailing slash and `.git` do not identify a repository;
    they are dropped, and with them any credential. A local path becomes `file:` and the path.
    """
    address = url.strip()
    scheme, separator, _ = address.partition("://")
    if separator:
        return _from_url(scheme.lower(), address)
    scp = _SCP_FORM.fullmatch(address)
    if scp is not None and not _HEX_DIGITS_IN_WINDOWS_DRIVE.match(address):
        return _join(scp["host"], None, scp["path"])
    return "file:" + _trimmed(address)


def remotes_in(config: bytes) -> dict[str, str]:
    """Return the first address of every remote in the bytes of a git configuration file.

    Invalid lines are skipped: git itself would refuse such a file, and a repository without a
    readable remote is only bound less tightly to its path.
    """
    remotes: dict[str, str] = {}
    name: str | None = None
    text = config.decode("utf-8", "surrogateescape").replace("\\\r\n", "").replace("\\\n", "")
    for line in text.split("\n"):
        rest = line
        if line.lstrip().startswith("["):
            section = _SECTION.match(line)
            name = None if section is None else re.sub(r"\\(.)", r"\1", section["name"])
            rest = "" if section is None else section["rest"]
        found = _URL.match(rest)
        if name is not None and found is not None:
            remotes.setdefault(name, _value(found["value"]))
    return remotes


def bound_remote(config: bytes) -> str | None:
    """Return the remote that a workspace is bound to: `origin`, else the first by name."""
    remotes = remotes_in(config)
    if not remotes:
        return None
    return normalise_remote(remotes.get("origin", remotes[min(remotes)]))


def _from_url(scheme: str, address: str) -> str:
    if scheme == "file":
        return "file:" + _trimmed(unquote(address[len("file://") :]))
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "unreadable:" + _trimmed(address.rpartition("@")[2])
    return _join(host, None if port == _DEFAULT_PORTS.get(scheme) else port, unquote(parts.path))


def _join(host: str, port: int | None, path: str) -> str:
    place = host.strip("[]").lower() + ("" if port is None else f":{port}")
    return f"{place}/{_trimmed(path).lstrip('/')}"


def _trimmed(path: str) -> str:
    return path.rstrip("/").removesuffix(".git").rstrip("/")


def _value(raw: str) -> str:
    """Undo git's quoting of one value: quotes, escapes, and comments outside quotes."""
    kept: list[str] = []
    is_quoted = False
    characters = iter(raw.strip())
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            kept.append(_ESCAPES.get(following, following))
        elif character == '"':
            is_quoted = not is_quoted
        elif character in "#;" and not is_quoted:
            break
        else:
            kept.append(character)
    return "".join(kept).rstrip()
