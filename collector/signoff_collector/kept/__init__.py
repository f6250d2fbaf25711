"""Files of the home besides sessions: episode files, and the backup of what a restore replaced.

May know: capture.sessions, capture.journal, system. Begin with: `episode_files`.
"""
