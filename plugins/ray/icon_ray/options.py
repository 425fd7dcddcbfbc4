"""Options of the executor `ray`."""

from __future__ import annotations

from pydantic import Field, field_validator

from icon.plugins import Options


class RayOptions(Options):
    """Options of the executor `ray`."""

    address: str = Field(
        "local",
        description="Address of a running cluster, host:port, or auto for the one that this machine belongs to; local "
        "starts a Ray on this machine and ends it with the run.",
    )
    workers: int | None = Field(
        None, ge=1, description="How many workers; by default as many as the cluster's GPUs, or else its CPUs, allow."
    )
    gpus: float | None = Field(
        None, ge=0, description="GPUs of each worker; by default 1 where the cluster has any, else 0."
    )
    cpus: float = Field(1, gt=0, description="CPUs of each worker, and threads of its arithmetic.")
    memory: int | None = Field(
        None, ge=1, description="Memory that is asked of Ray for each worker, in MB; by default none is asked for."
    )
    resource: str | None = Field(
        None, description="A resource of the cluster's own of which each worker takes one, such as the kind of a node."
    )
    store: str | None = Field(
        None,
        description="A folder that all nodes share, or an address that fsspec opens (s3://bucket/folder): workers keep "
        "finished parts there, and parts that are there are not measured again, whichever machine goes on.",
    )
    wait: float = Field(300, gt=0, description="Seconds to wait for the first worker, and for another when all died.")

    @field_validator("address")
    @classmethod
    def _address_is_of_a_known_kind(cls, value: str) -> str:
        if value in ("local", "auto"):
            return value
        host, _, port = value.rpartition(":")
        if "://" in value or not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError("valid: host:port of the cluster's head node, auto, or local")
        return value
