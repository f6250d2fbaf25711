"""An episode as what a tool could have done: actions with observations, and doing them again.

May know: of the collector episode, levels, text and trees; schemas. Pure: no file and no process.
Begin with: `action`, then `trace`, `reaching`.
"""
