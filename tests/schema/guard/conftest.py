"""Fixtures of the guard's tests: a database as both sides' migrations leave it, unguarded, and guarded in two ways.

An administrator who is no superuser owns the first, as managed clouds have it, and both sides migrate as that role. The
second was guarded by a superuser, event triggers included; the third by the administrator, who cannot make those.
"""

from contextlib import asynccontextmanager

import pytest
from attrs import evolve
from support.schema.guarded import Places

from strongroom.adapters.postgres.migrator import Migrator
from strongroom.adapters.schema.postgres.guard import install


@pytest.fixture(scope="session")
async def places(postgres_url):
    """The roles of this run, and databases that they own."""
    async with Places(postgres_url).made() as made:
        yield made


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


@pytest.fixture(scope="session")
async def superuser(with_triggers):
    """A superuser's connection to the database that a superuser guarded, which tests share and leave as it is."""
    async with with_triggers.connected() as connection:
        yield connection


@pytest.fixture(scope="session")
def acting(superuser, with_triggers):
    """Become a role in a transaction of the shared connection that is rolled back: a side's, by its name, or any."""

    @asynccontextmanager
    async def become(side, *, isolation=None):
        role = with_triggers.role(side) if side in {"backend", "frontend"} else side
        transaction = superuser.transaction(isolation=isolation)
        await transaction.start()
        try:
            await superuser.execute(f'SET LOCAL SESSION AUTHORIZATION "{role}"')
            yield superuser
        finally:
            await transaction.rollback()

    return become
