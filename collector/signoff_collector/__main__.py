"""Run the command line: `python -I -m signoff_collector`."""

from __future__ import annotations

import sys

from signoff_collector.cli import main

sys.exit(main(sys.argv[1:]))
