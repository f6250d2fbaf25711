"""The check before an episode is written: a second look at all of it, as a stranger would.

May know: the rest of redaction, episode.
Begin with: `verification`.
"""
