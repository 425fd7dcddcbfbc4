"""Runs of icon in Weights & Biases, MLflow and trackio."""

from __future__ import annotations

from icon_observers.observing import NAMES, Observing, observing

__all__ = ["NAMES", "Observing", "observing"]
