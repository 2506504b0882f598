"""The kinds of ``strongroom import`` as typer knows them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.bootstrap.cli.command_group import command, new_group
from strongroom.bootstrap.cli.models import ModelName, model_for
from strongroom.bootstrap.cli.options import Database, Debug, Json, Paths, Source
from strongroom.bootstrap.cli.outcome import run, settings_for

if TYPE_CHECKING:
    from strongroom.adapters.mapping.model import Model

    from .import_files import Job

imports = new_group(
    "import",
    "Load what indexers exported: each kind of file has a command of its own.\n\n"
    "Files are streamed, a run is one transaction, and the same files twice change nothing. A bad line ends the run, "
    "named with file, line, field and reason, and nothing is kept; or it is left out, with --skip-bad.\n\n"
    "[bold]Examples[/]\n\n"
    "  strongroom import ethereum-etl export/\n\n"
    "  strongroom import uniswap-v3-minutes series/\n\n"
    "  strongroom import prices prices.csv --chain 1\n\n"
    "  strongroom import jsonl Coin coins.jsonl\n\n"
    "  strongroom import folder backup/",
)

SkipBad = Annotated[
    Path | None,
    typer.Option(
        "--skip-bad",
        metavar="FILE",
        help="Leave bad lines out and write them to this file, as JSON Lines; the exit code is 1 where there are any.",
        show_default=False,
    ),
]
Entity = Annotated[
    str, typer.Argument(metavar="ENTITY", help="The entity: its class, its table or its repository, such as Coin.")
]
OneFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file.", show_default=False)]
Token = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS:SYMBOL:DECIMALS", help="A coin of the pool, in the pool's order.", show_default=False
    ),
]
ChainId = Annotated[int, typer.Option("--chain", metavar="ID", min=0, help="The id of the chain the files are of.")]


@command(imports, "ethereum-etl")
def ethereum_etl(  # noqa: PLR0913 - one parameter an option
    paths: Paths,
    *,
    chain: ChainId = 1,
    skip_bad: SkipBad = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load an export of ethereum-etl: blocks, transactions, receipts, token transfers, logs and tokens.

    JSON Lines and CSV. They become block headers, coins, transactions, balance changes (both ends of every transfer,
    native value, fees, withdrawals) and swaps (Uniswap v2 and v3). Files may be compressed (.gz).

    [bold]Examples[/]

      strongroom import ethereum-etl export/
      strongroom import ethereum-etl blocks.csv transactions.csv --chain 137
      strongroom import ethereum-etl export/ --skip-bad rejects.jsonl --json
    """
    from strongroom.adapters.sources import import_ethereum_etl

    _import(
        lambda storage, on_progress: import_ethereum_etl(
            storage, paths, chain_id=chain, rejects=skip_bad, on_progress=on_progress
        ),
        skip_bad,
        database,
        json=json,
        debug=debug,
    )


@command(imports, "uniswap-v3-minutes")
def uniswap_v3_minutes(  # noqa: PLR0913 - one parameter an option
    paths: Paths,
    *,
    chain: ChainId = 137,
    token0: Token = None,
    token1: Token = None,
    quote: Annotated[int, typer.Option(min=0, max=1, help="Which of the two coins counts as one USD: 0 or 1.")] = 0,
    skip_bad: SkipBad = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load minute series of a Uniswap v3 pool (*.minute.csv) as prices of the coin that is not the quote.

    Without tokens the pool is USDC/WETH on Polygon, 0x45dDa9cb7c25131DF268515131f647d726f50608.

    [bold]Examples[/]

      strongroom import uniswap-v3-minutes series/
      strongroom import uniswap-v3-minutes day.minute.csv --chain 1 --token0 0xA0b8…:USDC:6 --token1 0xC02a…:WETH:18
    """
    from strongroom.adapters.sources import import_uniswap_v3_minutes

    from .import_files import parse_pool

    pool = parse_pool(chain, token0, token1, quote)
    _import(
        lambda storage, on_progress: import_uniswap_v3_minutes(
            storage, paths, pool=pool, rejects=skip_bad, on_progress=on_progress
        ),
        skip_bad,
        database,
        json=json,
        debug=debug,
    )


@command(imports, "prices")
def prices(  # noqa: PLR0913 - one parameter an option
    file: OneFile,
    *,
    source: Annotated[Source, typer.Option(help="The source of prices that name none.")] = "manual",
    chain: Annotated[
        int | None, typer.Option("--chain", metavar="ID", help="The chain that symbols and addresses are of.")
    ] = None,
    skip_bad: SkipBad = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load prices in USD: CSV with a column for every coin, or CSV or JSON Lines with one price a line.

    Wide: a time, then one column per coin, by symbol or address; an empty cell is no price. Long: coin, at, price_usd,
    and where they are known source and confidence. The coins have to be known.

    [bold]Examples[/]

      strongroom import prices prices.csv --chain 1
      strongroom import prices prices.jsonl --source coingecko
    """
    from strongroom.adapters.sources import import_prices
    from strongroom.domain.pricing.price import PriceSource

    _import(
        lambda storage, on_progress: import_prices(
            storage, file, source=PriceSource(source), chain_id=chain, rejects=skip_bad, on_progress=on_progress
        ),
        skip_bad,
        database,
        json=json,
        debug=debug,
    )


@command(imports, "token-list")
def token_list(  # noqa: PLR0913 - one parameter an option
    file: OneFile,
    *,
    chain: ChainId = 1,
    skip_bad: SkipBad = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load the coins of a chain from a token list (tokenlists.org): new ones, and those of which nothing was known.

    [bold]Examples[/]

      strongroom import token-list uniswap.tokenlist.json --chain 137
    """
    from strongroom.adapters.sources import import_token_list

    _import(
        lambda storage, on_progress: import_token_list(
            storage, file, chain_id=chain, rejects=skip_bad, on_progress=on_progress
        ),
        skip_bad,
        database,
        json=json,
        debug=debug,
    )


@command(imports, "defillama-prices")
def defillama_prices(  # noqa: PLR0913 - one parameter an option
    file: OneFile,
    *,
    chain: ChainId = 1,
    skip_bad: SkipBad = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load the prices of a chain's coins from an answer of coins.llama.fi: current, historical or chart.

    [bold]Examples[/]

      strongroom import defillama-prices chart.json --chain 1
    """
    from strongroom.adapters.sources import import_defillama_prices

    _import(
        lambda storage, on_progress: import_defillama_prices(
            storage, file, chain_id=chain, rejects=skip_bad, on_progress=on_progress
        ),
        skip_bad,
        database,
        json=json,
        debug=debug,
    )


@command(imports, "defillama-yields")
def defillama_yields(  # noqa: PLR0913 - one parameter an option
    file: OneFile,
    *,
    pool: Annotated[str, typer.Option(metavar="ADDRESS", help="The pool that the yields are of; it has to be known.")],
    chain: ChainId = 1,
    skip_bad: SkipBad = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load the yields of a pool over time from an answer of yields.llama.fi/chart.

    [bold]Examples[/]

      strongroom import defillama-yields chart.json --pool 0xdA816459F1AB5631232FE5e97a05BBBb94970c95
    """
    from strongroom.adapters.sources import import_defillama_yields
    from strongroom.domain.values.address import parse_evm_address

    try:
        address = parse_evm_address(pool)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    _import(
        lambda storage, on_progress: import_defillama_yields(
            storage, file, pool_address=address, chain_id=chain, rejects=skip_bad, on_progress=on_progress
        ),
        skip_bad,
        database,
        json=json,
        debug=debug,
    )


@command(imports, "jsonl")
def jsonl(  # noqa: PLR0913 - one parameter an option
    entity: Entity,
    file: OneFile,
    *,
    skip_bad: SkipBad = None,
    model: ModelName = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load entities of any class from JSON Lines: one object a line, its fields named as the entity's.

    An id may be left out where the entity has another unique key, such as a coin's chain and address.

    [bold]Examples[/]

      strongroom import jsonl Coin coins.jsonl
      strongroom import jsonl positions positions.jsonl --skip-bad rejects.jsonl
    """
    _import_entities(entity, file, "jsonl", skip_bad, database, model, json=json, debug=debug)


@command(imports, "csv")
def csv(  # noqa: PLR0913 - one parameter an option
    entity: Entity,
    file: OneFile,
    *,
    safe_csv: Annotated[
        bool, typer.Option("--safe-csv", help="The file was exported with --safe-csv: undo its escapes.")
    ] = False,
    skip_bad: SkipBad = None,
    model: ModelName = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    r"""Load entities of any class from CSV: a header with the entity's fields, then one entity a row.

    An empty cell is no value. In texts a backslash is written twice, line ends as \\n and \\r, an empty text as \\e.

    [bold]Examples[/]

      strongroom import csv Coin coins.csv
    """
    _import_entities(entity, file, "csv", skip_bad, database, model, safe_csv=safe_csv, json=json, debug=debug)


@command(imports, "folder")
def folder(  # noqa: PLR0913 - one parameter an option
    place: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that strongroom export wrote.")],
    *,
    skip_bad: SkipBad = None,
    model: ModelName = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load all entities of an exported folder, in one transaction.

    [bold]Examples[/]

      strongroom import folder backup/
    """
    from strongroom.adapters.sources import import_folder

    tables = model_for(model, as_json=json, debug=debug)
    _import(
        lambda storage, on_progress: import_folder(
            storage, place, model=tables, rejects=skip_bad, on_progress=on_progress
        ),
        skip_bad,
        database,
        tables,
        json=json,
        debug=debug,
    )


def _import_entities(  # noqa: PLR0913 - what the commands took
    entity: str,
    file: Path,
    form: str,
    skip_bad: Path | None,
    database: str | None,
    model: str | None,
    *,
    safe_csv: bool = False,
    json: bool,
    debug: bool,
) -> None:
    from strongroom.adapters.sources import Format, import_entity_file

    tables = model_for(model, as_json=json, debug=debug)
    _import(
        lambda storage, on_progress: import_entity_file(
            storage,
            entity,
            file,
            Format(form),
            model=tables,
            safe_csv=safe_csv,
            rejects=skip_bad,
            on_progress=on_progress,
        ),
        skip_bad,
        database,
        tables,
        json=json,
        debug=debug,
    )


def _import(  # noqa: PLR0913 - what the commands took
    job: "Job",
    skip_bad: Path | None,
    database: str | None,
    model: "Model | None" = None,
    *,
    json: bool,
    debug: bool,
) -> None:
    settings = settings_for(database, as_json=json, debug=debug, min_size=1)
    from strongroom.bootstrap.cli.output import console, write_json

    from . import import_files as work

    report = run(work.run_import(settings, job, model, quiet=json), settings, as_json=json, debug=debug)
    if json:
        write_json(work.document(report))
    else:
        work.show(console(), report, None if skip_bad is None else str(skip_bad))
    raise typer.Exit(work.exit_code(report))
