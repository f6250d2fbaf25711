"""Say what mlcroissant and rdflib make of `croissant.json` in the folders that are named.

Runs in the environment of requirements/croissant.txt; prints a JSON object for each folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import mlcroissant
import rdflib

ODRL = rdflib.Namespace("http://www.w3.org/ns/odrl/2/")


def judged(folder: Path) -> dict[str, object]:
    """Return what was found in one folder."""
    place = folder / "croissant.json"
    try:
        dataset = mlcroissant.Dataset(jsonld=str(place))
        issues = dataset.metadata.ctx.issues
        records = {
            one.id: sum(1 for _ in dataset.records(one.id)) for one in dataset.metadata.record_sets
        }
    except Exception as error:  # noqa: BLE001  # whatever it says is what is told
        return {"path": str(folder), "refused": f"{type(error).__name__}: {error}"[:300]}
    graph = rdflib.Graph().parse(str(place), format="json-ld")
    (offer,) = graph.subjects(rdflib.RDF.type, ODRL.Offer)
    actions = [
        str(action)
        for prohibition in graph.objects(offer, ODRL.prohibition)
        for action in graph.objects(prohibition, ODRL.action)
    ]
    return {
        "path": str(folder),
        "errors": sorted(map(str, issues.errors)),
        "warnings": sorted(map(str, issues.warnings)),
        "records": records,
        "prohibited": sorted(actions),
    }


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(json.dumps(judged(Path(name))))  # noqa: T201
