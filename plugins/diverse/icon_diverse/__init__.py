"""Selector `diverse` as a plugin of icon: the best candidates that are not too similar to one another."""
