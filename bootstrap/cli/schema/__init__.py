"""The commands of ``strongroom schema``."""
