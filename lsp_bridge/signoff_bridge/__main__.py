"""Start the bridge: `python -I -m signoff_bridge`, with LSP on standard input and output."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Serve one editor; return the exit code."""
    gc.set_threshold(10_000, 50, 1_000)  # imports make 200,000 lasting objects: look seldom
    from signoff_bridge.process import Bridge
    from signoff_collector.hardening import harden

    harden()
    sink = os.dup(1)
    os.dup2(2, 1)  # whatever prints by mistake must not reach the editor as a message
    return Bridge(0, sink).run()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # threads that wait on the editor must not keep the process
