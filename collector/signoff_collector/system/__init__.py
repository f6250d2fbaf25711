"""System services: time, the home folder, private files, the console, properties of file systems.

May know: nothing of the other rooms, schemas aside. Begin with: `home`, `private_files`, `clock`.
"""
