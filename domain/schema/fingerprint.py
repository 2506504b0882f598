"""A digest of what a side owns in a database, the same wherever the schema is the same."""

from hashlib import sha256
from typing import Any

from attrs import evolve

from .catalogue import Catalogue, Relation


def fingerprint(catalogue: Catalogue) -> str:
    """Return a digest of a catalogue, 64 hex digits.

    The order of columns, comments, owners, grants, partitions and statistics do not change it; everything that
    ``compare`` names does.
    """
    digest = sha256()
    for relation in catalogue.relations:
        digest.update(repr(_plain(relation)).encode())
    others: list[Any] = [*catalogue.enums, *catalogue.types, *catalogue.sequences, *catalogue.functions]
    for part in others:
        digest.update(repr(evolve(part, owner=None)).encode())
    return digest.hexdigest()


def _plain(relation: Relation) -> Relation:
    return evolve(
        relation,
        columns=tuple(
            sorted((evolve(column, comment=None) for column in relation.columns), key=lambda column: column.name)
        ),
        indexes=tuple(evolve(index, constraint=False) for index in relation.indexes),
        partitions=(),
        owner=None,
        comment=None,
        estimated_rows=0,
        size_bytes=0,
    )
