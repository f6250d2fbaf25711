"""The parts of a drawn workbench: files, tabs, text, terminal, state. Each gives rows of cells.

May know: scene, cells, replay's spelling of text.
Begin with: `text_pane`.
"""
