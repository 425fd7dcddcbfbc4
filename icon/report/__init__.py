"""What a run found, as data that a terminal, a program or a page can show."""
