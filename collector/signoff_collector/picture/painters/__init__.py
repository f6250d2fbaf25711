"""What makes a file of a layout: SVG as text, PNG and WebP by cells of a font.

May know: layout, themes, cells.
Begin with: `svg`, then `raster`.
"""
