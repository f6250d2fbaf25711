"""Croissant 1.1: the data set for machines, as JSON-LD.

Source: Croissant format specification 1.1 (MLCommons); terms of use as an ODRL offer, where the
data came from as PROV-O, and what it may do to people as Croissant RAI 1.0.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from signoff_datasets.cards.licence_names import addresses
from signoff_datasets.tables.columns import COLUMNS
from signoff_schemas.dataset import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_datasets.tables.columns import Column, Kind
    from signoff_schemas.dataset import BuiltFile, Manifest

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.1"
PARQUET: Final = "application/x-parquet"
"""The name that readers know; the registered one they do not."""
_TYPES: Final[Mapping[Kind, str]] = {
    "text": "sc:Text",
    "texts": "sc:Text",
    "number": "sc:Integer",
    "numbers": "sc:Integer",
    "flag": "sc:Boolean",
}
_CROISSANT_TERMS: Final = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileObject fileProperty"
    " fileSet format includes isArray isLiveDataset jsonPath key md5 parentField path recordSet"
    " references regex repeated replace samplingRate separator source subField transform"
)
CONTEXT: Final[Mapping[str, object]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _CROISSANT_TERMS.split()},
}
_PURPOSES: Final[Mapping[str, str]] = {
    "model-training": "dpv:MachineLearning",
    "research": "dpv:ResearchAndDevelopment",
}
"""Those that the Data Privacy Vocabulary has a word for; others are names of our own."""


def croissant(manifest: Manifest, *, builder: str) -> bytes:
    """Return `croissant.json`: ASCII, and safe within a page's script element.

    Args:
        manifest: of the data set.
        builder: fingerprint of the key that signed it.
    """
    name = f"{manifest.name} {manifest.version}"
    described: dict[str, object] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": manifest.name,
        "description": DESCRIPTION,
        "url": f"urn:sha256:{digest_of(manifest)}",
        "version": f"{manifest.version}.0.0",
        "datePublished": manifest.request.as_of[:10],
        "creator": {"@type": "sc:Organization", "name": f"holder of the key {builder}"},
        "citeAs": f"{name}, manifest {digest_of(manifest)}",
        "usageInfo": _offer(manifest),
        "prov:wasDerivedFrom": {"@id": f"urn:sha256:{manifest.plan_sha256}"},
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": "signoff dataset build: only episodes whose authors signed for the"
            " purpose; every row names its episode and its sign-off",
        },
        "rai:dataCollection": "Recorded in the editors of developers, who looked at each episode,"
        " masked what should not leave, and signed it for one receiver and these purposes.",
        "rai:personalSensitiveInformation": "Contributors have a pseudonym that holds in this data"
        " set alone; known secrets and personal data were masked before signing.",
        "rai:dataUseCases": str(manifest.request.purpose),
        "rai:dataReleaseMaintenancePlan": "Episodes that are withdrawn or expire leave the data"
        " set: a new version replaces this one.",
        "distribution": [*_distribution(manifest.files)],
        "recordSet": [_record_set(table, manifest.files) for table in COLUMNS],
    }
    if licences := addresses(manifest):
        described["license"] = licences
    text = json.dumps(described, ensure_ascii=True, indent=1)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("ascii") + b"\n"


DESCRIPTION: Final = (
    "How developers changed code: edits, commands, test runs and what came between, from"
    " episodes that each developer reviewed and signed. For one purpose, with prohibited uses;"
    " every row names the sign-off that allows it."
)


def _offer(manifest: Manifest) -> dict[str, object]:
    """Return the terms: what it is for, what is prohibited, and what has to be done."""
    purpose = str(manifest.request.purpose)
    prohibited = sorted({*manifest.prohibited_uses, *manifest.request.prohibited_uses})
    return {
        "@type": ["CreativeWork", "odrl:Offer"],
        "name": "what every contributor signed",
        "odrl:permission": [
            {
                "@type": "odrl:Permission",
                "odrl:action": {"@id": "odrl:use"},
                "odrl:constraint": {
                    "@type": "odrl:Constraint",
                    "odrl:leftOperand": {"@id": "odrl:purpose"},
                    "odrl:operator": {"@id": "odrl:eq"},
                    "odrl:rightOperand": {
                        "@id": _PURPOSES.get(purpose, f"urn:signoff:purpose:{purpose}")
                    },
                },
                "odrl:duty": {
                    "@type": "odrl:Duty",
                    "name": "delete what is withdrawn or expires, when its builder says so",
                    "odrl:action": {"@id": "odrl:delete"},
                },
            }
        ],
        "odrl:prohibition": [
            {"@type": "odrl:Prohibition", "odrl:action": {"@id": f"urn:signoff:use:{use}"}}
            for use in prohibited
        ],
    }


def _distribution(files: Iterable[BuiltFile]) -> Iterable[dict[str, object]]:
    by_table: dict[str, int] = {}
    for file in files:
        by_table[file.table] = by_table.get(file.table, 0) + 1
        yield {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "encodingFormat": PARQUET,
            "sha256": file.sha256,
            "contentSize": f"{file.size_bytes} B",
        }
    for table, count in by_table.items():
        if count > 1:
            yield {
                "@type": "cr:FileSet",
                "@id": f"{table}-files",
                "name": f"{table}-files",
                "encodingFormat": PARQUET,
                "includes": f"{table}/*.parquet",
            }


def _record_set(table: str, files: Iterable[BuiltFile]) -> dict[str, object]:
    paths = [file.path for file in files if file.table == table]
    # A reader checks the digest of a file object, not that of a file in a set.
    source: dict[str, object] = {"fileSet": {"@id": f"{table}-files"}}
    if len(paths) == 1:
        source = {"fileObject": {"@id": paths[0]}}
    described: dict[str, object] = {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "field": [_field(table, column, source) for column in COLUMNS[table]],
    }
    if table == "episodes":
        described["key"] = {"@id": "episodes/episode"}
    return described


def _field(table: str, column: Column, source: dict[str, object]) -> dict[str, object]:
    described: dict[str, object] = {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": f"{table}/{column.name}",
        "description": column.what,
        "dataType": _TYPES[column.kind],
        "source": {**source, "extract": {"column": column.name}},
    }
    if column.kind in {"texts", "numbers"}:
        described |= {"isArray": True, "arrayShape": "-1"}
    return described
