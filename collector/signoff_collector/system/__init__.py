"""What systems do differently: clocks, accounts, processes, terminals, keyring, isolation.

May know: nothing of the other rooms, schemas aside. Begin with: `abilities`, then `files`.
"""
