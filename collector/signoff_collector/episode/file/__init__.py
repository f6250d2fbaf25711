"""The episode file: frames, parts, reader, writer and the strict check.

May know: episode.content, episode.columns, schemas.
Begin with: `reader` and docs/format.md.
"""
