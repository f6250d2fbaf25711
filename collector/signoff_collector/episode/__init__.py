"""The sealed file and everything in it: content, columns, reader, writer, moments.

May know: schemas, system (the home, to find a file by name).
Begin with: `content` and docs/format.md.
"""
