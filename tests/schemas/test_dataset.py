"""Plans and manifests are read in one form, or refused with an error of ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_schemas.dataset import (
    DatasetPlan,
    Manifest,
    canonical,
    digest_of,
    parse_manifest,
    parse_plan,
)
from signoff_schemas.errors import DamagedError, NewerVersionError

ONE, TWO = "1" * 64, "2" * 64
REQUEST = {
    "purpose": "research",
    "prohibited_uses": ["profiling"],
    "licences": "any",
    "k": 1,
    "as_of": "2026-11-20T12:00:00Z",
    "log_size": 7,
    "splits": {"train": 1000},
    "shard_bytes": 100,
    "by_time": False,
}


def _planned(sha256: str) -> dict[str, object]:
    return {
        "sha256": sha256,
        "statement_sha256": "3" * 64,
        "size_bytes": 5,
        "contributor": "4" * 32,
        "repository": "5" * 32,
        "licence": "MIT",
        "repository_licence": "MIT",
        "prohibited_uses": [],
        "purposes": ["research"],
        "expires": "2027-11-20T12:00:00Z",
    }


PLAN: dict[str, object] = {
    "plan_version": 1,
    "name": "n",
    "request": REQUEST,
    "salt": "6" * 32,
    "episodes": [_planned(ONE), _planned(TWO)],
    "shards": [{"name": "train-00000", "split": "train", "episodes": [ONE, TWO]}],
    "left_out": {"expired": 3},
    "versions": {"pyarrow": "26.0.1"},
}
PROOF = {"sha256": "7" * 64, "signature_sha256": "8" * 64}
MANIFEST: dict[str, object] = {
    "manifest_version": 1,
    "type": "urn:signoff:dataset:v1",
    "name": "n",
    "version": 1,
    "previous": None,
    "plan_sha256": "9" * 64,
    "purposes": ["research"],
    "prohibited_uses": [],
    "request": REQUEST,
    "files": [
        {
            "path": "steps/train-00000.parquet",
            "sha256": "a" * 64,
            "size_bytes": 1,
            "rows": 1,
            "shard": "train-00000",
            "table": "steps",
        }
    ],
    "episodes": [
        {
            "sha256": ONE,
            "statement": PROOF,
            "receipt": None,
            "shard": "train-00000",
            "licence": "MIT",
            "repository_licence": "MIT",
            "expires": "2027-11-20T12:00:00Z",
        }
    ],
    "left_out": {},
    "set_aside": [],
    "versions": {},
}


def exact(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def test_a_plan_and_a_manifest_read_back_as_their_bytes() -> None:
    plan, manifest = parse_plan(exact(PLAN)), parse_manifest(exact(MANIFEST))
    assert isinstance(plan, DatasetPlan)
    assert isinstance(manifest, Manifest)
    assert (canonical(plan), canonical(manifest)) == (exact(PLAN), exact(MANIFEST))
    assert digest_of(plan) != digest_of(manifest)


@pytest.mark.parametrize(
    "changes",
    [
        {"episodes": [_planned(TWO), _planned(ONE)]},
        {"episodes": [_planned(ONE), _planned(ONE)]},
        {"episodes": [_planned(ONE)]},
        {"shards": []},
        {"shards": [{"name": "train-00000", "split": "train", "episodes": [TWO, ONE]}]},
        {"shards": [{"name": "train-00000", "split": "train", "episodes": [ONE]}]},
        {"shards": [{"name": "train-00000", "split": "test", "episodes": [ONE, TWO]}]},
        {"shards": [{"name": "../x", "split": "train", "episodes": [ONE, TWO]}]},
        {"request": {**REQUEST, "as_of": "2026-13-40T99:00:00Z"}},
        {"request": {**REQUEST, "k": 0}},
        {"request": {**REQUEST, "log_size": -1}},
        {"request": {**REQUEST, "k": "1"}},
        {"name": "../n"},
        {"more": 1},
    ],
)
def test_a_plan_that_is_not_coherent_is_damaged(changes: dict[str, object]) -> None:
    with pytest.raises(DamagedError):
        parse_plan(exact({**PLAN, **changes}))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../../x", "", "A.parquet", "steps//x", "steps/\n"]
)
def test_a_file_of_a_manifest_lies_inside_the_data_set(path: str) -> None:
    (file,) = MANIFEST["files"]  # type: ignore[misc]
    with pytest.raises(DamagedError):
        parse_manifest(exact({**MANIFEST, "files": [{**file, "path": path}]}))


def test_other_json_of_the_same_value_is_damaged() -> None:
    for content in (
        json.dumps(PLAN).encode(),
        exact(PLAN)[:-1],
        exact(PLAN) + b"\n",
        exact(PLAN).replace(b'"name":"n"', b'"name":"n","name":"n"'),
        exact({**PLAN, "name": "n"}).replace(b'"n"', b'"\\u006e"'),
    ):
        with pytest.raises(DamagedError):
            parse_plan(content)


def test_a_newer_version_says_so_and_repeats_nothing() -> None:
    with pytest.raises(NewerVersionError, match="version 2"):
        parse_plan(exact({**PLAN, "plan_version": 2, "secret \U0001f600\U00010348": 1}))
    with pytest.raises(NewerVersionError, match="version 9"):
        parse_manifest(exact({**MANIFEST, "manifest_version": 9}))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_an_error_of_ours(content: bytes) -> None:
    for parse in (parse_plan, parse_manifest):
        with pytest.raises(DamagedError):
            parse(content)


@given(st.integers(0, len(exact(MANIFEST)) - 1), st.integers(1, 255))
def test_one_changed_byte_is_another_manifest_or_none(at: int, bits: int) -> None:
    content = bytearray(exact(MANIFEST))
    content[at] ^= bits
    try:
        found = parse_manifest(bytes(content))
    except DamagedError:
        return
    assert canonical(found) == bytes(content)


def test_a_plan_of_before_gates_has_its_bytes_still() -> None:
    content = canonical(parse_plan(exact(PLAN)))
    assert b"gates" not in content
    asked = {**PLAN, "request": {**REQUEST, "gates": ["replay", "tests"]}}
    plan = parse_plan(exact(asked))
    assert plan.request.gates == ("replay", "tests")
    assert canonical(plan) == exact(asked)


@pytest.mark.parametrize(
    "gates", [[], ["tests", "replay"], ["tests", "tests"], ["speed"], ["benchmarks"], "tests"]
)
def test_gates_have_one_form_or_the_plan_is_refused(gates: object) -> None:
    with pytest.raises(DamagedError):
        parse_plan(exact({**PLAN, "request": {**REQUEST, "gates": gates}}))
