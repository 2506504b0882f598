"""What is packaged is what lies in the folders: nothing forgotten, nothing else."""

import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED = ("requirements.txt", "build.txt", "uv.txt")
LAYERS = ("domain", "ports", "adapters", "bootstrap", "migrations")


def configuration() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages_in_folders() -> set[str]:
    found = {"strongroom"}
    for layer in LAYERS:
        for init in (ROOT / layer).rglob("__init__.py"):
            folder = init.parent.relative_to(ROOT)
            if folder.parts[:2] != ("bootstrap", "facade"):
                found.add(".".join(installed(folder)))
    return {*found, "strongroom.testing.contract"}


def installed(path: Path) -> tuple[str, ...]:
    """Return the parts of the place of a file or folder within the installed package's folder."""
    parts = path.parts
    if parts[:2] == ("bootstrap", "facade"):
        return ("strongroom", *parts[2:])
    if parts[:2] == ("bootstrap", "testing"):
        return ("strongroom", "testing", *parts[2:])
    if parts[:3] == ("tests", "storage", "contract"):
        return ("strongroom", "testing", "contract", *parts[3:])
    return ("strongroom", *parts)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(["uv", "build", "--quiet", "--wheel", "--out-dir", folder], cwd=ROOT, check=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_every_folder_with_an_init_file_is_a_package(wheel: zipfile.ZipFile) -> None:
    """The wheel has a package for every folder with an ``__init__.py``, and no other."""
    inits = [name for name in wheel.namelist() if name.endswith("/__init__.py")]
    assert {name.removesuffix("/__init__.py").replace("/", ".") for name in inits} == packages_in_folders()


def test_the_wheel_holds_every_module_and_every_migration_and_no_other_top_level_name(wheel: zipfile.ZipFile) -> None:
    """A user gets all modules, the type marker and all migrations, under the one name strongroom."""
    names = set(wheel.namelist())
    expected = {"strongroom/py.typed"}
    for layer in (*LAYERS, "tests/storage/contract"):
        for file in (ROOT / layer).rglob("*"):
            if file.suffix in {".py", ".html", ".css", ".js"} or (
                layer == "migrations" and file.suffix in {".sql", ".toml"}
            ):
                expected.add("/".join(installed(file.relative_to(ROOT))))
    assert expected - names == set()
    assert {name.split("/")[0] for name in names} == {"strongroom", "strongroom-0.1.0.dist-info"}


def test_every_dependency_is_pinned_for_development() -> None:
    """``uv`` resolves to the same versions everywhere, without a lock file in the repository."""
    pins = configuration()["tool"]["uv"]["constraint-dependencies"]  # type: ignore[index]
    assert pins
    assert all("==" in pin for pin in pins)


def test_what_ci_installs_is_pinned_by_hash() -> None:
    """Every exact version of pyproject.toml is in .ci/requirements.txt, and each file named there has a hash."""
    pinned = set(configuration()["tool"]["uv"]["constraint-dependencies"])  # type: ignore[index]
    texts = {name: (ROOT / ".ci" / name).read_text(encoding="utf-8") for name in PINNED}
    found = {name: [part.split() for part in text.split("\n") if "==" in part] for name, text in texts.items()}
    assert {words[0] for words in found["requirements.txt"]} >= pinned
    assert [words[0] for words in found["build.txt"]] == configuration()["tool"]["uv"]["build-constraint-dependencies"]  # type: ignore[index]
    for text in texts.values():
        requirements = text.replace("\\\n", " ").splitlines()
        assert all("--hash=sha256:" in line for line in requirements if not line.startswith("#"))
        assert "://" not in text
