"""Pairwise judging: answers of two trained models, compared by a judge in both orders (the paper's winning score)."""
