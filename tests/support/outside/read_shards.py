"""Run by webdataset's Python: one JSON line for each shard, with the samples that it reads."""

from __future__ import annotations

import hashlib
import json
import sys

import webdataset


def samples(path: str) -> list[dict[str, object]]:
    found = []
    for sample in webdataset.WebDataset(path, shardshuffle=False).decode("pil"):
        picture, record = sample["png"], sample["json"]
        pixels = hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()
        found.append(
            {"key": sample["__key__"], "size": picture.size, "pixels": pixels, "record": record}
        )
    return found


for name in sys.argv[1:]:
    try:
        told: dict[str, object] = {"samples": samples(name)}
    except Exception as error:  # noqa: BLE001  # whatever it says of a broken shard
        told = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps({"path": name, **told}))  # noqa: T201
