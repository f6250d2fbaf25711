"""Exports: one episode, or the rows of many, in the forms that trainers read.

May know: of the collector episode, levels and trees; `swebench` also programs. Functions of an
episode; what they leave out they count by reason.
Begin with: `next_edit`.
"""
