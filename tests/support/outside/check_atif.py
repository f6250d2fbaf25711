"""Run by Harbor's Python: one JSON line for each trajectory, with what its validator says.

With `atif` as first word the package of that name judges instead.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def by_harbor(path: str) -> list[str]:
    from harbor.utils.trajectory_validator import TrajectoryValidator

    validator = TrajectoryValidator()
    return [] if validator.validate(Path(path)) else [str(one) for one in validator.get_errors()]


def by_atif(path: str) -> list[str]:
    import atif

    try:
        atif.Trajectory.model_validate_json(Path(path).read_bytes())
    except ValueError as error:
        return [str(error)]
    return []


judge = by_atif if sys.argv[1] == "atif" else by_harbor
for name in sys.argv[2:]:
    print(json.dumps({"path": name, "errors": judge(name)}))  # noqa: T201
