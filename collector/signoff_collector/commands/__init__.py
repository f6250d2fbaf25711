"""One module per verb, named after the verb; `signoff_collector.cli` joins them.

May know: everything.
Begin with: the verb in question.
"""
