"""Contents of documents: what the disk holds, and the differences between two texts.

May know: collector.text.
Begin with: `differences`.
"""
