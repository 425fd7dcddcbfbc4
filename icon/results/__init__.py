"""What a finished run can be asked: its summary, comparisons, explanations, exports and its report."""
