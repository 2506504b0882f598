"""``strongroom schema``: the group of its commands, each of which has a module of its own."""

from strongroom.bootstrap.cli.command_group import command, new_group

from .check import check
from .diff import diff
from .expand_contract import expand_contract
from .fingerprint import fingerprint
from .generate import generate
from .guard import guard
from .impact import impact
from .page.command import page
from .replay import replay

schema = new_group(
    "schema",
    "One database, several migration systems: who owns what, what differs, and what to do about it.\n\n"
    "The contract, strongroom.toml, names the sides and what each of them owns; every command also works on a project "
    "of your own. The exit code is 0 where all is well, 1 where something was found, 2 where it could not run.\n\n"
    "[bold]Examples[/]\n\n"
    "  strongroom schema check --database postgresql://me@localhost/platform\n\n"
    "  strongroom schema replay\n\n"
    "  strongroom schema diff prisma/schema.prisma postgresql://me@localhost/platform",
)
prisma = new_group("prisma", "What the frontend's schema.prisma says of the others' tables.")
schema.add_typer(prisma)
schema.add_typer(guard)
schema.add_typer(expand_contract)
command(schema, "impact")(impact)
command(schema, "page")(page)
command(schema, "check")(check)
command(schema, "replay")(replay)
command(schema, "diff")(diff)
command(schema, "fingerprint")(fingerprint)
command(prisma, "generate")(generate)
