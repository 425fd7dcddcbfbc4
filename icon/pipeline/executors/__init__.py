"""Executors, which carry out the measuring of a run, and the `Worker` that each has in its processes."""
