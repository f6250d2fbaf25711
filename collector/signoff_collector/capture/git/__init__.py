"""Git: parse a repository's own files, and run a few read-only commands.

May know: programs, system. Begin with: `git` (the only module that runs git), then `git_watch`.
"""
