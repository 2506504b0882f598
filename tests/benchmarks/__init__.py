"""Speed, measured side by side: ``uv run python -m tests.benchmarks --help``.

A claim of speed is a ratio of one run, in which everybody takes turns: the other's time divided by strongroom's.
"""
