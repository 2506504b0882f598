"""Databases with the roles of both sides, to be guarded, on a server that others use as well."""

import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from attrs import evolve, field, frozen

from strongroom.adapters.schema.contract_file import read_contract
from strongroom.adapters.schema.postgres.guard import GuardReport
from strongroom.domain.schema.contract import Contract

PROJECT = Path(__file__).parents[3]


@frozen
class Place:
    """A database, what guards it, and its contract with roles of this run's own."""

    url: str
    contract: Contract
    administrator: str
    report: GuardReport | None = None
    idle: list = field(factory=list, eq=False, repr=False)
    """Superuser's connections for the next test that rolls back what it does: a new one reads the catalog anew."""

    def address(self, role):
        """Return the address by which a role connects."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}@{host}"))

    @asynccontextmanager
    async def connected(self, role=None):
        """Give a connection as a role, or as the superuser."""
        connection = await asyncpg.connect(self.address(role) if role else self.url, statement_cache_size=0)
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def rolled_back(self):
        """Give a superuser's connection in a transaction that is rolled back, to act in as one role after another."""
        connection = self.idle.pop() if self.idle else await asyncpg.connect(self.url, statement_cache_size=0)
        transaction = connection.transaction(isolation="repeatable_read")
        try:
            await transaction.start()
            yield connection
            await transaction.rollback()
            await connection.execute("DISCARD ALL")
            self.idle.append(connection)
        except BaseException:
            await connection.close()
            raise

    async def disconnect(self):
        """Close the connections that are kept, so that the database can be copied or dropped."""
        while self.idle:
            await self.idle.pop().close()

    async def act(self, connection, side, script):
        """Run statements as the role of a side, and become the superuser again."""
        await connection.execute(f"SET SESSION AUTHORIZATION {self.role(side)}")
        async with connection.transaction():
            await connection.execute(script)
        await connection.execute("RESET SESSION AUTHORIZATION")

    def role(self, side):
        """Return the role that a side migrates as."""
        return self.contract.side(side).role


class Places:
    """Makes roles and databases on a server, and removes them."""

    def __init__(self, server):
        self.server = server
        self.suffix = uuid.uuid4().hex[:8]
        self.administrator = f"administrator_{self.suffix}"
        shipped = read_contract(PROJECT)
        self.contract = evolve(
            shipped,
            owner_role=f"{shipped.owner_role}_{self.suffix}",
            sides=tuple(evolve(side, role=f"{side.role}_{self.suffix}") for side in shipped.sides),
        )
        self.databases = []
        self.made_places = []
        self.roles = [self.administrator, self.contract.owner_role, *(side.role for side in self.contract.sides)]

    async def execute(self, *statements):
        """Run statements as the superuser, each on its own."""
        connection = await asyncpg.connect(self.server)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def database(self, template=None):
        """Make a database that the administrator owns."""
        name = f"guard_{self.suffix}_{len(self.databases)}"
        if template:
            await template.disconnect()
        copied = f" TEMPLATE {urlsplit(template.url).path.lstrip('/')} STRATEGY FILE_COPY" if template else ""
        await self.execute(f"CREATE DATABASE {name} OWNER {self.administrator}{copied}")
        self.databases.append(name)
        parts = urlsplit(self.server)
        url = urlunsplit(parts._replace(path=f"/{name}", netloc=parts.netloc or "@"))
        place = Place(url, self.contract, self.administrator)
        self.made_places.append(place)
        return place

    @asynccontextmanager
    async def made(self):
        """Make the roles, and remove them and the databases in the end."""
        await self.execute(
            f"CREATE ROLE {self.administrator} LOGIN CREATEROLE CREATEDB",
            # The administrator makes the others, as on a managed cloud: it has ADMIN over them, and no more.
            f"SET ROLE {self.administrator}",
            *(f"CREATE ROLE {side.role} LOGIN" for side in self.contract.sides),
        )
        yield self
        for place in self.made_places:
            await place.disconnect()
        await self.execute(
            *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in self.databases),
            *(f"DROP ROLE IF EXISTS {role}" for role in reversed(self.roles)),
        )
