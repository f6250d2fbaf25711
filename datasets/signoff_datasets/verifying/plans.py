"""Whether a manifest is of a plan: what was left out, in which shard, under which request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_datasets.verifying.findings import Finding
from signoff_schemas.dataset import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_schemas.dataset import DatasetPlan, Manifest


def plan_findings(manifest: Manifest, plan: DatasetPlan) -> Iterator[Finding]:
    """Yield where the manifest says other than its plan."""
    if manifest.plan_sha256 != digest_of(plan):
        yield _finding("it was built from another plan")
        return
    said = (manifest.name, manifest.request, manifest.left_out, manifest.versions)
    there = (plan.name, plan.request, plan.left_out, plan.versions)
    for name, one, other in zip(_PARTS, said, there, strict=True):
        if one != other:
            yield _finding(f"its {name} is not that of its plan")
    shard_of = {digest: one.name for one in plan.shards for digest in one.episodes}
    held = {one.sha256: one.shard for one in manifest.episodes}
    aside = {one.sha256 for one in manifest.set_aside}
    if held.keys() & aside or held.keys() | aside != shard_of.keys():
        yield _finding("its episodes and those set aside are not those of its plan")
    for digest, shard in held.items():
        if shard_of.get(digest, shard) != shard:
            yield Finding(
                weight="not-proven", where=digest, what="it was planned for another shard"
            )


_PARTS = ("name", "request", "list of what was left out", "list of versions")


def _finding(what: str) -> Finding:
    return Finding(weight="not-proven", where="manifest.json", what=what)
