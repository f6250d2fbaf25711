"""Frames: an episode as pictures of its workbench, each with what the person did next, in pixels.

May know: exports' form, actions' authors; of the collector picture, levels and episode.
Begin with: `acts`, then `doing`, `pairs`.
"""
