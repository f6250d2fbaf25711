"""The same traces without masking, for what privacy costs: read outside of any data set.

What is public anyway is made an episode as `signoff import --no-redact` makes it, and that one is
told in the tables that a data set has, in a temporary folder. It is neither signed nor could it be,
no data set takes it, and nothing of it counts but in that one comparison.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.worth.data.reading import Read, read_data_set
from experiments.worth.data.recording import Recorded
from experiments.worth.data.traces import is_code
from signoff_collector.imports.editing_trace import Trace, make_episode
from signoff_datasets.exports.formats import load_format
from signoff_datasets.exports.interface import Source

if TYPE_CHECKING:
    from experiments.worth.data.traces import Played


def read_unmasked(trace: Played) -> Read:
    """Return the one session of a trace, as it is.

    Raises:
        DamagedError: an edit does not fit the text.
    """
    made = [
        (number, t_ns, patch)
        for number, (t_ns, patches) in enumerate(one for part in trace.parts for one in part)
        for patch in patches
    ]
    given = Trace(
        start_content=trace.start,
        end_content=trace.end,
        patches=[patch for _, _, patch in made],
        transactions=[number for number, _, _ in made],
        wall_ns=[t_ns for _, t_ns, _ in made],
    )
    episode = make_episode(given, name=trace.path, wall_ns=given.wall_ns)
    sha256 = hashlib.sha256(trace.digest.encode()).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        for file in load_format("parquet").write(Source(episode=episode, sha256=sha256)):
            Path(folder, file.name).write_bytes(file.content)
        one = Recorded(
            sha256=sha256,
            source="trace",
            name=trace.name,
            part=0,
            is_code=is_code([trace.path]),
            path=Path(folder),
        )
        return read_data_set(Path(folder), [one])
