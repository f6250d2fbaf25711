"""Films of an episode: which moments are shown for how long, and the files made of them.

May know: scene, workbench, painters, levels' chapters, replay's reel.
Begin with: `shots`, then `films`.
"""
