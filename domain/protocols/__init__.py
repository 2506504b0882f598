"""Chains, and the protocols that run on them."""
