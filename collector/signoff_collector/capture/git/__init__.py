"""Git as seen from outside: what its files say, and the few read-only commands that are run.

May know: programs, system; one marker of capture.sessions, and inotify.
Begin with: `git` (the only module that runs git), then `git_watch`.
"""
