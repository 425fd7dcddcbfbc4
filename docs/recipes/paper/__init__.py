"""The paper's experiment as a chain of commands: select, train, benchmarks, pairwise judging, tables."""
