"""Convert the reports of plain pytest runs to `tests` steps: a reader for `spools.py`.

One file `tests-<pid>-<hex>.spool` is one run, as `pytest_reporter` writes it together with
`pytest_sessions`. All of it is an untrusted claim of the tested process (threat 36): only known
kinds and fields are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.capture.journal.spool import lines_in
from signoff_collector.capture.journal.spools import SpoolEntry, SpoolReading
from signoff_collector.capture.test_results.test_reports import (
    KINDS,
    cases_told,
    count_in,
    path_below,
    text_in,
    told_fields,
)

if TYPE_CHECKING:
    from signoff_collector.capture.journal.spools import SpoolClocks

_RUN: Final = re.compile(r"tests-\d{1,10}-[0-9a-f]{16}")
_SHELL: Final = re.compile(r"shell-\d{1,10}-[0-9a-f]{8}")


class TestsReader:
    """Reads `tests-<pid>-<hex>.spool`."""

    __test__ = False

    kinds: Final = frozenset({"tests"})
    padding: Final = b"\n"

    def read(self, data: bytes, clocks: SpoolClocks) -> SpoolReading:
        """Return the one run, or nothing if its first record is missing."""
        found = lines_in(data, kinds=KINDS)
        records = found.records
        run = text_in(records[0], "run") if records and records[0]["kind"] == "start" else None
        if run is None or not _RUN.fullmatch(run):
            pieces = ((0, len(data)),) if data.strip(b"\n") else ()
            return SpoolReading(refused=len(records) + found.refused, unclaimed=pieces)
        begun_ns = clocks.within(count_in(records[0], "t_boot_ns") or 0)
        finish = next((item for item in records if item["kind"] == "finish"), None)
        ended_ns = begun_ns
        if finish is not None:
            ended_ns = max(begun_ns, clocks.within(count_in(finish, "t_boot_ns") or 0))
        body = {
            "kind": "tests",
            "t_kind": "event",
            "exactness": "unknown",
            **told_fields(records, run),
            "cases": _placed(cases_told(records, is_over=finish is not None), records[0]),
        }
        entry = SpoolEntry(
            t_boot_ns=ended_ns, since_ns=begun_ns, body=body, pieces=((0, len(data)),)
        )
        return SpoolReading(
            entries=[entry],
            refused=found.refused,
            left_bytes=found.left_bytes,
            fields={"shell": _shell(records)},
        )


READER: Final = TestsReader()


def _shell(records: Sequence[Mapping[str, object]]) -> str | None:
    """Return the writer id of the shell that ran it, as it claims."""
    told = (text_in(item, "shell") for item in records if item["kind"] in {"start", "finish"})
    return next((one for one in told if one and _SHELL.fullmatch(one)), None)


def _placed(cases: list[dict[str, object]], start: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the cases with frames relative to the workspace; paths of the machine are dropped."""
    root = text_in(start, "workspace") or "/"
    for item in cases:
        if isinstance(item["frame"], dict):
            frame = cast("dict[str, object]", item["frame"])
            frame["path"] = path_below(str(frame["path"]), text_in(start, "root") or root, (root,))
    return cases
