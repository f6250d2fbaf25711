"""Run where `label-studio-sdk` is: one JSON line for each folder of an export, with its errors.

The configuration, each annotation and each prediction are checked by Label Studio's own code; the
data has to hold what the configuration names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from label_studio_sdk.label_interface import LabelInterface


def errors_of(folder: Path) -> tuple[int, list[str]]:
    interface = LabelInterface((folder / "config.xml").read_text("utf-8"))
    try:
        interface.validate()
    except Exception as error:  # noqa: BLE001  # whatever it raises is its verdict
        return 0, [f"configuration: {error}"]
    found, regions = [], 0
    for task in json.loads((folder / "tasks.json").read_text("utf-8")):
        if not interface.validate_task({"data": task["data"]}):
            found.append("the data lacks what the configuration names")
        for kind in ("annotations", "predictions"):
            for one in task.get(kind, []):
                regions += len(one.get("result", []))
                found += interface.validate_prediction(one, return_errors=True)
                if kind == "annotations" and not interface.validate_annotation(one):
                    found.append("an annotation is not valid")
        found += out_of_text(task)
    return regions, found


def out_of_text(task: dict) -> list[str]:
    """Look that regions lie in their paragraphs, which the package does not."""
    pages = task["data"].get("steps", [])
    found = []
    for kind in ("annotations", "predictions"):
        for region in (one for held in task.get(kind, []) for one in held.get("result", [])):
            value = region.get("value", {})
            try:
                start, end = int(value["start"]), int(value["end"])
                length = len(pages[end]["text"].encode("utf-16-le")) // 2
                is_inside = 0 <= start <= end and value["endOffset"] <= length
            except (KeyError, IndexError, ValueError):
                is_inside = False
            if not is_inside:
                found.append(f"region {region.get('id')} is beyond its paragraphs")
    return found


for name in sys.argv[1:]:
    regions, errors = errors_of(Path(name))
    print(json.dumps({"path": name, "regions": regions, "errors": errors}))  # noqa: T201
