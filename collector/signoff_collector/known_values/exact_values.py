"""Collect secret values of this machine, held in memory only, to mask them by exact match.

Imports quickly on purpose (standard library, no regular expressions): the bridge and
`signoff run` use it to mask strings before they are journalled.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from signoff_collector.known_values.secret_looks import is_path, is_secret_name, looks_opaque
from signoff_collector.system.files.opening import open_to_read

MIN_LENGTH: Final = 8
"""Shorter values are not searched: they would match ordinary words."""
CAPTURE_PLACEHOLDER: Final = "REDACTED_VALUE"
"""Placeholder of a value that is masked before the journal; sealing gives out the numbers."""
DOTENV_MAX_BYTES: Final = 256 * 1024
_DOTENV_LEVELS: Final = 4
_DOTENV_FOLDERS: Final = 200
_NO_DOTENV_IN: Final = frozenset({"node_modules", "venv", "vendor", "target", "dist", "build"})
HANDOVER: Final = "SIGNOFF_EXACT_VALUES"
"""Environment variable that passes values to a background sealer, one per line."""
HANDOVER_MAX_BYTES: Final = 64 * 1024
_SECRET_ADDRESSES: Final = ("SECRET", "WEBHOOK", "DSN", "TOKEN", "PRIVATE")
_PUBLIC_VALUES: Final = frozenset({"changeme", "password", "disabled", "required", "undefined"})


@dataclass(frozen=True, slots=True)
class ExactValues:
    """A set of secret values, longest first.

    Never written to disk. `repr` shows only their number, so that no log or traceback leaks one.
    """

    values: tuple[str, ...] = ()
    origin: Literal["session", "relearned", "none"] = "none"
    """For the header's `exact_values`: collected while recording, when sealing, or not at all."""

    def __repr__(self) -> str:
        return f"ExactValues({len(self.values)} values, origin={self.origin!r})"

    def mask_text(self, text: str) -> str:
        """Return `text` with every known value replaced by `REDACTED_VALUE`."""
        for value in self.values:
            if value in text:
                text = text.replace(value, CAPTURE_PLACEHOLDER)
        return text

    def with_values(self, more: Iterable[str]) -> ExactValues:
        """Return a set with `more` values added."""
        return of_values([*self.values, *more], origin=self.origin)


NO_VALUES: Final = ExactValues()
"""The empty set."""


def of_values(
    values: Iterable[str], *, origin: Literal["session", "relearned", "none"] = "session"
) -> ExactValues:
    """Return the values worth searching for: long enough, no public words, without duplicates."""
    kept = {value.strip() for value in values}
    kept = {v for v in kept if len(v) >= MIN_LENGTH and v.lower() not in _PUBLIC_VALUES}
    return ExactValues(tuple(sorted(kept, key=lambda v: (-len(v), v))), origin)


def gather_exact_values(
    environ: Mapping[str, str],
    workspace: Path | None = None,
    *,
    origin: Literal["session", "relearned", "none"] = "session",
    stores: Iterable[Path] = (),
) -> ExactValues:
    """Return the secrets in the environment, the workspace's dotenv files and allowed stores.

    Reads only regular files named `.env`, `.env.*` or `*.env` in `workspace` and in the
    first 200 folders up to three levels below it, and the `stores` that a person allowed
    (`credential_stores`). Never follows links; never raises because of a file.
    """
    found = [secret for name, value in environ.items() for secret in _of_variable(name, value)]
    found.extend(environ.get(HANDOVER, "").split("\n"))
    if workspace is not None:
        for path in _dotenv_files(workspace):
            found.extend(_dotenv_values(read_small(path)))
    if stores:
        from signoff_collector.known_values.credential_stores import values_in  # rarely needed

        for path in stores:
            found.extend(values_in(read_small(path)))
    return of_values(found, origin=origin)


def handover(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variable that passes our values to a sealer that we start.

    The environment of a child is an allow-list, so without this the sealer would know only the
    values in dotenv files. Its environment is as private as ours, and nothing is written to disk.
    """
    values = gather_exact_values(environ).values
    kept: list[str] = []
    size = 0
    for value in values:
        size += len(value.encode("utf-8", "surrogateescape")) + 1
        if "\n" not in value and size <= HANDOVER_MAX_BYTES:
            kept.append(value)
    return {HANDOVER: "\n".join(kept)} if kept else {}


def _dotenv_files(workspace: Path) -> list[Path]:
    """Return the dotenv files of a workspace, breadth first: monorepos have one per package."""
    found: list[Path] = []
    level = [workspace]
    left = _DOTENV_FOLDERS
    for _ in range(_DOTENV_LEVELS):
        below: list[Path] = []
        for folder in level[:left]:
            names, folders = _listed(folder)
            found.extend(folder / name for name in names if _is_dotenv(name))
            below.extend(folder / name for name in folders)
        left -= len(level[:left])
        level = below
    return found


def _listed(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of files in a folder and of subfolders worth visiting; both sorted."""
    names: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    names.append(entry.name)
                elif not entry.name.startswith(".") and entry.name not in _NO_DOTENV_IN:
                    folders.append(entry.name)
    except OSError:
        return [], []
    return sorted(names), sorted(folders)


def _is_dotenv(name: str) -> bool:
    is_named = name.startswith(".env.") or name.endswith(".env")
    return is_named and not name.endswith((".example", ".sample", ".template", ".dist"))


def read_small(path: Path) -> str:
    """Return the first 256 KiB of a regular file as text; "" for a link or any other kind."""
    try:
        descriptor = open_to_read(path)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return os.read(descriptor, DOTENV_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def _dotenv_values(text: str) -> list[str]:
    values: list[str] = []
    for line in text.splitlines():
        stripped = line.strip().removeprefix("export ")
        name, equals, value = stripped.partition("=")
        if not equals or stripped.startswith("#"):
            continue
        value = _unquote(value.strip())
        values.extend(secrets_of(name, value))
    return values


def _of_variable(name: str, value: str) -> list[str]:
    """Return the secrets of an environment variable.

    An opaque value under a harmless name is none: environments contain many.
    """
    if is_secret_name(name) or "://" in value:
        return [] if is_path(value) else secrets_of(name, value)
    return []


def secrets_of(name: str, value: str) -> list[str]:
    """Return the secrets in a named value: the whole value, or the secret parts of a URL."""
    if "://" in value:
        return _url_secrets(name, value)
    return [value] if is_secret_name(name) or looks_opaque(value) else []


def _url_secrets(name: str, url: str) -> list[str]:
    """Return the password, key and opaque parts of a URL, such as a webhook or a DSN.

    If the name says that the address itself is secret, the whole URL is one as well: what stands
    around its key, such as the number of a project, is of no use to a reader.
    """
    _, _, rest = url.partition("://")
    authority = rest.replace("?", "/").replace("#", "/").partition("/")[0]
    if "@" in rest and ("@" in authority or ":" in authority):  # passwords may contain a slash
        user, _, password = rest.rsplit("@", 1)[0].partition(":")
        found = [password] if password else []
        rest = rest.rsplit("@", 1)[1]
        if looks_opaque(user):
            found.append(user)
    else:
        found = []
    place = rest.replace("?", "/").find("/")
    tail = rest[place + 1 :] if place >= 0 else ""
    for sign in "?&=#;":
        tail = tail.replace(sign, "/")
    is_secret = is_secret_name(name)
    found.extend(
        part for part in tail.split("/") if looks_opaque(part) or (is_secret and _is_key(part))
    )
    upper = name.upper()
    if any(part in upper for part in _SECRET_ADDRESSES):
        found.append(url)
    return found


def _is_key(part: str) -> bool:
    """Return whether a part of a URL under a secret name may be its key."""
    has_both = any(map(str.isdigit, part)) and any(map(str.isalpha, part))
    return len(part) >= MIN_LENGTH and has_both


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'`":
        return value[1:-1]
    return value.split(" #", 1)[0].rstrip()
