"""Pools, what users hold in them, and the rules of a position: its ledger, its returns, its part of a portfolio."""
