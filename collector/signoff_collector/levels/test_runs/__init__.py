"""What test runs tell: attempts, tests that turned, what is red and since when.

May know: episode, text, schemas. Pure functions of an episode.
Begin with: `red_green`, then `attempts`.
"""
