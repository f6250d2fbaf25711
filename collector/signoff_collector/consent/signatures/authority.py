"""Decide who vouches for a signing key: our own key register, or an allowed-signers file.

A valid signature alone means nothing: anybody can make one (threat 11). Lines for everybody (`*`)
and lines for every purpose (no `namespaces=`) are ignored, and a file that a repository names or
contains is never read.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.sshsig import check_public_key
from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import NotSignedError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.signatures.keys import KeyRegister

_MAX_FILE_BYTES: Final = 4 << 20
_OPTION: Final = re.compile(r'([A-Za-z-]+)(?:="([^"]*)"|=([^",]+))?')
_WILDCARDS: Final = frozenset("*?!")
_TIME_FORMATS: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whether somebody vouches for a key, in words."""

    is_so: bool
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedSigner:
    """One line of an allowed-signers file that may vouch for a key."""

    line: int
    principals: tuple[str, ...]
    namespaces: tuple[str, ...]
    valid_after: datetime | None
    valid_before: datetime | None
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedSigners:
    """A parsed allowed-signers file, with the lines that were rejected."""

    signers: tuple[AllowedSigner, ...]
    refused: tuple[str, ...]
    """One reason per refused line."""

    def vouch(self, principal: str, public_key: bytes, namespace: str, now: datetime) -> Vouched:
        """Tell whether a line vouches for this key under this name, for this purpose and time.

        The name is the statement's contributor, as `ssh-keygen -I` is given it: else
        whoever is on the list could sign in the name of another.
        """
        reasons = list(self.refused)
        for signer in self.signers:
            if signer.public_key != public_key:
                continue
            if namespace not in signer.namespaces:
                reasons.append(f"line {signer.line} is not for {namespace}")
            elif not _holds_at(signer, now):
                reasons.append(f"line {signer.line} is not valid at this time")
            elif principal not in signer.principals:
                reasons.append(f"line {signer.line} lists it under another name than {principal}")
            else:
                return Vouched(is_so=True, fact=f"line {signer.line} allows {principal}")
        why = f" ({'; '.join(reasons[:3])})" if reasons else ""
        return Vouched(is_so=False, fact=f"no line allows this key{why}")


def vouch_own(register: KeyRegister, audience: str, public_key: bytes) -> Vouched:
    """Tell whether the key is one of our own for this audience."""
    if register.is_own(audience, public_key):
        return Vouched(is_so=True, fact="your own key for this audience")
    return Vouched(
        is_so=False,
        fact="the key is not one of yours for this audience, and no --allowed-signers was given",
    )


def read_allowed_signers(path: Path) -> AllowedSigners:
    """Read an allowed-signers file that a person named.

    Raises:
        NotFoundError: there is no such file.
        RefusedError: it lies in a work tree: a repository must not vouch for itself.
        DamagedError: it is no regular file, or too large.
    """
    real = path.resolve()
    if any((folder / ".git").exists() for folder in real.parents):
        raise RefusedError(
            f"{path} lies inside a repository, which must not say who may sign",
            hint="Check what it says, then copy it to a folder outside.",
        )
    return parse_allowed_signers(read_regular(real, max_bytes=_MAX_FILE_BYTES))


def parse_allowed_signers(content: bytes) -> AllowedSigners:
    """Parse the lines of an allowed-signers file (ssh-keygen(1), ALLOWED SIGNERS)."""
    signers: list[AllowedSigner] = []
    refused: list[str] = []
    for number, raw in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        try:
            signers.append(_signer(number, text))
        except _LineRefusedError as error:
            refused.append(f"line {number} {error}")
    return AllowedSigners(signers=tuple(signers), refused=tuple(refused))


class _LineRefusedError(Exception):
    """A rejected line, with the reason."""


def _signer(number: int, text: str) -> AllowedSigner:
    if text.startswith('"') or "\\" in text:
        raise _LineRefusedError("uses quoting that is not supported")
    principals_text, _, rest = text.partition(" ")
    principals = tuple(principals_text.split(","))
    if any(not name or _WILDCARDS & set(name) for name in principals):
        raise _LineRefusedError("has a pattern as its name, which is not accepted")
    options, public_key = _options_and_key(rest.strip())
    if "cert-authority" in options:
        raise _LineRefusedError("is for certificates, which are not accepted")
    if unknown := set(options) - {"namespaces", "valid-after", "valid-before"}:
        raise _LineRefusedError(f"has {len(unknown)} unknown options")
    namespaces = tuple(filter(None, options.get("namespaces", "").split(",")))
    if not namespaces:
        raise _LineRefusedError("has no namespaces=, so it is for every purpose")
    return AllowedSigner(
        line=number,
        principals=principals,
        namespaces=namespaces,
        valid_after=_time(options.get("valid-after")),
        valid_before=_time(options.get("valid-before")),
        public_key=public_key,
    )


def _options_and_key(rest: str) -> tuple[dict[str, str], bytes]:
    try:
        return {}, _key(rest)
    except _LineRefusedError:
        pass
    words, key = _split_at_unquoted_space(rest)
    options: dict[str, str] = {}
    for word in words:
        found = _OPTION.fullmatch(word)
        if found is None:
            raise _LineRefusedError("cannot be understood")
        name = found[1].lower()
        if name in options:
            raise _LineRefusedError("gives an option twice")
        options[name] = found[2] or found[3] or ""
    return options, _key(key)


def _split_at_unquoted_space(text: str) -> tuple[list[str], str]:
    """Return the options before the first space outside quotes, and what follows it."""
    words, is_quoted = [""], False
    for at, char in enumerate(text):
        if char == '"':
            is_quoted = not is_quoted
        if not is_quoted and char == " ":
            return words, text[at + 1 :]
        if not is_quoted and char == ",":
            words.append("")
        else:
            words[-1] += char
    return words, ""


def _key(text: str) -> bytes:
    words = text.split()
    try:
        blob = base64.b64decode(words[1], validate=True)
        if check_public_key(blob) != words[0]:
            raise _LineRefusedError("names another type than its key has")
    except (IndexError, binascii.Error, ValueError, NotSignedError):
        raise _LineRefusedError("holds no plain public key") from None
    return blob


def _time(text: str | None) -> datetime | None:
    """Return a time as ssh-keygen writes it; without Z it is local, as there."""
    if text is None:
        return None
    digits = text.rstrip("Zz")
    try:
        moment = datetime.strptime(digits, _TIME_FORMATS[len(digits)])
    except (KeyError, ValueError):
        raise _LineRefusedError("holds a time that cannot be understood") from None
    return moment.replace(tzinfo=UTC) if digits != text else moment.astimezone()


def _holds_at(signer: AllowedSigner, now: datetime) -> bool:
    after_start = signer.valid_after is None or signer.valid_after <= now
    return after_start and (signer.valid_before is None or now < signer.valid_before)
