"""Imports recordings of crowd-code: version 1 is CSV, version 2 JSON; which it is, is found out.

Offsets count units of UTF-16 in both, as VS Code does, and are turned into code points.
Source: github.com/p-doom/crowd-code, `src/recording.ts` of version 1, `src/types.ts` and
`src/capture` of version 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.imports.crowd_code_csv import read_rows
from signoff_collector.imports.crowd_code_json import read_events
from signoff_collector.imports.reading import inflate

if TYPE_CHECKING:
    from signoff_collector.imports.people import Foreign


def read_crowd_code(content: bytes) -> Foreign:
    """Return the episode of a recording of either version.

    Raises:
        DamagedError: it is none.
    """
    plain = inflate(content, "the recording")
    is_json = plain.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return read_events(plain) if is_json else read_rows(plain)
