"""A run: its stages, their order, exact and raced measuring, and the plan of what it would take."""
