"""The run directory: plain files in common formats, written so that a run stopped at any instant can go on."""
