"""Every parser of text from outside, as a function of a text that returns or raises StrongroomError."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import typer
from asyncpg import connect_utils
from attrs import frozen

from strongroom.adapters.postgres.connection import explain_failure, redacted, require_postgres_url
from strongroom.adapters.postgres.migrator import MigrationFolders, load_migrations, migration_order
from strongroom.adapters.postgres.migrator.files import Side
from strongroom.adapters.postgres.migrator.sql_text import scan
from strongroom.adapters.schema.contract_file import parse_contract
from strongroom.adapters.schema.postgres.replay import read_migration_folder
from strongroom.adapters.schema.prisma import prisma_catalog
from strongroom.adapters.schema.prisma.model.reader import read_schema
from strongroom.adapters.schema.project import read_baseline
from strongroom.adapters.sources.balance_files import known_balances
from strongroom.adapters.sources.entity_files import EntityReader, table_for
from strongroom.adapters.sources.entity_imports import _manifest
from strongroom.adapters.sources.ethereum_etl import EthereumEtlExport
from strongroom.adapters.sources.ethereum_etl_files import REQUIRED, ExportFiles
from strongroom.adapters.sources.formats import MANIFEST, Format
from strongroom.adapters.sources.json_documents import defillama_prices, defillama_yields, token_list
from strongroom.adapters.sources.lines import LineReader
from strongroom.adapters.sources.price_files import price_facts
from strongroom.adapters.sources.temporary_store import TemporaryStore
from strongroom.adapters.sources.uniswap_logs import SWAP_TOPICS, decode_swap
from strongroom.adapters.sources.uniswap_minutes import POLYGON_USDC_WETH, minute_prices
from strongroom.bootstrap.cli.safe_text import escape_unprintable, mask_passwords
from strongroom.bootstrap.cli.storage.import_files import parse_pool
from strongroom.bootstrap.settings import Settings
from strongroom.domain.errors import StrongroomError
from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.schema.default_equivalence import are_equivalent_defaults
from strongroom.ports.use_cases.import_report import ImportCounter, Rejections

CORPORA: Final = Path(__file__).parent / "corpora"
ROOT: Final = Path(__file__).parents[2]
REFUSALS: Final = (StrongroomError, typer.BadParameter)
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
ENTITIES: Final = [table_for(name) for name in ("CoinData", "SafeTransaction", "Message", "Price", "Position")]
DATASOURCE: Final = 'datasource db {\n  provider = "postgresql"\n  url = env("D")\n}\n'


@frozen
class Parser:
    """A parser; ``real`` are files of the project that it reads, ``words`` what its texts are made of."""

    name: str
    read: Callable[[str], object]
    words: tuple[str, ...]
    real: tuple[str, ...] = ()

    @property
    def seeds(self) -> list[str]:
        """The texts that mutations begin with: the parser's corpus, and real files."""
        files = [*sorted((CORPORA / self.name).glob("*")), *(path for glob in self.real for path in ROOT.glob(glob))]
        return [file.read_text(encoding="utf-8") for file in files] or [""]

    def try_on(self, text: str) -> bool:
        """Say whether the parser takes a text; it may refuse one by a typed error. Raises whatever else it raises."""
        try:
            self.read(text)
        except REFUSALS as error:
            str(error)
            return False
        return True


def _file(text: str, name: str = "file") -> Path:
    """Write a text to the folder for the process's files; each name has one file, so that no disk fills."""
    path = _folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(errors="surrogatepass"))
    return path


_made: list["tempfile.TemporaryDirectory[str]"] = []


def _folder() -> Path:
    if not _made:
        _made.append(tempfile.TemporaryDirectory(prefix="strongroom-fuzz-"))
    return Path(_made[0].name)


def _prisma(text: str) -> object:
    return prisma_catalog(read_schema({"schema.prisma": text if "datasource" in text else DATASOURCE + text}))


def _migration(text: str) -> object:
    _file(text, "pg/0001_a.sql")
    return migration_order(load_migrations(MigrationFolders(_folder() / "pg")))


def _foreign_history(text: str) -> object:
    _file(text, "foreign/V1__a.sql")
    return migration_order(read_migration_folder(_folder() / "foreign", Side.BACKEND))


def _drained(rows: Iterator[Any]) -> int:
    return sum(1 for _ in rows)


def _entities(how: Format) -> Callable[[str], object]:
    def read(text: str) -> object:
        path = _file(text)
        table = max(ENTITIES, key=lambda table: sum(column.name in text[:1000] for column in table.columns))
        reader = EntityReader(table, lambda: UUID(int=1), lambda: NOW)
        _drained(reader.entities(path, how, LineReader(Rejections(lambda _: None))))
        return _drained(reader.entities(path, how, LineReader(Rejections())))

    return read


def _ethereum_etl(text: str) -> object:
    """Read a text as every file of an export, in the format that it looks like."""
    ending = "csv" if text[:1].isalpha() else "json"
    paths = {kind: (_file(text, f"etl/{kind}.{ending}"),) for kind in REQUIRED}
    with TemporaryStore() as scratch:
        rejections = Rejections(lambda _: None)
        export = EthereumEtlExport(1, ExportFiles(paths), LineReader(rejections), scratch, Counter())
        parts = (
            export.tokens,
            export.headers,
            export.withdrawals,
            export.transactions,
            export.transfers,
            export.swaps,
        )
        return [_safely(part) for part in parts]


def _safely(part: Callable[[], Iterator[Any]]) -> int:
    try:
        return _drained(part())
    except REFUSALS:
        return 0


def _prices(text: str) -> object:
    path = _file(text, "prices.csv" if text[:1] not in "{[" else "prices.jsonl")
    return _drained(price_facts(path, PriceSource.MANUAL, LineReader(Rejections(lambda _: None)), ImportCounter()))


def _documents(text: str) -> object:
    """Read a text as every kind of document, and as balances that are known."""
    path, reader, tally = _file(text, "document.json"), LineReader(Rejections(lambda _: None)), ImportCounter()
    return [
        _safely(part)
        for part in (
            lambda: token_list(path, 1, reader, tally),
            lambda: defillama_prices(path, 1, reader, tally),
            lambda: defillama_yields(path, reader),
            lambda: known_balances(path),
        )
    ]


def _minutes(text: str) -> object:
    path = _file(text, "pool.minute.csv")
    return _drained(minute_prices([path], POLYGON_USDC_WETH, LineReader(Rejections(lambda _: None)), ImportCounter()))


def _log_data(text: str) -> object:
    topics = [*SWAP_TOPICS][len(text) % len(SWAP_TOPICS)]
    return decode_swap("0x" + "1" * 40, (topics, text[:66], text[66:132]), text)


def _address(text: str) -> object:
    """Read a database's address as settings, and as the driver does."""
    shown = redacted(text)
    try:
        settings = Settings.read(text, environment={})
        shown += repr(settings) + settings.shown_database
        require_postgres_url(settings.server_url)
        connect_utils._parse_connect_dsn_and_args(  # type: ignore[attr-defined]
            dsn=settings.server_url,
            **dict.fromkeys(
                ("host", "port", "user", "password", "passfile", "database", "ssl", "service", "servicefile")
            ),
            direct_tls=None,
            server_settings=None,
            target_session_attrs=None,
            krbsrvname=None,
            gsslib=None,
        )
    except StrongroomError:
        raise
    except Exception as error:  # noqa: BLE001 - what the driver raises becomes the typed error, or is raised
        raise explain_failure(text, error) from None
    return shown


def _variables(text: str) -> object:
    names = ("MAX_SIZE", "ACQUIRE_TIMEOUT", "POOLER", "APPLY_MIGRATIONS", "APPLICATION_NAME", "DIRECT_URL")
    return [Settings.read("memory:", environment={f"STRONGROOM_{name}": text}) for name in names]


def _shown(text: str) -> object:
    return escape_unprintable(mask_passwords(text, [text, text[: len(text) // 2]]))


def _default(text: str) -> object:
    first, _, second = text.partition("\n")
    return [
        are_equivalent_defaults(first, second or "'x'", type_)
        for type_ in ("text", "text[]", "jsonb", "numeric(10,2)[]")
    ]


def _baseline(text: str) -> object:
    return read_baseline(_file(text, "baseline.json"))


def _pool(text: str) -> object:
    return parse_pool(1, text, text, 0)


def _manifest_of(text: str) -> object:
    return _manifest(_file(text, f"export/{MANIFEST}").parent)


SQL_WORDS: Final = (
    *(
        "'",
        "''",
        '"',
        "E'",
        "U&'",
        "B'",
        "$",
        "$$",
        "$a$",
        "--",
        "/*",
        "*/",
        "\\",
        ";",
        "(",
        ")",
        "\n",
        "begin ",
        "atomic ",
    ),
    *("case ", "end ", "commit", "create ", "function ", "as ", "concurrently "),
)
JSON_WORDS: Final = ("{", "}", "[", "]", ":", ",", '"', "\\", "\\u0000", "\\ud800", "1e999999999", "9" * 5000, "NaN")
CSV_WORDS: Final = (",", '"', "\n", "\r", '""', "\0", "\\e", "\\", "1e999999999", "9" * 500, "0x", "id", "2026-01-01")
ADDRESS_WORDS: Final = (
    *("postgresql://", ":", "@", "/", "?", "&", "=", "%", "%zz", "#", "[", "]", "password=", "pass%77ord=", "sslmode="),
    *("host=", "options=", "port=", ","),
)
PRISMA_WORDS: Final = (
    *(
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "@",
        "@@",
        "@id",
        "@default(",
        '"',
        "\\",
        "//",
        "/*",
        "*/",
        "\n",
        ",",
        ":",
        ".",
        "-1",
    ),
    *("9" * 20, "9" * 5000, "1e9", "model ", "enum ", "dbgenerated(", "Unsupported("),
)
TOML_WORDS: Final = (
    *("[", "]", "[[", "]]", "{", "}", "=", ".", '"', '"""', "'", "#", "\n", "*", "1" * 5000, "[a]\n", "inf", "::"),
)
DEFAULT_WORDS: Final = (
    *("'", "''", "E'", "\\", "::", '"', '""', "ARRAY[", "]", ",", "(", ")", "{", "}", "[]", "1e999999999", "\n"),
)
VARIABLE_WORDS: Final = ("9" * 5000, "nan", "-1", "1e400", "true", "session", "postgresql://")
PARSERS: Final = {
    parser.name: parser
    for parser in (
        Parser(
            "prisma", _prisma, PRISMA_WORDS, ("tests/schema/prisma/schemas/*.prisma", "migrations/prisma/schema.prisma")
        ),
        Parser("contract", parse_contract, TOML_WORDS, ("strongroom.toml",)),
        Parser("sql", scan, SQL_WORDS, ("migrations/pg/*.sql",)),
        Parser("migration", _migration, (*SQL_WORDS, "-- requires:", "-- strongroom:", "no-transaction")),
        Parser("foreign_history", _foreign_history, (*SQL_WORDS, "-- requires:", "-- strongroom:")),
        Parser("json_entities", _entities(Format.JSONL), JSON_WORDS),
        Parser("csv_entities", _entities(Format.CSV), CSV_WORDS),
        Parser("ethereum_etl", _ethereum_etl, (*JSON_WORDS, *CSV_WORDS)),
        Parser("prices", _prices, (*JSON_WORDS, *CSV_WORDS)),
        Parser("documents", _documents, JSON_WORDS),
        Parser("minutes", _minutes, CSV_WORDS),
        Parser("log_data", _log_data, ("0x", "0", "f" * 64, "0" * 64, "F")),
        Parser("manifest", _manifest_of, JSON_WORDS),
        Parser("baseline", _baseline, JSON_WORDS),
        Parser("address", _address, ADDRESS_WORDS),
        Parser("variables", _variables, VARIABLE_WORDS),
        Parser("safe_text", _shown, (*ADDRESS_WORDS, " ", "'", "\x1b[31m", "\u2028")),
        Parser("same_default", _default, DEFAULT_WORDS),
        Parser("minute_pool", _pool, (":", "0x" + "1" * 40, "9" * 5000, "²", "٣")),
    )
}
