"""The file watcher: what changes in a work tree, and the journal it writes.

May know: capture.git, opt_in, journal, sessions and runs.environment.
Begin with: `watch_process`, then `file_watch` and `file_recording`.
"""
