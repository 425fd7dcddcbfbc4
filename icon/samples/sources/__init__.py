"""One module a kind of source, whose functions yield its records."""
