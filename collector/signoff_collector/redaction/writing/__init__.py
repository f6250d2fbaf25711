"""Rewrite an episode with masks in it.

May know: redaction.texts, redaction.strings; episode.
Begin with: `rewriting`.
"""
