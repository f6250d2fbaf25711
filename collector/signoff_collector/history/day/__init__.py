"""What was done in a day, for the person who did it: `signoff today`.

May know: the rest of history, capture, episode, system.
Begin with: `day`.
"""
