"""Data sets of a hub: people who share, plans, builds in this process, and copies as folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.datasets import Person, words
from tests.support.hubs import signed
from tests.support.hubs_ended import admitted

from signoff_datasets.building.proofs import receipt_path, statement_path
from signoff_datasets.engines.serial import SerialEngine
from signoff_datasets.screening.authority import Authority
from signoff_datasets.verifying.verifying import verify
from signoff_hub.building.builds import begin, read_build
from signoff_hub.building.doing import jobs_of
from signoff_hub.building.places import SIGNATURE, dataset_key
from signoff_hub.building.plans import draw_plan
from signoff_hub.building.versions import file_of, proofs_of
from signoff_hub.jobs.runner import Runner
from signoff_schemas.dataset import parse_manifest, parse_plan
from signoff_schemas.hub_api import PlanRequest
from signoff_schemas.statement import ProhibitedUse, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.hubs import Sent

    from signoff_datasets.verifying.findings import Finding
    from signoff_hub.node.node import Node
    from signoff_schemas.dataset import DatasetPlan, Manifest
    from signoff_schemas.hub_api import BuildState, Drawn

BUILDER = words("builder", 64)
"""Hash of the token that asks."""
SALT = words("salt")
PEOPLE = 11


def asked(**changes: object) -> PlanRequest:
    """Return what the data sets of these tests are for."""
    known: dict[str, object] = {
        "name": "made",
        "purpose": "model-training",
        "prohibited_uses": tuple(ProhibitedUse),
    }
    return PlanRequest.model_validate({**known, **changes})


def share(node: Node, numbers: Iterable[int], **changes: object) -> dict[int, Sent]:
    """Have people share an episode each."""
    made = {number: signed(node, number, **changes) for number in numbers}
    for sent in made.values():
        admitted(node, sent)
    return made


def drawn(node: Node, **changes: object) -> Drawn:
    """Draw a plan with the salt of these tests."""
    return draw_plan(node, BUILDER, asked(**changes), salt=SALT)


def run_builds(node: Node) -> int:
    """Do the jobs of data sets that are due."""
    return Runner(node=node, kinds=jobs_of(node, SerialEngine())).run_due()


def built(node: Node, **changes: object) -> BuildState:
    """Draw a plan and build it."""
    plan = drawn(node, **changes).sha256
    begin(node, BUILDER, plan)
    run_builds(node)
    return read_build(node, BUILDER, plan)


def manifest_of(node: Node, name: str = "made", version: int = 1) -> Manifest:
    """Return the manifest of a version as the store has it."""
    return parse_manifest(_object(node, dataset_key(name, version, "manifest.json")))


def plan_of(node: Node, sha256: str) -> DatasetPlan:
    """Return a plan as the store has it."""
    return parse_plan(_object(node, f"plans/{sha256[:2]}/{sha256}.json"))


def fetched(node: Node, out: Path, name: str = "made", version: int = 1) -> Path:
    """Copy a version out of the hub, as a reader with a grant is given it."""
    manifest = manifest_of(node, name, version)
    out.mkdir()
    for path in ("manifest.json", SIGNATURE):
        (out / path).write_bytes(_object(node, dataset_key(name, version, path)))
    for file in manifest.files:
        key, size = file_of(node, name, version, file.sha256)
        content = _object(node, key)
        assert len(content) == size
        _write(out / file.path, content)
    page, after = proofs_of(node, name, version, ""), ""
    while True:
        for one in page.proofs:
            digest = next(
                each.statement.sha256 for each in manifest.episodes if each.sha256 == one.sha256
            )
            _write(out / statement_path(digest), one.statement.encode())
            _write(out / f"{statement_path(digest)}.sig", one.statement_signature.encode())
            if one.receipt is not None and one.receipt_signature is not None:
                _write(out / receipt_path(digest), one.receipt.encode())
                _write(out / f"{receipt_path(digest)}.sig", one.receipt_signature.encode())
        if page.next is None:
            return out
        after = page.next
        page = proofs_of(node, name, version, after)


def findings(node: Node, folder: Path, people: Iterable[int], day: str) -> list[Finding]:
    """Verify a copy without the hub; return what is wrong with it."""
    keys = {Person(number=number).public_key for number in people}
    found = verify(
        folder,
        authority=Authority(
            vouches=lambda _, key: key in keys,
            void_because=lambda _: None,
            audience=node.address,
        ),
        is_builder=lambda key, _: key == node.key.public_key,
        day=parse_time(day),
        plan=None,
        tell=lambda _done, _all: None,
    )
    assert found.builder == node.key.fingerprint
    return found.findings


def objects_below(node: Node, folder: str) -> list[str]:
    """Return the keys of a folder of the store, sorted."""
    found = [f"{folder}/{name}" for name in node.objects.names(folder)]
    for name in node.objects.folders(folder):
        found += objects_below(node, f"{folder}/{name}")
    return sorted(found)


def _object(node: Node, key: str) -> bytes:
    pieces = node.objects.pieces(key)
    assert pieces is not None, key
    return b"".join(pieces)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
