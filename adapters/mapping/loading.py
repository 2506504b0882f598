"""Load a model by the name that a setting gives: ``module:NAME``."""

from importlib import import_module

from strongroom.ports.errors import ModelInvalid

from .model import Model


def load_model(path: str) -> Model:
    """Return the model with a name, as ``alerts.tables:MODEL``.

    Raises ModelInvalid, with what is wrong, if there is none.
    """
    module, _, name = path.partition(":")
    if not module or not name:
        message = f"{path!r} names no model: write module:NAME, as in alerts.tables:MODEL"
        raise ModelInvalid(message)
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        message = f"{path}: the model cannot be loaded: {error}"
        raise ModelInvalid(message) from error
    if not isinstance(found, Model):
        message = f"{path} is of the type {type(found).__name__}: a Model is expected, such as PLATFORM + ALERTS"
        raise ModelInvalid(message)
    return found
