"""The migrations: the backend's in ``pg/NNNN_name.sql``, the frontend's in ``prisma``, in Prisma's own layout.

A header ``-- requires: prisma/<timestamp>_name`` or ``-- requires: pg/<NNNN>`` names what a file needs of the other
side. Both sides follow the same conventions:

- Unique keys are unique indexes, as Prisma makes them, and never constraints: one form for plain, partial and
  expression keys, and the name in an error is the index's either way. A partial key is named like a plain one
  over its fields (``wallet_user_id_key``: one primary wallet per user).
- Foreign keys of the frontend's tables are ON UPDATE CASCADE, because Prisma writes them so and would report any
  other action as drift; the backend's are ON UPDATE NO ACTION, because a key never changes.
- Rows that make no sense alone go with their parent (ON DELETE CASCADE), facts keep theirs in place (RESTRICT), and a
  link that may be absent is cut (SET NULL): unless a check needs it, as that of a position to its wallet.
- Text is COLLATE "C" in every column, so that it sorts by code point wherever the database was made.
- Unique keys and foreign keys are created in the order in which the mapping declares them, over all tables: PostgreSQL
  judges them in the order of their creation.
"""

from importlib.resources import files
from pathlib import Path


def backend_folder() -> Path:
    """Return the folder of the backend's migrations."""
    return Path(str(files(__name__).joinpath("pg")))


def frontend_folder() -> Path:
    """Return the folder of the frontend's migrations, in Prisma's layout."""
    return Path(str(files(__name__).joinpath("prisma", "migrations")))
