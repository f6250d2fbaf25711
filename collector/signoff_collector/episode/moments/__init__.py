"""Any state of any file at any moment of an episode (docs/format.md, section 7).

May know: episode.content, episode.file.
Begin with: `moments`.
"""
