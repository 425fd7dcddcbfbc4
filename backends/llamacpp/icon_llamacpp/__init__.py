"""The llama.cpp backend of icon: log-likelihoods from GGUF models, in this process."""
