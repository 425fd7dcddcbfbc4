"""Kinds of sources: one module per kind, whose functions yield its records."""
