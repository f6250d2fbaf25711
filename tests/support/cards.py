"""Manifests whose every free field is hostile, and a strict reader of a card's header."""

from __future__ import annotations

import json
import re
from typing import Final

from tests.support.datasets import request, words

from signoff_datasets.tables.columns import COLUMNS
from signoff_schemas.dataset import BuiltFile, Manifest, ManifestEpisode, Proof
from signoff_schemas.statement import ProhibitedUse, Purpose
from signoff_schemas.untyped import fields_of, is_fields

HOSTILE: Final = "</script><img src=x onerror=alert(1)>|[a](javascript:1)`*_~#--- !!python $(id)"
"""All that a field of printable ASCII can hold against Markdown, HTML, YAML and a shell."""
_LICENCES: Final = {"mit", "apache-2.0", "isc", "bsd-3-clause", "zlib", "cc0-1.0", "other"}
_SIZES: Final = {"n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M"}


def manifest(
    *, shards: int = 1, licence: str = "MIT", policy: str = HOSTILE, version: int = 1
) -> Manifest:
    """Return a manifest with files of every table."""
    digest = words("episode", 64)
    names = [f"train-{number:05}" for number in range(shards)]
    return Manifest(
        name="made",
        version=version,
        plan_sha256=words("plan", 64),
        purposes=(Purpose.MODEL_TRAINING, Purpose.RESEARCH),
        prohibited_uses=(ProhibitedUse.PROFILING,),
        request=request(licences=policy, prohibited_uses=(ProhibitedUse.IDENTIFICATION,)),
        files=tuple(
            BuiltFile(
                path=f"{table}/{name}.parquet",
                sha256=words((table, name), 64),
                size_bytes=10,
                rows=1,
                shard=name,
                table=table,
            )
            for table in sorted(COLUMNS)
            for name in names
        ),
        episodes=(
            ManifestEpisode(
                sha256=digest,
                statement=Proof(sha256=digest, signature_sha256=digest),
                shard=names[0],
                licence=licence,
                repository_licence="Apache-2.0",
                expires="2027-11-20T12:00:00Z",
            ),
        ),
        left_out={"withdrawn": 3, "expired": 17},
        versions={"pyarrow": HOSTILE[:80]},
    )


def header_of(card: bytes) -> dict[str, object]:
    """Return the header of a card, after looking at every value that hubs of data sets know."""
    lines = card.decode("utf-8").split("\n")
    assert lines[0] == "---"
    found: dict[str, object] = {}
    for line in lines[1 : lines.index("---", 1)]:
        match = re.fullmatch(r"([a-z_]+): (.+)", line)
        assert match, line
        assert match[1] not in found
        found[match[1]] = json.loads(match[2])
    known = {"pretty_name", "license", "license_name", "license_link", "tags", "size_categories"}
    assert set(found) <= known | {"configs"}
    licences = found["license"]
    assert licences == "other" or (isinstance(licences, list) and set(licences) <= _LICENCES)
    assert (licences == "other") == ("license_name" in found)
    sizes = found.get("size_categories", ["n<1K"])
    assert isinstance(sizes, list)
    assert set(sizes) <= _SIZES
    configs = found["configs"]
    assert isinstance(configs, list)
    for config in configs:
        assert is_fields(config)
        assert config["config_name"] in COLUMNS
        for files in config["data_files"] if isinstance(config["data_files"], list) else ():
            path = str(fields_of(files)["path"])
            assert re.fullmatch(r"[a-z]+/(train|validation|test)-\*\.parquet", path)
    return found
