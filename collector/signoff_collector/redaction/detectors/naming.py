"""What the name beside a value says of it: a password, a token or key, or nothing."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final


class Grade(IntEnum):
    """How much a name alone says."""

    NONE = 0
    TOKEN = 1
    """A value beside it is secret if it is not made of words."""
    PASSWORD = 2
    """Any literal value beside it is secret."""


GATE: Final = (
    r"(?i)pass|pwd|\bpw\b|_pw\b|psk|secret|token|key|cred|auth|bearer|basic|cookie|session|\bsid\b"
    r"|sig\b|sig=|signature|dsn|salt|pepper|seed|mnemonic|otp|totp|jwt|hmac|conn|webhook|licen[cs]e"
    r"|activation|securestring|\bpat\b|_pat\b|\bpin\b|kennwort|contrase|clave|senha|haslo|wachtwoord|parola"
    r"|motdepasse|mot_de_passe|lozinka|salasana|sifre|identified"
)
"""What a line must hold for its names to be looked at."""
_PASSWORD: Final = re.compile(
    r"passw(?:or)?d|passwrd|passphrase|passcode|passwort|kennwort|contrase|senha|haslo|wachtwoord"
    r"|parola|motdepasse|motpasse|lozinka|salasana|sifre|identifiedby|userpass|dbpass|rootpass"
    r"|requirepass|storepass|keypass|sshpass|bindpass"
)
_PASSWORD_PIECES: Final = frozenset({"pass", "pwd", "pw", "psk", "pword", "identified"})
_TOKEN: Final = re.compile(
    r"secret|token|api_?key|credential|authorization|bearer|cookie|session|signature|webhook"
    r"|mnemonic|private|conn(?:ection)?_?str|licen[cs]e_?key|access_?code|sharedkey|accountkey"
)
_TOKEN_PIECES: Final = frozenset(
    {
        "key", "keys", "cred", "creds", "auth", "basic", "sid", "sig", "dsn", "salt", "pepper",
        "seed", "otp", "totp", "jwt", "hmac", "pat", "pin", "clave", "cipher", "apikey", "psk",
    }
)  # fmt: skip
_CODE_PIECES: Final = frozenset({"pin", "otp", "totp", "secret", "passcode", "bearer", "code"})
_ABOUT: Final = frozenset(
    {
        "public", "publishable", "max", "min", "count", "len", "length", "size", "limit", "type",
        "types", "regex", "pattern", "format", "label", "placeholder", "error", "errors",
        "message", "hint", "field", "fields", "column", "tokenizer", "expiry", "expires", "ttl",
        "file", "path", "dir", "folder", "policy", "rules", "validator", "help", "title", "desc",
        "description", "input", "selector", "class", "button", "icon", "strength", "endpoint",
    }
)  # fmt: skip
_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=16_384)
def grade_of(name: str) -> Grade:
    """Return what a name says of the value beside it."""
    pieces = [piece.lower() for piece in _PIECE.findall(name)]
    if not pieces or not _ABOUT.isdisjoint(pieces):
        return Grade.NONE
    joined = "".join(pieces)
    if _PASSWORD.search(joined) or not _PASSWORD_PIECES.isdisjoint(pieces):
        return Grade.PASSWORD
    if _TOKEN.search(joined) or not _TOKEN_PIECES.isdisjoint(pieces):
        return Grade.TOKEN
    return Grade.NONE


@lru_cache(maxsize=16_384)
def kind_of(name: str) -> str:
    """Return the middle part of the placeholder for a value beside this name."""
    lower = name.lower()
    if grade_of(name) is Grade.PASSWORD:
        return "PASSWORD"
    if "key" in lower:
        return "KEY"
    if any(part in lower for part in ("token", "bearer", "authorization", "basic", "jwt")):
        return "TOKEN"
    return "SECRET"


@lru_cache(maxsize=16_384)
def is_code(name: str) -> bool:
    """Return whether a name is that of a secret that may be a mere number."""
    pieces = {piece.lower() for piece in _PIECE.findall(name)}
    return not _CODE_PIECES.isdisjoint(pieces) and grade_of(name) is not Grade.NONE


def is_plain_key(name: str) -> bool:
    """Return whether a name says no more than `key`: of a table or cache as well as a lock."""
    return name.lower().rpartition(".")[2].strip("_-") in {"key", "keys"}
