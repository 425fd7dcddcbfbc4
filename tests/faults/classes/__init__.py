"""The classes of faults: each module lists its cases by name and runs one of them.

`cases(place, short)` gives the names, of which the first word is the class; `run(place, name)` gives a sentence per
thing that is wrong, and none where the case is survived. It raises `Skipped` where the machine does not allow the case.
"""


class Skipped(Exception):
    """The case cannot be tried on this machine; it is not counted as survived."""


class Absent(Exception):
    """There is no such case: a command changes the disk less often than the list of cases allows for."""
