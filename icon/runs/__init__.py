"""The run directory: plain files, readable by anything, written so that a run stopped at any instant goes on."""
