"""What the edits tell: bursts of typing, what survives of them, who wrote what, reverts.

May know: levels.test_runs, episode, text, schemas. Pure functions of an episode.
Begin with: `bursts`, then `survival`.
"""
