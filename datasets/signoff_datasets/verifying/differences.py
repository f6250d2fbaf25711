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
    told: str = ""
    """For people: what it was and what it is, where that is short."""


def differences(old: Manifest, new: Manifest) -> Iterator[Difference]:
    """Yield them: fields of the manifest, then episodes, then files."""
    was, now = _fields(old), _fields(new)
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            told = f"{was.get(name, 'none')} -> {now.get(name, 'none')}"
            yield Difference(how="changed", what="field", name=name, told=told)
    yield from _between(
        "episode",
        {one.sha256: one for one in old.episodes},
        {one.sha256: one for one in new.episodes},
    )
    yield from _between(
        "file", {one.path: one for one in old.files}, {one.path: one for one in new.files}
    )


def _fields(manifest: Manifest) -> dict[str, object]:
    """Return the fields beside episodes and files, one of a field with names for each name."""
    found: dict[str, object] = {
        "name": manifest.name,
        "version": manifest.version,
        "plan_sha256": manifest.plan_sha256,
        "purposes": ", ".join(map(str, manifest.purposes)),
        "prohibited_uses": ", ".join(map(str, manifest.prohibited_uses)),
        "set_aside": len(manifest.set_aside),
    }
    for part, named in (
        ("request", manifest.request.model_dump(mode="json")),
        ("left_out", manifest.left_out),
        ("versions", manifest.versions),
    ):
        found |= {f"{part}.{name}": value for name, value in named.items()}
    return found


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
