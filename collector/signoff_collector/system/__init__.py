"""The system underneath: time, the home, private files, the console, what a file system can do.

May know: nothing of the other rooms, schemas aside.
Begin with: `home`, `private_files`, `clock`.
"""
