"""Classify the name beside a value: password, token or key, or nothing."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final


class Grade(IntEnum):
    """How strongly a name alone says that its value is secret."""

    NONE = 0
    TOKEN = 1
    """Its value is secret unless it is made of words."""
    PASSWORD = 2
    """Any literal value of it is secret."""


GATE: Final = (
    r"(?i)pass|pwd|\bpw\b|_pw\b|psk|secret|token|key|cred|auth|bearer|basic|cookie|session|\bsid\b"
    r"|sig\b|sig=|signature|dsn|salt|pepper|seed|mnemonic|otp|totp|jwt|hmac|conn|webhook|licen[cs]e"
    r"|activation|securestring|\bpat\b|_pat\b|\bpin\b|kennwort|contrase|clave|senha|haslo|wachtwoord|parola"
    r"|motdepasse|mot_de_passe|lozinka|salasana|sifre|identified"
)
"""Quick test: a line without a match has no name of a secret."""
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
# Words for facts about a secret rather than the secret: `password_length`, `token_type`.
_ABOUT: Final = frozenset(
    {
        "public", "publishable", "max", "min", "count", "len", "length", "size", "limit", "type",
        "types", "regex", "pattern", "format", "label", "placeholder", "error", "errors",
        "message", "hint", "field", "fields", "column", "tokenizer", "expiry", "expires", "ttl",
        "file", "path", "dir", "folder", "policy", "rules", "validator", "help", "title", "desc",
        "description", "input", "selector", "class", "button", "icon", "strength", "endpoint",
        "stdin",
    }
)  # fmt: skip
_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=16_384)
def grade_of(name: str) -> Grade:
    """Return how strongly a name says that its value is secret."""
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
    """Return the placeholder kind for a value of this name."""
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
    """Return whether a name belongs to a secret that may be just a number, such as a PIN."""
    pieces = {piece.lower() for piece in _PIECE.findall(name)}
    return not _CODE_PIECES.isdisjoint(pieces) and grade_of(name) is not Grade.NONE


def is_plain_key(name: str) -> bool:
    """Return whether a name is just `key` or `keys`, which also names keys of tables and caches."""
    return name.lower().rpartition(".")[2].strip("_-") in {"key", "keys"}
