"""Scratch databases that begin as copies, so that a history is replayed once for many tests."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from attrs import define, field

from strongroom.adapters.embedded.scratch import ScratchDatabase, scratch_database
from strongroom.adapters.schema.scratch import ScratchServer


@define
class CopiedScratch(ScratchServer):
    """Scratch databases of a server that are copies of one of its databases, to which nobody is connected."""

    template: str = field(kw_only=True)

    @asynccontextmanager
    async def _database(self, extensions: Collection[str] = ()) -> AsyncIterator[Any]:  # noqa: ARG002 - a copy has them
        assert self.url
        async with scratch_database(self.url, self.template) as url:
            yield ScratchDatabase(owner=url, reader=url)
