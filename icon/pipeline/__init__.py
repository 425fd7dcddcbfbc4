"""A run from beginning to end: its stages, what they measure and how, and the plan of it all."""
