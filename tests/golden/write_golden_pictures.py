"""Draw the golden pictures anew; look at them before they are committed.

.venv/bin/python tests/golden/write_golden_pictures.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / name) for name in (".", "collector", "schemas")]

from tests.collector.picture.painters.test_raster import GOLDEN, golden  # noqa: E402

from signoff_collector.picture.painters.png import png_bytes  # noqa: E402

if __name__ == "__main__":
    for theme in ("light", "dark"):
        svg, pixels = golden(theme)
        (GOLDEN / f"{theme}.svg").write_text(svg, "utf-8")
        (GOLDEN / f"{theme}.png").write_bytes(png_bytes(pixels, {}, level=9))
