"""From a keyword's worth of labels to boxes and a detector that finds the thing."""
