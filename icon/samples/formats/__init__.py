"""Record formats: one reader per format, under the name that users type."""
