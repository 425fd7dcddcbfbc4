"""LESS as a scoring plugin of icon."""
