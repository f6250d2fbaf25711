"""The sealed file: content in memory, column encoding, reader, writer, and state at any step.

May know: schemas, system (the home, to find a file by name).
Begin with: `content` and docs/format.md.
"""
