"""Where sessions come from: traces, made days, a reader's episodes, each through a data set."""
