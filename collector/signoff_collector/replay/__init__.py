"""Playing an episode back in a terminal, and writing one of its moments into a folder."""
