"""Chooses the precision (first version: as it is)."""

from __future__ import annotations

from dataclasses import dataclass

from icon_llamacpp.model import Setup


@dataclass(frozen=True, slots=True)
class Choice:
    """What is evaluated."""

    setup: Setup
    source: Setup
    note: str = ""


def choose(setup: Setup, precision: str) -> Choice:
    """For now the file as it is."""
    return Choice(setup, setup)
