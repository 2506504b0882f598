"""Coins, and what they cost at a time."""
