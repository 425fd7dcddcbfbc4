"""A run: its stages and their order, exact and raced measuring, and the estimate of what a run takes."""
