"""Log-probabilities from hidden states: the vocabulary projection in blocks, the logarithm in float32."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

BLOCK_BYTES = {"cpu": 32 * 2**20, "cuda": 512 * 2**20}
"""Most bytes of float32 logits at once, by kind of device: on a CPU they stay close to its caches."""

PART = 4096
"""Rows of a half-precision vocabulary projection that a CPU converts to float32 at a time."""

MIXED_PRODUCT = "out_dtype" in (torch.mm.__doc__ or "")
"""Whether this torch multiplies half-precision matrices with float32 results (from 2.8 on)."""


class Head:
    """The vocabulary projection of a model, for chosen rows.

    Logits are float32: with weights in half precision, products are summed and kept in float32 too, where rounding
    the logits would cost up to two digits of the log-probability.

    Args:
        model: A causal language model of transformers.
    """

    def __init__(self, model: Any) -> None:
        projection = model.get_output_embeddings()
        if not isinstance(projection, nn.Linear):
            raise TypeError(f"its output embedding is {type(projection).__name__}, not a linear layer")
        self._weight = projection.weight
        self._bias = projection.bias
        config = model.config.get_text_config(decoder=True)
        self._softcap = getattr(config, "final_logit_softcapping", None)
        # Cohere multiplies its logits, Granite divides them.
        self._scale = (getattr(config, "logit_scale", None) or 1.0) / (getattr(config, "logits_scaling", None) or 1.0)

    def logprobs(self, states: Tensor, targets: Tensor) -> Tensor:
        """Natural log-probabilities of the targets.

        Args:
            states: Last hidden states, shape (rows, width).
            targets: Token ids, shape (rows,).

        Returns:
            float64, shape (rows,), on the CPU.
        """
        bytes_per_row = 4 * self._weight.shape[0]
        rows = max(1, BLOCK_BYTES.get(states.device.type, BLOCK_BYTES["cuda"]) // bytes_per_row)
        pairs = zip(torch.split(states, rows), torch.split(targets, rows), strict=True)
        # Together at the end, since a device is waited for at every copy; float64 there, since not every device has it.
        return torch.cat([self._of_block(*pair) for pair in pairs]).cpu().double()

    def _of_block(self, states: Tensor, targets: Tensor) -> Tensor:
        logits = self._logits(states.to(self._weight.device))
        wanted = logits.gather(1, targets.to(logits.device)[:, None])[:, 0]
        return wanted - logits.logsumexp(1)

    def _logits(self, states: Tensor) -> Tensor:
        logits = self._project(states)
        if self._scale != 1.0:
            logits = logits * self._scale
        return logits if self._softcap is None else torch.tanh(logits / self._softcap) * self._softcap

    def _project(self, states: Tensor) -> Tensor:
        weight = self._weight
        if weight.dtype == torch.float32:
            return nn.functional.linear(states.float(), weight, self._bias)
        if weight.device.type == "cuda" and MIXED_PRODUCT:
            logits = torch.mm(states.to(weight.dtype), weight.T, out_dtype=torch.float32)
        else:
            logits = torch.cat([states.float() @ part.float().T for part in torch.split(weight, PART)], 1)
        return logits if self._bias is None else logits + self._bias.float()
