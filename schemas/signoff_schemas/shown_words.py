"""Words in which page and terminal tell what a file says in short: masks, fields, corrections.

One table for all screens. `schemas/json/words.json` is made from it, and from that the page's
`src/schemas/words.ts`. Words are those of docs/glossary.md.
"""

from __future__ import annotations

import re
from typing import Final

MASK_KINDS: Final[dict[str, str]] = {
    "ABS": "folder",
    "ACCOUNT": "bank account",
    "CARD": "payment card",
    "COMMIT": "commit",
    "CUT": "word where an output was shortened",
    "EMAIL": "e-mail address",
    "HOME": "home folder",
    "HOST": "name of a computer",
    "IBAN": "bank account",
    "IP": "IP address",
    "JWT": "login token",
    "KEY": "key",
    "KEYBLOCK": "private key",
    "MASK": "text masked in the review",
    "NAME": "name of a person",
    "NOVEL": "unknown word",
    "PASSWORD": "password",
    "PATH": "name of a file",
    "PAUSED": "text typed during a pause",
    "PHONE": "telephone number",
    "QUERY": "parameter of a web address",
    "SECRET": "secret",
    "TMP": "temporary folder",
    "TOKEN": "access token",
    "UNVIEWED": "lines that were never in view",
    "URL": "web address with a secret in it",
    "USER": "user name",
    "USERINFO": "login in a web address",
    "VALUE": "secret",
    "WORKSPACE": "folder of the project",
}
"""What stood there, by the word in a placeholder; see docs/redaction.md."""

MASK_REASONS: Final[dict[str, str]] = {
    "exact value": "this computer holds the same value",
    "identity": "it names you, your computer or your organisation",
    "form": "it has the form of one",
    "place in an address": "it stands where addresses hold such",
    "assignment": "it stands beside a name such as password",
    "opaque": "it looks random",
    "second engine": "the second search found it",
    "no known word": "it is in no list of words",
    "by hand": "decided under To check, or by you",
    "cut output": "half a secret could stand there",
    "typed while paused": "typed while recording was paused",
    "never in view": "you never had it in view",
}
"""Why it was masked, by the way it was found; other ways are rules for one kind of secret."""

FIELDS: Final[dict[str, str]] = {
    "output/head": "output",
    "output/tail": "end of the output",
    "line": "command",
    "argv": "command",
    "cwd": "folder of the command",
    "branch": "branch",
    "message": "message",
    "text": "text",
    "paths": "names of files",
    "query": "search",
    "cases": "test",
    "appeared": "problem in the editor",
    "cleared": "problem in the editor",
    "offered": "completion",
    "chosen": "completion",
    "inserted": "completion",
    "distributions": "installed package",
    "installed": "installed package",
}
"""Fields of steps, by the beginning of their JSON pointer."""

STEP_KINDS: Final[dict[str, str]] = {
    "assist": "completion",
    "diagnostics": "problems",
    "files": "on disk",
    "resync": "corrected",
    "select": "cursor",
    "tests": "test run",
    "view": "looked at",
}
"""Kinds of steps whose name in the file is not what people call them."""

TARGETS: Final[dict[str, str]] = {"buffer": "text in the editor", "disk": "file on disk"}
CORRECTIONS: Final[dict[str, str]] = {
    "mismatch": "it differed from what was recorded",
    "missed_change": "a change was not recorded",
    "external": "another program changed it",
    "git": "git changed it",
    "anchor": "its state at the start",
    "invalid_change": "the editor sent a change that does not fit",
    "cut": "steps before it are not included",
    "unknown": "nobody saw why",
}
"""Why a text is replaced as a whole, by the reason of a `resync` step."""

OBSERVED: Final[dict[str, str]] = {
    "edits": "edits",
    "keys": "which keys were pressed",
    "reasons": "what was undone or pasted",
    "view": "what was in view",
    "select": "where the cursor was",
    "focus": "which window had the focus",
    "diagnostics": "problems in the editor",
    "suggestions": "completions",
    "agents": "coding agents",
    "search": "searches",
    "output": "what commands printed",
    "tests": "test runs",
    "git": "git",
    "files": "changes on disk",
}
"""What a source can see or not, by the names of an episode's observability."""

_NUMBERED: Final = re.compile(r"\d+\Z")


def mask_words(kind: str, how: str) -> str:
    """Return what a mask stands for and why: `access token (it looks random)`."""
    return f"{mask_kind(kind)} ({mask_reason(how)})"


def mask_kind(kind: str) -> str:
    """Return what stood where a mask is."""
    return MASK_KINDS.get(kind, kind.lower().replace("_", " "))


def mask_reason(how: str) -> str:
    """Return why something was masked."""
    way = how.partition(":")[0]
    known = MASK_REASONS.get(way)
    if known is not None:
        return known
    return f"it has the form of {way.replace('_', ' ')}" if way else "the file does not say why"


def field_words(pointer: str) -> str:
    """Return what a JSON pointer into a step points at."""
    parts = pointer.strip("/").split("/")
    known = FIELDS.get("/".join(parts[:2])) or FIELDS.get(parts[0])
    if known is not None:
        return known
    return " ".join(one for one in parts if not _NUMBERED.match(one)).replace("_", " ")


def correction_words(target: str, reason: str) -> str:
    """Return why a text was replaced as a whole, and which one."""
    why = CORRECTIONS.get(reason, reason.replace("_", " "))
    return f"{TARGETS.get(target, target)} replaced: {why}"


def observed_words(what: str) -> str:
    """Return what a source can see or not."""
    return OBSERVED.get(what, what.replace("_", " "))


def as_data() -> dict[str, dict[str, str]]:
    """Return the table as JSON."""
    return {
        "mask_kinds": MASK_KINDS,
        "mask_reasons": MASK_REASONS,
        "fields": FIELDS,
        "step_kinds": STEP_KINDS,
        "targets": TARGETS,
        "corrections": CORRECTIONS,
        "observed": OBSERVED,
    }
