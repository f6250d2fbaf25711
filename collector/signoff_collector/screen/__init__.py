"""What a person reads on a terminal: lines without control characters, colours, progress.

May know: nothing of the other rooms, schemas aside. Begin with: `console`.
"""
