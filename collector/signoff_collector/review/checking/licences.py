"""Find files that seem to be third-party: vendored, generated, other licence (threat 18)."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_VENDORED: Final = frozenset(
    {"node_modules", "vendor", "vendored", "_vendor", "third_party", "third-party", "site-packages"}
    | {"bower_components", "external", "extern", "Pods", "dist", "deps"}
)
_MINIFIED: Final = re.compile(r"\.min\.(js|css)\Z|\.bundle\.js\Z|-lock\.json\Z|\.lock\Z")
_LICENCE: Final = re.compile(
    r"SPDX-License-Identifier:\s*([A-Za-z0-9.+() -]{2,80})"
    r"|(?i:licensed under the ([\w. -]{3,60}?licen[cs]e))"
    r"|(?i:(GNU (?:Lesser |Affero )?General Public License))"
)
_HEAD: Final = 4000
"""Characters that are searched: a licence is named near the top."""


class ThirdParty(NamedTuple):
    """Why a file is listed as third-party."""

    group: Literal["vendored", "generated", "other_licence"]
    why: str
    """`vendored`, `generated`, or the licence that it names."""


def licence_in(text: str) -> str:
    """Return the licence that the head of a file names, or an empty string."""
    match = _LICENCE.search(text, 0, _HEAD)
    return next((part.strip() for part in match.groups() if part), "") if match else ""


def usual_licence(named: Iterable[str]) -> str:
    """Return the licence that most of some files name, or an empty string."""
    return next((name for name, _ in Counter(filter(None, named)).most_common(1)), "")


def third_party_reason(path: str, licence: str, usual: str) -> ThirdParty | None:
    """Return why a file is listed as third-party; None if it seems to belong to the project.

    A licence that fewer files name than the most frequent one counts as another licence.
    """
    if _VENDORED & set(path.split("/")[:-1]):
        return ThirdParty("vendored", "vendored")
    if _MINIFIED.search(path):
        return ThirdParty("generated", "generated")
    if licence and usual and licence != usual:
        return ThirdParty("other_licence", licence)
    return None
