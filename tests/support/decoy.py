"""A project whose modules would run inside Signoff if Python let them."""

from __future__ import annotations

from pathlib import Path

_TRAP = """import os, pathlib
pathlib.Path({canary!r}).write_text(__name__ + " ran in " + str(os.getpid()))
raise SystemExit("decoy {name} ran")
"""
_MODULES = (
    "json", "re", "typing", "argparse", "subprocess", "numpy", "pydantic", "msgpack",
    "sitecustomize", "usercustomize", "conftest_plugin",
)  # fmt: skip
_PACKAGES = ("schemas", "collector", "signoff_schemas", "signoff_collector", "signoff_bridge")


def make_decoy_project(folder: Path) -> Path:
    """Fill `folder` with decoys; return the canary file that appears when one runs."""
    canary = folder.parent / f"{folder.name}-canary"
    folder.mkdir(parents=True, exist_ok=True)
    for name in _MODULES:
        (folder / f"{name}.py").write_text(_TRAP.format(canary=str(canary), name=name))
    for name in _PACKAGES:
        (folder / name).mkdir()
        for module in ("__init__", "__main__"):
            (folder / name / f"{module}.py").write_text(_TRAP.format(canary=str(canary), name=name))
    (folder / "pyproject.toml").write_text("[tool.signoff]\nenabled = true\n")
    (folder / "main.py").write_text("print('a 🎈 and a 🎉')\n")
    return canary
