"""Say whether a name or a value looks like that of a secret, without regular expressions."""

from __future__ import annotations

from typing import Final

_NAME_PARTS: Final = (
    "KEY",
    "TOKEN",
    "SECRET",
    "PASS",
    "PWD",
    "AUTH",
    "CRED",
    "DSN",
    "COOKIE",
    "PRIVATE",
    "SIGNATURE",
    "WEBHOOK",
)
_NAME_WORDS: Final = frozenset(
    {"PIN", "OTP", "TOTP", "PSK", "SALT", "SEED", "MNEMONIC", "JWT", "BEARER"}
)
"""Matched as whole words only: within longer words they mean nothing (`SHIPPING`)."""
_NOT_SECRET_NAMES: Final = frozenset(
    {"SSH_AUTH_SOCK", "XAUTHORITY", "PWD", "OLDPWD", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS"}
)


def is_secret_name(name: str) -> bool:
    """Return whether a variable of this name is assumed to hold a secret."""
    upper = name.upper().replace("AUTHOR", "")  # GIT_AUTHOR_NAME is an identity, no secret
    if upper in _NOT_SECRET_NAMES:
        return False
    return any(part in upper for part in _NAME_PARTS) or not _NAME_WORDS.isdisjoint(
        upper.split("_")
    )


def looks_opaque(value: str) -> bool:
    """Return whether a value looks generated: long, with letters and digits mixed."""
    if len(value) < 16 or any(c.isspace() for c in value) or is_path(value):
        return False
    digits = sum(c.isdigit() for c in value)
    letters = sum(c.isalpha() for c in value)
    return digits >= 3 and letters >= 3 and len(set(value)) >= 8


def is_path(value: str) -> bool:
    """Return whether a value names a file."""
    return value.startswith(("/", "~", "./", "../")) or value[1:3] == ":\\"


def url_password(url: str) -> str:
    """Return the password in `scheme://user:password@host`, or ""."""
    userinfo = url.split("://", 1)[1].rsplit("@", 1)[0]
    return userinfo.partition(":")[2]
