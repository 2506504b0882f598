"""Load a model by the name that a setting gives: ``module:NAME``."""

from importlib import import_module

from strongroom.ports.errors import ModelInvalid

from .model import Extension, Model


def load_model(path: str) -> Model:
    """Return the model with a name, as ``alerts.tables:MODEL``; an extension's is a model of it alone.

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
    if isinstance(found, Extension):
        return Model(found)
    if not isinstance(found, Model):
        message = f"{path} is a {type(found).__name__}: a Model or an Extension is expected"
        raise ModelInvalid(message)
    return found
