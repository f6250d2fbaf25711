"""What is derived from an episode: tasks, attempts, tests that turned, dead ends, chapters.

May know: episode, text, schemas. Pure functions of an episode, own or shared.
Begin with: `levels`, then `chapters`.
"""
