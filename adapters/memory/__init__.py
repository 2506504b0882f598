"""The in-memory twin: the same ports without PostgreSQL, held to the same rules by the tables' declared constraints.

What it cannot imitate, and why:

- Of units of work that wait for one another, the one that has waited longest loses; in PostgreSQL it is the one whose
  ``deadlock_timeout`` ends first, which is the same unless the waits begin more than that timeout apart.
- PostgreSQL may refuse more serializable transactions than the twin: it remembers what was read by pages, too.
- Of several rows of one bulk write that break rules, which one is named may differ: PostgreSQL chooses the order in
  which it works through them. Nothing of such a write is kept by either.
- A call that waits for what was done in a savepoint, itself within another savepoint and left without an error, waits
  in PostgreSQL for the whole transaction, even when the outer savepoint is undone; in the twin it then goes on at once.
- A bulk write on a partitioned table counts a row that another transaction added meanwhile as inserted in PostgreSQL,
  where the twin counts it as updated.
- Nothing times out: there is no statement timeout, no pool to be exhausted, no connection to be lost.
"""

from .storage import MemoryStorage, MemoryTransaction

__all__ = ["MemoryStorage", "MemoryTransaction"]
