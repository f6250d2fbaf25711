"""Commands: `signoff run`, shell line parsing, recognition of test runners, truncation of output.

May know: the rest of capture, programs, known_values, system. Begin with: `running`, then
`run_recording`.
"""
