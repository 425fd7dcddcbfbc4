"""`python -m icon` is `icon`."""

from icon.cli import main

main()
