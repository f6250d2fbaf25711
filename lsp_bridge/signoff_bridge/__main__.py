"""Start the bridge: `python -I -m signoff_bridge`, with LSP on standard input and output."""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Serve one editor; return the exit code."""
    gc.set_threshold(10_000, 50, 1_000)  # imports make 200,000 long-lived objects: collect rarely
    try:
        from signoff_bridge.process import Bridge
        from signoff_collector.system.hardening import harden
    except ImportError as missing:
        return _answer_nothing(missing)

    harden()
    sink = os.dup(1)
    os.dup2(2, 1)  # whatever prints by mistake must not reach the editor as a message
    return Bridge(0, sink).run()


def _answer_nothing(missing: ImportError) -> int:
    """Execute the launcher, which answers the editor's requests so that it does not complain.

    A package that we need is gone: half of the installation was removed.
    """
    launcher = os.path.join(os.path.dirname(sys.executable), "signoff")  # noqa: PTH118, PTH120
    if not os.access(launcher, os.X_OK):
        raise missing
    sys.stderr.write(f"{missing}\n")
    sys.stderr.flush()
    os.execv("/bin/sh", ["/bin/sh", launcher, "--no-python", "lsp"])  # noqa: S606  no shell command
    return 1


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # threads that wait on the editor must not keep the process
