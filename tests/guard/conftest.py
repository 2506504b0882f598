"""Fixtures of the guard's tests: a database as both sides' migrations leave it, unguarded, and guarded in two ways.

An administrator who is no superuser owns the first, as managed clouds have it, and both sides migrate as that role. The
second was guarded by a superuser, event triggers included; the third by the administrator, who cannot make those.
"""

import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from attrs import evolve, frozen

from strongroom.adapters.contract import read_contract
from strongroom.adapters.postgres.guard import GuardReport, install
from strongroom.adapters.postgres.migrator import Migrator
from strongroom.domain.schema.contract import Contract

PROJECT = Path(__file__).parents[2]


@frozen
class Place:
    """A database, what guards it, and its contract with roles of this run's own."""

    url: str
    contract: Contract
    administrator: str
    report: GuardReport | None = None

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
        async with self.connected() as connection:
            transaction = connection.transaction(isolation="repeatable_read")
            await transaction.start()
            yield connection
            await transaction.rollback()

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
        copied = f" TEMPLATE {urlsplit(template.url).path.lstrip('/')} STRATEGY FILE_COPY" if template else ""
        await self.execute(f"CREATE DATABASE {name} OWNER {self.administrator}{copied}")
        self.databases.append(name)
        parts = urlsplit(self.server)
        url = urlunsplit(parts._replace(path=f"/{name}", netloc=parts.netloc or "@"))
        return Place(url, self.contract, self.administrator)


@pytest.fixture(scope="session")
async def places(postgres_url):
    """The roles of this run, and databases that they own."""
    places = Places(postgres_url)
    await places.execute(
        f"CREATE ROLE {places.administrator} LOGIN CREATEROLE CREATEDB",
        # The administrator makes the others, as on a managed cloud: it has ADMIN over them, and no more.
        f"SET ROLE {places.administrator}",
        *(f"CREATE ROLE {side.role} LOGIN" for side in places.contract.sides),
    )
    yield places
    await places.execute(
        *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in places.databases),
        *(f"DROP ROLE IF EXISTS {role}" for role in reversed(places.roles)),
    )


@pytest.fixture(scope="session")
async def unguarded(places):
    """The platform as it is without the guard: one role owns the database and everything in it."""
    place = await places.database()
    await Migrator(place.address(place.administrator)).migrate()
    return place


@pytest.fixture(scope="session")
async def without_triggers(places, unguarded):
    """A database guarded by its administrator, who is no superuser, and who makes the owner role."""
    place = await places.database(unguarded)
    async with place.connected(place.administrator) as connection:
        return evolve(place, report=await install(connection, place.contract))


@pytest.fixture(scope="session")
async def with_triggers(places, unguarded, without_triggers):
    """A database guarded by a superuser."""
    place = await places.database(unguarded)
    async with place.connected() as connection:
        return evolve(place, report=await install(connection, place.contract))


@pytest.fixture(params=["with_triggers", "without_triggers"])
def guarded(request, with_triggers, without_triggers):
    """Either guarded database."""
    return {"with_triggers": with_triggers, "without_triggers": without_triggers}[request.param]
