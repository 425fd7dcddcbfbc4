"""Summary, comparisons, explanations, verifications, exports and report of a finished run."""
