"""Provide strongroom's test tools: fixtures, strategies for every entity, and the contract suite of an adapter.

Installed with ``strongroom[testing]``; the fixtures come by themselves, through pytest's entry points.
"""
