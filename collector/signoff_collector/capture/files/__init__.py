"""The file watcher: detects changes in a work tree and journals them.

May know: capture.runs (the environment), git, tallies, sessions, journal, opt_in. Begin with:
`watch_process`, then `file_watch` and `file_recording`.
"""
