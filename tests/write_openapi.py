"""Write the description of a hub's API, docs/hub/openapi.json, as the app itself gives it.

.venv/bin/python tests/write_openapi.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(ROOT / name) for name in (".", "collector", "lsp_bridge", "schemas", "datasets", "hub")
]

from tests.support.hub_contract import FILE, document, written  # noqa: E402


def main() -> int:
    """Write the file."""
    FILE.write_text(written(document()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
