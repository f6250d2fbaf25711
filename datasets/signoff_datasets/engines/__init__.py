"""Engines: where the tasks of a build run, on this machine or on a cluster.

May know: nothing of episodes. A task is a function of its input and gives bytes or a value.
Begin with: `interface`, then `pool`.
"""
