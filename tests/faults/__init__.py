"""The campaign of faults: what happens to a run when processes, disks, files, backends or plugins fail.

Run as `python -m tests.faults` from the repository's root, or as `nox -s faults`. Each case runs real commands of icon
in a folder of its own, does something to them, and compares what is left with what an uninterrupted run leaves.
docs/reliability.md says what is tried and has the counts.
"""
