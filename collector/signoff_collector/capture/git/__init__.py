"""Git: parse a repository's own files, and run a few read-only commands.

May know: programs, system; one marker of capture.sessions, and inotify. Begin with: `git` (the only
module that runs git), then `git_watch`.
"""
