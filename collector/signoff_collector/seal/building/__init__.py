"""Building an episode: the steps, edits, texts and states of the disk that sealing collects.

May know: episode. Everything else of seal knows this room.
Begin with: `building`, then `edit_log`.
"""
