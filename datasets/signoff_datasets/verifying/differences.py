"""What differs between two data sets, as their manifests say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_schemas.dataset import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is in one of them, or is another in both."""

    how: Literal["gone", "new", "changed"]
    what: Literal["episode", "file", "field"]
    name: str


def differences(old: Manifest, new: Manifest) -> Iterator[Difference]:
    """Yield them: fields of the manifest, then episodes, then files."""
    for name in ("name", "version", "purposes", "prohibited_uses", "request", "versions"):
        if getattr(old, name) != getattr(new, name):
            yield Difference(how="changed", what="field", name=name)
    yield from _between(
        "episode",
        {one.sha256: one for one in old.episodes},
        {one.sha256: one for one in new.episodes},
    )
    yield from _between(
        "file", {one.path: one for one in old.files}, {one.path: one for one in new.files}
    )


def _between(
    what: Literal["episode", "file"], old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[Difference]:
    for name in sorted({*old, *new}):
        if name not in new:
            yield Difference(how="gone", what=what, name=name)
        elif name not in old:
            yield Difference(how="new", what=what, name=name)
        elif old[name] != new[name]:
            yield Difference(how="changed", what=what, name=name)
