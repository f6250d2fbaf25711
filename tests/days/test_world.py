"""The clock of a day, and the times that its files have."""

from __future__ import annotations

import os
from pathlib import Path

from tests.days.world import START_WALL_NS, World


def test_a_file_that_is_looked_at_and_written_again_has_the_time_of_its_day(tmp_path: Path) -> None:
    world, place = World(), tmp_path / "a.txt"
    for number in range(20):
        with place.open("w") as file:
            os.fstat(file.fileno())  # from then on the kernel stamps the file exactly
            file.write(str(number))
        written_ns = START_WALL_NS + world.ms * 1_000_000
        world.wrote()
        world.advance(3)
        assert world.told(place.stat()).st_mtime_ns == written_ns, number
