"""What the home keeps besides sessions: episode files, and what the last restore replaced.

May know: capture.sessions, capture.journal, system.
Begin with: `episode_files`.
"""
