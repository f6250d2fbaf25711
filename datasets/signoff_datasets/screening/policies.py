"""Licence policies as files: one is shipped, others are named by their path.

TOML; docs/dataset_rules.md describes it. An unknown name or a licence that SPDX does not list is an
error: a policy that is read otherwise than it was meant must not decide anything.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from signoff_collector.own_files.private_files import read_regular
from signoff_datasets.screening.licences import LicencePolicy, LicenceSet
from signoff_schemas.errors import DamagedError, NewerVersionError, UsageError
from signoff_schemas.untyped import fields_of, is_fields, is_items

FORMAT: Final = 1
DEFAULT: Final = "permissive"
ANY: Final = "any"
"""No policy: each row names its licences, and nobody asked for more."""
MAX_BYTES: Final = 1 << 16
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_ALLOWED: Final = {"format", "name", "unnamed", "together"}
_HINT: Final = "docs/dataset_rules.md shows a whole policy, and what each line of it means."


def read_policy(named: str) -> LicencePolicy:
    """Read the shipped policy of this name, or the file at this path (it has a `/` or `.toml`).

    Raises:
        UsageError: no policy of this name is shipped.
        NotFoundError: there is no such file.
        DamagedError: the file is not a policy.
    """
    if "/" in named or named.endswith(".toml"):
        return parse_policy(read_regular(Path(named), max_bytes=MAX_BYTES))
    home = resources.files("signoff_datasets.screening")
    shipped = {
        entry.name.removesuffix(".toml"): entry
        for entry in home.iterdir()
        if entry.name.endswith(".toml")
    }
    if named not in shipped:
        raise UsageError(
            "no licence policy of this name is shipped; there is"
            f" {', '.join(sorted({*shipped, ANY}))}",
            hint="Name a shipped policy, or the path of a TOML file of your own.",
        )
    return parse_policy(shipped[named].read_bytes())


def parse_policy(content: bytes) -> LicencePolicy:
    """Parse a licence policy.

    Raises:
        NewerVersionError: a newer release wrote it.
        DamagedError: it is not one; the message says what is wrong, and repeats none of its values.
    """
    if len(content) > MAX_BYTES:
        raise _fault(f"it has {len(content)} bytes, more than {MAX_BYTES}")
    try:
        fields: dict[str, object] = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        raise _fault("it is not TOML in UTF-8") from None
    version = fields.get("format")
    if type(version) is not int or version < 1:
        raise _fault(f"it has no line `format = {FORMAT}`")
    if version > FORMAT:
        raise NewerVersionError("the licence policy", found=version, newest_known=FORMAT)
    if set(fields) - _ALLOWED:
        raise _fault(f"it may hold {', '.join(sorted(_ALLOWED))} only")
    name = fields.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _fault("`name` is no short word of lower-case letters, digits, dots and hyphens")
    return LicencePolicy(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        sets=_sets(fields.get("together")),
        unnamed_contribution=_may_be_unnamed(fields, "contribution"),
        unnamed_repository=_may_be_unnamed(fields, "repository"),
    )


def _may_be_unnamed(fields: dict[str, object], side: str) -> bool:
    section = fields.get("unnamed", {})
    if not is_fields(section) or set(section) - {"contribution", "repository"}:
        raise _fault("[unnamed] may hold `contribution` and `repository` only")
    value = section.get(side, False)
    if not isinstance(value, bool):
        raise _fault(f"`{side}` of [unnamed] is neither true nor false")
    return value


def _sets(value: object) -> tuple[LicenceSet, ...]:
    if not is_items(value) or not value:
        raise _fault("it has no [[together]] with licences")
    return tuple(_set(fields_of(one)) for one in value)


def _set(fields: dict[str, object]) -> LicenceSet:
    if set(fields) - {"licences", "exceptions"}:
        raise _fault("[[together]] may hold `licences` and `exceptions` only")
    licences = _words(fields.get("licences"), "licences")
    exceptions = _words(fields.get("exceptions", []), "exceptions")
    if not licences:
        raise _fault("a [[together]] has no licences")
    for one in licences:
        if not _is_listed(one):
            raise _fault("a name in `licences` is no licence as the SPDX list spells it")
    for one in exceptions:
        if not _is_listed(f"GPL-2.0-only WITH {one}"):
            raise _fault("a name in `exceptions` is no exception as the SPDX list spells it")
    return LicenceSet(licences=frozenset(licences), exceptions=frozenset(exceptions))


def _words(value: object, name: str) -> list[str]:
    words = [one for one in value if isinstance(one, str)] if is_items(value) else []
    if not is_items(value) or len(words) != len(value):
        raise _fault(f"`{name}` is not a list of strings")
    if len(set(words)) != len(words):
        raise _fault(f"`{name}` names something twice")
    return words


def _is_listed(licence: str) -> bool:
    """Say whether it is one licence, perhaps with an exception, spelled as in the list."""
    if re.search(r"[()\s]", licence.replace(" WITH ", "")) or len(licence) > 200:
        return False
    try:
        return str(canonicalize_license_expression(licence)) == licence
    except InvalidLicenseExpression:
        return False


def _fault(what: str) -> DamagedError:
    return DamagedError(f"the licence policy cannot be read: {what}", hint=_HINT)
