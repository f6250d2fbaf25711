"""`signoff lsp`: become the bridge; the same as `python -I -m signoff_bridge`."""

from __future__ import annotations

import argparse
import os
import sys

from signoff_collector.screen.console import Console

SUMMARY = "Run the language server that editors start; it speaks LSP on stdin and stdout."
EXAMPLE = "signoff lsp      (an editor starts it; docs/editors.md has the lines to add)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the flag that some editors append."""
    parser.add_argument("--stdio", action="store_true", help="the only transport; ignored")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Replace this process by the bridge; returns only when that fails."""
    del arguments, console
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-I", "-m", "signoff_bridge"])  # noqa: S606  no shell
    return 1
