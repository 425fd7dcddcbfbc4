"""RDS+ as a scoring plugin of icon."""
