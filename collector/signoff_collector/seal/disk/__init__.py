"""Models the files on disk: bursts of changes, checkpoints, and who caused a change.

May know: seal.building, capture.journal, episode.
Begin with: `checkpoints`, then `explaining`.
"""
