"""A catalog as a JSON document, and back."""

from typing import Any, Final

from cattrs.preconf.json import make_converter

from strongroom.domain.schema.catalog import Catalog

_CONVERTER: Final = make_converter(omit_if_default=True)


def to_document(catalog: Catalog) -> dict[str, Any]:
    """Return what counts of a catalog as JSON's values."""
    document: dict[str, Any] = _CONVERTER.unstructure(catalog.bare())
    return document


def from_document(document: dict[str, Any]) -> Catalog:
    """Return the catalog of a document. Raises cattrs' errors for another."""
    return _CONVERTER.structure(document, Catalog)
