"""Find the packages in the layers' folders; pyproject.toml has everything else."""

from setuptools import find_packages, setup

FOLDERS = {
    "strongroom": "bootstrap/facade",
    "strongroom.domain": "domain",
    "strongroom.ports": "ports",
    "strongroom.adapters": "adapters",
    "strongroom.bootstrap": "bootstrap",
    "strongroom.testing": "bootstrap/testing",
    "strongroom.testing.contract": "tests/storage/contract",
    "strongroom.migrations": "migrations",
}
ELSEWHERE = {"strongroom.bootstrap.facade", "strongroom.bootstrap.testing"}
"""Folders within bootstrap that are packages under another name."""


def packages() -> list[str]:
    """Return every package by its installed name."""
    found = {
        name
        for package, folder in FOLDERS.items()
        for name in (package, *(f"{package}.{inner}" for inner in find_packages(folder)))
    }
    return sorted(name for name in found if not name.startswith(tuple(ELSEWHERE)))


setup(packages=packages(), package_dir=FOLDERS)
