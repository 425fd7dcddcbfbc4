"""Fuzzing of all that reads what a stranger may have made: `python -m tests.fuzzing --minutes 15`."""
