"""One module per verb of the data sets; `signoff_collector.cli` loads them by name.

May know: everything here, and of the collector what its verbs share.
Begin with: the verb in question.
"""
