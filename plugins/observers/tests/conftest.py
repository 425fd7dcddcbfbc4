"""What the tests of this distribution share."""

from support.fixtures import command_line  # noqa: F401
