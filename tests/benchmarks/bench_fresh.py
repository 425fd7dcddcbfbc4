"""The default race on data that nobody looked at while it was made.

`python tests/benchmarks/bench_fresh.py` needs no model: it reads the judging matrix, on which the race was made, and the
three matrices of make_race_matrices.py. The bar was written down before these were looked at:

- Over 20 splits of the samples, two thirds to choose by and a third to judge by, 15% of the candidates kept, the
  default race measures at most a quarter of the pairs of the exact choice, on average over the splits.
- The gain of its choice on the samples to judge by, averaged over the splits, is at least 0.95 of that of the exact
  choice. (Gains are averaged before they are divided: that of the exact choice is near 0 in some splits.)
- The pairs that a plan foretells are within 25% of those that were measured, on average over the splits.

Each holds of each matrix by itself. The lowest split is shown too, whose ratio is of two noisy gains.
"""
