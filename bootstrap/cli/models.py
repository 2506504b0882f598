"""Load the model that a command works on: the platform's entities, or the model that ``--model`` names."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .outcome import Codes, exit_with_error

if TYPE_CHECKING:
    from strongroom.adapters.mapping.model import Model

ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODULE:NAME",
        envvar="STRONGROOM_MODEL",
        help="The tables: a Model of yours, such as alerts.tables:MODEL; the platform's, unless given.",
        show_default=False,
        show_envvar=False,
    ),
]


def model_for(name: str | None, *, as_json: bool, debug: bool, codes: Codes | None = None) -> "Model":
    """Return the model of a command, found from the folder that it runs in; a wrong name ends the process."""
    from strongroom.adapters.mapping.loading import load_model
    from strongroom.adapters.mapping.platform import PLATFORM
    from strongroom.ports.errors import ModelInvalid, UnknownField

    if name is None:
        return PLATFORM
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        return load_model(name)
    except (ModelInvalid, UnknownField) as error:
        exit_with_error(error, as_json=as_json, debug=debug, codes=codes)
