"""Nuggets as a scoring plugin of icon."""
