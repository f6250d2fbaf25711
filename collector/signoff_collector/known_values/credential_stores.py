"""Read secret values from credential files of other tools, if a person allowed it.

Their values can be masked with certainty, but nobody expects a recorder to open such files. So
`signoff setup` lists the existing ones and asks; the default is no. The allowed files are in
`config/credential_stores` of the home, one per line. Private keys are never read. Values stay in
memory (`exact_values`).

One tolerant parser reads all of them: a line is a name and a value, separated by `:`, `=` or
blanks, or a URL, or the base64 of `user:password` as in Docker's file.
"""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.known_values.secret_looks import is_secret_name, looks_opaque, url_password
from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_schemas.errors import SignoffError
from signoff_schemas.untyped import is_fields, is_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signoff_collector.own_files.home import Home

STORES: Final = (
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".config/git/credentials",
    ".npmrc",
    ".yarnrc.yml",
    ".pypirc",
    ".config/pip/pip.conf",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".docker/config.json",
    ".kube/config",
    ".aws/credentials",
    ".config/gcloud/application_default_credentials.json",
    ".config/gh/hosts.yml",
    ".config/glab-cli/config.yml",
    ".config/hub",
    ".terraform.d/credentials.tfrc.json",
    ".terraformrc",
    ".vault-token",
    ".pgpass",
    ".my.cnf",
    ".s3cfg",
    ".boto",
    ".cache/huggingface/token",
)
"""Paths relative to the home folder. Credentials in a system keyring are never read."""
FILE_NAME: Final = "credential_stores"
_MAX_BYTES: Final = 64 * 1024
_LINE: Final = re.compile(
    r"""[\s"'-]*(?P<name>[\w.$/:@-]{1,200}?)["']?\s*[=:]\s*(?P<value>\S.*)$"""
)
_WORDS: Final = re.compile(r"\b(?:password|account|_authToken|_auth)[\s=:]+(\S+)")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/@:]*:[^\s/@]+@[^\s]+")
_PGPASS_COLONS: Final = 4
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}\Z")


def present_stores(user: Path) -> tuple[Path, ...]:
    """Return the absolute paths of the known files that exist."""
    return tuple(path for name in STORES if (path := user / name).is_file())


def allowed_stores(home: Home) -> tuple[Path, ...]:
    """Return the files that a person allowed; none if nobody was asked or the answer was no."""
    try:
        data = read_regular(home.config / FILE_NAME, max_bytes=_MAX_BYTES)
    except SignoffError:
        return ()
    lines = data.decode("utf-8", "surrogateescape").splitlines()
    return tuple(Path(line) for line in lines if line.endswith(STORES) and line.startswith("/"))


def was_asked(home: Home) -> bool:
    """Return whether a person has answered, yes or no."""
    return (home.config / FILE_NAME).is_file()


def allow_stores(home: Home, stores: Iterable[Path]) -> None:
    """Store which files may be read from now on; the home must exist.

    Raises:
        SignoffError: the answer cannot be written.
    """
    lines = "".join(f"{path}\n" for path in stores if "\n" not in str(path))
    replace_private(home.config / FILE_NAME, lines.encode("utf-8", "surrogateescape"))


def disallow_stores(home: Home) -> None:
    """Delete the stored answer."""
    (home.config / FILE_NAME).unlink(missing_ok=True)


def values_in(text: str) -> list[str]:
    """Return the secrets in the text of a store; bodies of private keys are skipped.

    A file of one bare token (`.vault-token`) gives that token.
    """
    if "\n" not in text.strip() and " " not in text.strip():
        bare = text.strip()
        if bare and "=" not in bare.rstrip("=") and ":" not in bare:
            return [bare]
    if text.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            return list(_in_json("", json.loads(text)))
    found: list[str] = []
    is_key = False
    for line in text.splitlines():
        if "PRIVATE KEY" in line:
            is_key = "-----END" not in line and "-----BEGIN" in line
            continue
        if not is_key:
            found.extend(_in_line(line))
    return found


def _in_json(name: str, value: object) -> Iterator[str]:
    if is_fields(value):
        for key, item in value.items():
            yield from _in_json(key, item)
    elif is_items(value):
        for item in value:
            yield from _in_json(name, item)
    elif isinstance(value, str) and "PRIVATE KEY" not in value:
        yield from _of_pair(name, value)


def _of_pair(name: str, value: str) -> Iterator[str]:
    if "://" in value:
        yield from (url_password(match[0]) for match in _URL.finditer(value))
    elif is_secret_name(name) or looks_opaque(value):
        yield value
        yield from _decoded(value)


def _in_line(line: str) -> Iterator[str]:
    for match in _URL.finditer(line):
        yield url_password(match[0])
    for match in _WORDS.finditer(line):
        yield _bare(match[1])
    if line.count(":") == _PGPASS_COLONS and not line.lstrip().startswith(("#", "//", '"')):
        yield line.rsplit(":", 1)[1].strip()
    pair = _LINE.match(line)
    if pair is not None and "://" not in pair["value"]:
        yield from _of_pair(pair["name"].rpartition(":")[2], _bare(pair["value"]))


def _bare(value: str) -> str:
    return value.strip().rstrip(",").strip("\"'")


def _decoded(value: str) -> Iterator[str]:
    """Yield the password in the base64 of `user:password`."""
    if not _BASE64.match(value):
        return
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4)).decode("utf-8")
    except ValueError:
        return
    if plain.isprintable() and ":" in plain:
        yield plain.partition(":")[2]
