"""Superfiltering as a scoring plugin of icon."""
