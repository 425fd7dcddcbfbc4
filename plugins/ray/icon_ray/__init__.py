"""Ray as an executor of icon: a run is measured by the actors of a cluster."""
