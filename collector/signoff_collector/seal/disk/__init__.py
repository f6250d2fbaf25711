"""What was on disk: bursts of changes, checkpoints, and which command or agent explains a change.

May know: seal.building, capture.journal, episode.
Begin with: `disk`, then `explaining`.
"""
