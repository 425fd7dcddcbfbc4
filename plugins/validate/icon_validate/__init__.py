"""Validation of a selection by training: `icon validate` as a plugin of icon."""
