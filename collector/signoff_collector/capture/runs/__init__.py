"""Commands: `signoff run`, what a command line runs, which test runner it is, what output is kept.

May know: the rest of capture, programs, known_values, system.
Begin with: `running`, then `run_recording`.
"""
