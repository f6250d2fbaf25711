"""All files of one moment of an episode, as values and as a folder.

May know: episode, schemas.
Begin with: `whole_tree`, then `checkout`.
"""
