"""The recording side: every source that watches the developer work, and the journals they write.

May know: programs, workspaces, known_values, system. Begin with: `sessions`, then `journal`.
"""
