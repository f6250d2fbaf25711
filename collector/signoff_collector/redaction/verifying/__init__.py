"""Verify an episode before it is written: search all of it again for secrets.

May know: the rest of redaction, episode.
Begin with: `verification`.
"""
