"""Licences of a data set, as cards and Croissant name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signoff_schemas.dataset import Manifest

_WORD: Final = re.compile(r"[A-Za-z0-9.+-]+")
_NO_LICENCE: Final = frozenset({"AND", "OR", "WITH", "NOASSERTION"})
_CARD_NAMES: Final = {
    "0BSD": "0bsd",
    "AFL-3.0": "afl-3.0",
    "Apache-2.0": "apache-2.0",
    "BSD-2-Clause": "bsd-2-clause",
    "BSD-3-Clause": "bsd-3-clause",
    "BSL-1.0": "bsl-1.0",
    "CC-BY-4.0": "cc-by-4.0",
    "CC0-1.0": "cc0-1.0",
    "ISC": "isc",
    "MIT": "mit",
    "NCSA": "ncsa",
    "PostgreSQL": "postgresql",
    "Unlicense": "unlicense",
    "Zlib": "zlib",
}
"""As the header of a card names them; what is not here is `other`."""


def expressions(manifest: Manifest) -> list[str]:
    """Return the licences of contributions and repositories, each once, by name."""
    found = {one.licence for one in manifest.episodes}
    return sorted(found | {one.repository_licence for one in manifest.episodes})


def addresses(manifest: Manifest) -> list[str]:
    """Return where the text of each licence is published; of `NOASSERTION` there is none."""
    names = {
        word
        for expression in expressions(manifest)
        for word in _WORD.findall(expression)
        if word not in _NO_LICENCE and not word.startswith("LicenseRef-")
    }
    return [f"https://spdx.org/licenses/{name.removesuffix('+')}.html" for name in sorted(names)]


def card_names(manifest: Manifest) -> list[str]:
    """Return the names for the header of a card; `other` alone where one is not known."""
    names = [_CARD_NAMES.get(one) for one in expressions(manifest)]
    known = [name for name in names if name is not None]
    return sorted(known) if known and len(known) == len(names) else ["other"]
