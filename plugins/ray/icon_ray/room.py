"""What a worker asks of Ray, and how many of them a cluster has room for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ray

from icon.errors import ConfigError
from icon_ray.options import RayOptions

MB = 2**20


def needs_of(options: RayOptions) -> dict[str, Any]:
    """What each worker asks for, as arguments of Ray's `options`."""
    gpus = options.gpus if options.gpus is not None else float(any(node.get("GPU", 0) >= 1 for node in _nodes()))
    needs: dict[str, Any] = {"num_cpus": options.cpus, "num_gpus": gpus}
    if options.memory is not None:
        needs["memory"] = options.memory * MB
    if options.resource is not None:
        needs["resources"] = {options.resource: 1}
    return needs


def how_many(options: RayOptions, needs: Mapping[str, Any]) -> int:
    """How many workers to ask for: as the options say, or as many as the nodes have room for.

    Raises:
        ConfigError: No node has room for one.
    """
    if options.workers is not None:
        return options.workers  # a cluster may grow as it is asked
    amounts = _amounts(needs)
    nodes = _nodes()
    fits = [min(int(node.get(name, 0) / amount) for name, amount in amounts.items()) for node in nodes]
    if not sum(fits):
        raise ConfigError(
            f"executor ray: no node has room for a worker, which asks for {in_words(amounts)}; found: "
            f"{'; '.join(in_words(node) for node in nodes)}. Valid: smaller executor.cpus, executor.gpus or "
            "executor.memory, or executor.workers, to wait for nodes that the cluster adds"
        )
    return sum(fits)


def in_words(amounts: Mapping[str, float]) -> str:
    """Amounts of resources for people: "1 GPU, 8 CPU, memory 16,000 MB"."""
    known = {name: amount for name, amount in amounts.items() if not name.startswith(("node:", "object_store"))}
    memory = known.pop("memory", 0.0)
    words = [f"{amount:g} {name}" for name, amount in sorted(known.items())]
    return ", ".join([*words, f"{memory / MB:,.0f} MB"] if memory else words)


def _amounts(needs: Mapping[str, Any]) -> dict[str, float]:
    """What is needed, by the names that Ray's nodes have."""
    named = {"CPU": needs["num_cpus"], "GPU": needs["num_gpus"], "memory": needs.get("memory", 0)}
    return {name: amount for name, amount in {**named, **needs.get("resources", {})}.items() if amount}


def _nodes() -> list[Mapping[str, float]]:
    """The resources of each node of the cluster."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]
