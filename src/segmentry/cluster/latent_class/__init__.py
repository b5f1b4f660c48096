"""Latent class analysis: mixtures of independent multinomials, fitted by EM."""
