"""Label Studio's form of a labelled episode: its configuration, tasks, annotations, predictions.

May know: the rest of labels. Begin with: `form`.
"""
