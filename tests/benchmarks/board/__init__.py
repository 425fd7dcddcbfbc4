"""The board: rules that choose records, in several conditions, against random draws of the same size, by training."""
