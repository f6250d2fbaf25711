"""Whose code it is, and on what terms it may be shared."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final, Literal

from signoff_schemas.errors import RefusedError, UsageError
from signoff_schemas.statement import Rights
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_ASSERTION: Final = "NOASSERTION"
_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")
_HOLDERS: Final[
    Mapping[Owner, Literal["contributor", "open-source-project", "employer", "unknown"]]
] = {
    Owner.MINE: "contributor",
    Owner.OPEN_SOURCE: "open-source-project",
    Owner.EMPLOYER: "employer",
    Owner.UNKNOWN: "unknown",
}


def rights_of(owner: Owner, *, repository_licence: str, permission: str | None) -> Rights:
    """Return the rights part of a statement.

    Args:
        owner: what the developer said when enabling the workspace.
        repository_licence: SPDX expression or NOASSERTION.
        permission: a reference made by `new_permission_reference`, or None.

    Raises:
        RefusedError: code of an employer or of unknown ownership without a permission.
        UsageError: the reference is not a random number.
    """
    if permission is not None and not _REFERENCE.fullmatch(permission):
        raise UsageError(
            "a permission reference is 32 hexadecimal digits, never a name",
            hint="Use --permission new and keep the number with the permission you were given.",
        )
    if owner in (Owner.EMPLOYER, Owner.UNKNOWN) and permission is None:
        whose = "an employer's" if owner is Owner.EMPLOYER else "of unknown ownership"
        raise RefusedError(
            f"the code is {whose}; it stays on this machine without a permission",
            hint="Is it yours to share: sign at a terminal with --owner mine. If you hold a"
            " permission: --permission new."
            if owner is Owner.UNKNOWN
            else "If you hold a permission: --permission new.",
        )
    return Rights(
        basis=owner,
        holder=_HOLDERS[owner],
        repository_licence=repository_licence,
        permission_reference=permission,
    )


def new_permission_reference() -> str:
    """Return a random number for the developer's own records; it says nothing to others."""
    return secrets.token_hex(16)


def spdx_expression(text: str) -> str:
    """Return a licence in SPDX's own spelling, or NOASSERTION.

    Raises:
        UsageError: it is no SPDX expression of listed licences.
    """
    if text.upper() == NO_ASSERTION:
        return NO_ASSERTION
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        expression = str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        expression = "LicenseRef-"
    if "licenseref-" in expression.lower() or len(expression) > 200:
        raise UsageError(
            "this is not a licence expression of the SPDX list",
            hint="Write for example MIT, Apache-2.0, CC-BY-4.0, or NOASSERTION.",
        )
    return expression
