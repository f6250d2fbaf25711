"""Records, seals, reviews, signs and replays coding sessions."""

__version__ = "0.1.0"
