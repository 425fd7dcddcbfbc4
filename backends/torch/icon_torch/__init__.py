"""The torch backend of icon: exact log-likelihoods from any causal language model of transformers."""
