"""The file watcher: detects changes in a work tree and journals them.

May know: capture.git, opt_in, journal, sessions and runs.environment. Begin with: `watch_process`,
then `file_watch` and `file_recording`.
"""
