"""SelectIT as a scoring plugin of icon."""
