"""What can be asked of a finished run: its tables, comparisons, explanations, exports and its report."""
