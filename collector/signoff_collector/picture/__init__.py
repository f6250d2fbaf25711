"""Pictures of the workbench at a moment of an episode: scene, layout, painters.

May know: replay's reel and how it spells text, levels, episode, text. Never the work tree.
Begin with: `scene`, then `layout`, then `painters/`.
"""
