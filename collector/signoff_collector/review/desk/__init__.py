"""The state of one review in progress: episode, plan and results, shared by all front ends.

May know: review.plan, applying, checking, tasks.
Begin with: `desk` (terminal) and `reviewing` (page).
"""
