"""What the tests of every distribution share: the command line in the process, a model of a few thousand weights."""
