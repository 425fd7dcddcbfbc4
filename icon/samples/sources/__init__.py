"""One module a kind of source, each with `read`, which yields its records."""
