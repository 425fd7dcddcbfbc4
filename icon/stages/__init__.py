"""The stages of a run, each joined to the run directory: they take up what is finished and note what they did."""
