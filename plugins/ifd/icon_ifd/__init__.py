"""Instruction-Following Difficulty as a scoring plugin of icon."""
