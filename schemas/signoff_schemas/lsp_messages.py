"""The names of the `signoff/*` messages, each written once (editor_extensions/PROTOCOL.md)."""

from __future__ import annotations

from typing import Final

HELLO: Final = "signoff/hello"
EVIDENCE: Final = "signoff/evidence"
VIEW: Final = "signoff/view"
SELECT: Final = "signoff/select"
FOCUS: Final = "signoff/focus"
DIAGNOSTICS: Final = "signoff/diagnostics"
ASSIST: Final = "signoff/assist"
SEARCH: Final = "signoff/search"
TEXT: Final = "signoff/text"
COMMAND: Final = "signoff/command"
REPOSITORY: Final = "signoff/repository"
SHARED: Final = "signoff/shared"
QUIT: Final = "signoff/quit"
REVIEWING: Final = "signoff/reviewing"

ANCHOR: Final = "signoff/anchor"
STATE: Final = "signoff/state"
REVIEW: Final = "signoff/review"

STATUS: Final = "signoff/status"
CAPTURED: Final = "signoff/captured"
TERMINAL_ENVIRONMENT: Final = "signoff/terminalEnvironment"

DISK_NOTE: Final = "signoff/disk"
"""No message: the method of a COMPANION record of the bridge's own (docs/journal.md)."""
