"""SWE-bench: a task as an instance and a task repository; its lists are found by running tests.

May know: of the collector also programs, to run git and tests in repositories of our own.
Begin with: `candidates`, then `verifying`, `task_repository`. docs/swebench.md has the refusals.
"""
