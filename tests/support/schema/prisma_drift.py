"""Ways in which projects come to have a database that is not spelled as Prisma spells it, each with who tells of it.

``same``: nobody tells; ``drift``: Prisma's engine and we; ``ours``: we alone, ``theirs``: Prisma alone, where its
engine compares less, or would write for ever what is there already, or what it cannot say.
"""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

ENUM: Final = "enum E {\n  X\n  Y\n}\n"
CREATE_ENUM: Final = "CREATE TYPE \"E\" AS ENUM ('X', 'Y');"
MODEL: Final = "model A {\n  id Int @id\n}\n"
TABLE: Final = 'CREATE TABLE "A" (id integer NOT NULL, CONSTRAINT "A_pkey" PRIMARY KEY (id));'

# who tells | the field's type and attributes | the column's type
COLUMNS: Final = r"""
same   | String[]                                     | text[]
same   | String[]                                     | text[] NOT NULL
drift  | String[]                                     | text[] NOT NULL DEFAULT '{}'
drift  | String[] @default([])                        | text[]
same   | String[] @default([])                        | text[] DEFAULT '{}'
same   | String[] @default([])                        | text[] NOT NULL DEFAULT ARRAY[]::text[]
same   | String[] @default(["a", "b c"])              | text[] DEFAULT '{a,"b c"}'
drift  | String[] @default(["a", "b"])                | text[] DEFAULT '{b,a}'
same   | Int[] @default([1, 2])                       | integer[] DEFAULT '{1,2}'
same   | E[] @default([X])                            | "E"[] DEFAULT '{X}'
same   | E[] @default([X])                            | "E"[] NOT NULL DEFAULT ARRAY['X']::"E"[]
same   | E[] @default([])                             | "E"[] DEFAULT '{}'
same   | DateTime @default(now())                     | timestamp(3) NOT NULL DEFAULT now()
same   | DateTime @default(now()) @db.Date            | date NOT NULL DEFAULT now()
drift  | DateTime @default(now()) @db.Date            | date NOT NULL DEFAULT CURRENT_DATE
drift  | DateTime @default(now())                     | timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
drift  | DateTime @default(now())                     | timestamp(3) NOT NULL DEFAULT (now() AT TIME ZONE 'utc')
drift  | DateTime @default(now())                     | timestamp(3) NOT NULL DEFAULT clock_timestamp()
theirs | DateTime @default(dbgenerated("now()"))      | timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
drift  | DateTime @updatedAt                          | timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
same   | DateTime @default("2020-01-01T00:00:00Z")    | timestamp(3) NOT NULL DEFAULT '2020-01-01 00:00:00'
ours   | DateTime @default("2020-01-01T00:00:00Z")    | timestamp(3) NOT NULL DEFAULT '2021-01-01 00:00:00'
drift  | String @default(uuid()) @db.Uuid             | uuid NOT NULL DEFAULT gen_random_uuid()
drift  | String @default(cuid())                      | text NOT NULL DEFAULT 'x'
drift  | String @default(dbgenerated("gen_random_uuid()")) @db.Uuid | uuid NOT NULL
drift  | String @default(dbgenerated("public.gen_random_uuid()")) @db.Uuid | uuid NOT NULL DEFAULT gen_random_uuid()
theirs | String @default(dbgenerated("'x'"))          | text NOT NULL DEFAULT 'x'
drift  | String                                       | text NOT NULL DEFAULT 'x'
drift  | String                                       | text NOT NULL DEFAULT md5('x')
same   | String?                                      | text DEFAULT NULL
same   | String @default("x")                         | text NOT NULL DEFAULT 'x'::character varying
same   | String @default("x") @db.VarChar(10)         | varchar(10) NOT NULL DEFAULT 'x'::text
same   | String @default("it's")                      | text NOT NULL DEFAULT 'it''s'
same   | String @default("a\\b")                      | text NOT NULL DEFAULT E'a\\b'
drift  | String @default("ab")                        | text NOT NULL DEFAULT 'a' || 'b'
drift  | Json                                         | jsonb NOT NULL DEFAULT '{}'
drift  | Json @default("{}")                          | jsonb NOT NULL DEFAULT '[]'
drift  | Json @default("{}")                          | jsonb NOT NULL DEFAULT jsonb_build_object()
same   | Json @default("{\"a\": [ ]}") @db.Json       | json NOT NULL DEFAULT '{"a":[]}'
same   | Json @default("{\"b\": 1, \"a\": 2}")        | jsonb NOT NULL DEFAULT '{"a":2,"b":1}'
same   | Boolean @default(false)                      | boolean NOT NULL DEFAULT 'f'
drift  | Boolean @default(false)                      | boolean NOT NULL DEFAULT true
same   | Int @default(5)                              | integer NOT NULL DEFAULT '5'
same   | Int @default(-5)                             | integer NOT NULL DEFAULT '-5'::integer
drift  | Int @default(5)                              | integer NOT NULL DEFAULT 6
drift  | Int @default(5)                              | integer NOT NULL DEFAULT 2 + 3
same   | BigInt @default(0)                           | bigint NOT NULL DEFAULT '0'::bigint
theirs | BigInt @default(0)                           | bigint NOT NULL DEFAULT 0::bigint
same   | Float @default(0)                            | double precision NOT NULL DEFAULT 0.0
same   | Float @default(1.5)                          | double precision NOT NULL DEFAULT 1.5::double precision
same   | Decimal @default(1.50) @db.Decimal(10, 2)    | numeric(10,2) NOT NULL DEFAULT 1.5
same   | Decimal @default(0)                          | numeric(65,30) NOT NULL DEFAULT '0'::numeric
same   | Bytes @default("aGk=")                       | bytea NOT NULL DEFAULT '\x6869'
same   | E @default(X)                                | "E" NOT NULL DEFAULT 'X'
drift  | E @default(X)                                | "E" NOT NULL DEFAULT 'Y'
drift  | E @default(X)                                | "E" NOT NULL DEFAULT ('X'::text)::"E"
drift  | String?                                      | text NOT NULL
drift  | String                                       | text
drift  | String                                       | varchar(255) NOT NULL
drift  | DateTime                                     | timestamp NOT NULL
same   | DateTime @db.Timestamptz(6)                  | timestamptz NOT NULL
same   | Decimal @db.Decimal                          | numeric NOT NULL
drift  | Decimal                                      | numeric NOT NULL
drift  | Int                                          | bigint NOT NULL
same   | String @db.Char(1)                           | char NOT NULL
theirs | String @db.Char                              | char NOT NULL
same   | Unsupported("interval(3)")                   | interval(3) NOT NULL
same   | Unsupported("point")[]                       | point[]
same   | Unsupported("daterange") @default(dbgenerated("'empty'::daterange")) | daterange NOT NULL DEFAULT 'empty'
ours   | Unsupported("point")?                        | box
same   | String                                       | text COLLATE "C" NOT NULL
same   | Int                                          | integer NOT NULL CHECK (a > 0)
theirs | Int?                                         | integer GENERATED ALWAYS AS (id + 1) STORED
theirs | Unsupported("tsvector")?                     | tsvector GENERATED ALWAYS AS (to_tsvector('simple', 'x')) STORED
"""

# who tells | the model's attribute | the index, on a text column, a list and one of jsonb
INDEXES: Final = """
same   | @@unique([a])                                | ALTER TABLE "A" ADD CONSTRAINT "A_a_key" UNIQUE (a)
same   | @@unique([a])                                | ALTER TABLE "A" ADD CONSTRAINT "A_a_key" UNIQUE (a) DEFERRABLE
same   | @@unique([a])                                | CREATE UNIQUE INDEX "A_a_key" ON "A" (a) NULLS NOT DISTINCT
theirs | @@unique([a])                                | CREATE UNIQUE INDEX "A_a_key" ON "A" (a) INCLUDE (id)
theirs | @@index([a])                                 | CREATE INDEX "A_a_idx" ON "A" (a) INCLUDE (id)
drift  | @@index([a])                                 | CREATE INDEX "other" ON "A" (a)
drift  | @@index([a])                                 | CREATE INDEX "A_a_idx" ON "A" (a DESC)
same   | @@index([a])                                 | CREATE INDEX "A_a_idx" ON "A" (a NULLS FIRST)
same   | @@index([a(sort: Desc)])                     | CREATE INDEX "A_a_idx" ON "A" (a DESC NULLS LAST)
same   | @@index([a])                                 | CREATE INDEX "A_a_idx" ON "A" (a COLLATE "C")
same   | @@index([a])                                 | CREATE INDEX "A_a_idx" ON "A" (a text_pattern_ops)
theirs | @@index([a(ops: raw("text_pattern_ops"))])   | CREATE INDEX "A_a_idx" ON "A" (a text_pattern_ops)
drift  | @@index([a])                                 | CREATE INDEX "A_a_idx" ON "A" USING hash (a)
same   | @@index([a], type: Hash)                     | CREATE INDEX "A_a_idx" ON "A" USING hash (a)
same   | @@index([list], type: Gin)                   | CREATE INDEX "A_list_idx" ON "A" USING gin (list)
drift  | @@index([list])                              | CREATE INDEX "A_list_idx" ON "A" USING gin (list)
same   | @@index([json(ops: JsonbPathOps)], type: Gin) | CREATE INDEX "A_json_idx" ON "A" USING gin(json jsonb_path_ops)
drift  | @@index([json], type: Gin)                   | CREATE INDEX "A_json_idx" ON "A" USING gin (json jsonb_path_ops)
drift  |                                              | CREATE INDEX "A_a_idx" ON "A" (a)
same   |                                              | CREATE INDEX "A_a_idx" ON "A" (lower(a))
theirs |                                              | CREATE UNIQUE INDEX "A_a_idx" ON "A" (a) WHERE a <> ''
theirs |                                              | CREATE INDEX "A_a_idx" ON "A" (a DESC NULLS LAST)
theirs | @@unique([a])                                | CREATE UNIQUE INDEX "A_a_key" ON "A" (a) WHERE a <> ''
ours   | @@index([a])                                 | CREATE INDEX x ON "A" (a); CREATE INDEX "A_a_idx" ON "A" (a)
"""

_COUNTED: Final = "model A {\n  id Int @id @default(autoincrement())\n}\n"
_LISTS: Final = "model A {\n  id Int @id\n  bs B[]\n}\nmodel B {\n  id Int @id\n  as A[]\n}\n"
_REFERRING: Final = (
    "model A {\n  id Int @id\n  b_id Int\n  b B @relation(fields: [b_id], references: [id])\n}\n"
    "model B {\n  id Int @id\n  as A[]\n}\n"
)
_VIEW: Final = MODEL + "view V {\n  id Int @unique\n}\n"
_TABLE_B: Final = 'CREATE TABLE "B" (id integer NOT NULL, CONSTRAINT "B_pkey" PRIMARY KEY (id));'
_BETWEEN: Final = f"""{TABLE} {_TABLE_B}
    CREATE TABLE "_AToB" (
        "A" integer NOT NULL CONSTRAINT "_AToB_A_fkey" REFERENCES "A" ON DELETE CASCADE ON UPDATE CASCADE,
        "B" integer NOT NULL CONSTRAINT "_AToB_B_fkey" REFERENCES "B" ON DELETE CASCADE ON UPDATE CASCADE
    );
    CREATE INDEX "_AToB_B_index" ON "_AToB" ("B");
"""
_KEYED: Final = 'ALTER TABLE "_AToB" ADD CONSTRAINT "_AToB_AB_pkey" PRIMARY KEY ("A", "B");'
_UP_TO_5: Final = 'CREATE UNIQUE INDEX "_AToB_AB_unique" ON "_AToB" ("A", "B");'
_REFERENCE: Final = (
    f'{TABLE} {_TABLE_B} ALTER TABLE "A" ADD b_id integer NOT NULL; '
    'ALTER TABLE "A" ADD CONSTRAINT "A_b_id_fkey" FOREIGN KEY (b_id) REFERENCES "B" (id)'
)
_USUAL: Final = " ON DELETE RESTRICT ON UPDATE CASCADE"
_A_ID: Final = '"A" (id integer'

# what it is: who tells, the schema, the database
WHOLE: Final = {
    "the sequence of a table that was renamed": (
        "same",
        _COUNTED,
        'CREATE TABLE old (id SERIAL, CONSTRAINT "A_pkey" PRIMARY KEY (id)); ALTER TABLE old RENAME TO "A";',
    ),
    "a sequence of its own": (
        "same",
        _COUNTED,
        f"CREATE SEQUENCE s; {TABLE} ALTER TABLE \"A\" ALTER id SET DEFAULT nextval('s');",
    ),
    "an identity": ("same", _COUNTED, TABLE.replace(_A_ID, f"{_A_ID} GENERATED BY DEFAULT AS IDENTITY")),
    "an identity always": ("same", _COUNTED, TABLE.replace(_A_ID, f"{_A_ID} GENERATED ALWAYS AS IDENTITY")),
    "an identity that is not declared": (
        "theirs",
        MODEL,
        TABLE.replace(_A_ID, f"{_A_ID} GENERATED ALWAYS AS IDENTITY"),
    ),
    "a sequence that is not declared": ("drift", MODEL, TABLE.replace("integer", "serial")),
    "a column that does not count": ("drift", _COUNTED, TABLE),
    "a sequence that is left over": ("same", MODEL, f"{TABLE} CREATE SEQUENCE s;"),
    "labels in another order": ("same", MODEL + ENUM, TABLE + CREATE_ENUM.replace("'X', 'Y'", "'Y', 'X'")),
    "a label too many": ("drift", MODEL + ENUM, TABLE + CREATE_ENUM.replace("'Y'", "'Y', 'Z'")),
    "a label too few": ("drift", MODEL + ENUM, TABLE + CREATE_ENUM.replace(", 'Y'", "")),
    "an enum too many": ("drift", MODEL, TABLE + CREATE_ENUM),
    "an enum too few": ("drift", MODEL + ENUM, TABLE),
    "two lists, as Prisma makes them since 6": ("same", _LISTS, _BETWEEN + _KEYED),
    "two lists, as Prisma made them up to 5": ("theirs", _LISTS, _BETWEEN + _UP_TO_5),
    "two lists without a key": ("drift", _LISTS, _BETWEEN),
    "a reference": ("same", _REFERRING, _REFERENCE + _USUAL),
    "a reference that is not validated": ("same", _REFERRING, f"{_REFERENCE}{_USUAL} NOT VALID"),
    "a reference that can be deferred": ("same", _REFERRING, f"{_REFERENCE}{_USUAL} DEFERRABLE INITIALLY DEFERRED"),
    "a reference in full": ("same", _REFERRING, f"{_REFERENCE} MATCH FULL {_USUAL}"),
    "a reference of another action": ("drift", _REFERRING, f"{_REFERENCE} ON DELETE CASCADE ON UPDATE CASCADE"),
    "a reference of another name": ("drift", _REFERRING, (_REFERENCE + _USUAL).replace("_fkey", "_other")),
    "no reference": ("drift", _REFERRING, _REFERENCE.rpartition("ALTER")[0]),
    "a key of another name": ("drift", MODEL, TABLE.replace("A_pkey", "other")),
    "a key in another order": (
        "drift",
        "model A {\n  a Int\n  b Int\n  @@id([a, b])\n}\n",
        'CREATE TABLE "A" (a integer, b integer, CONSTRAINT "A_pkey" PRIMARY KEY (b, a))',
    ),
    "a key that is unique once more": (
        "same",
        MODEL.replace("@id", "@id @unique"),
        f'{TABLE} CREATE UNIQUE INDEX "A_id_key" ON "A" (id)',
    ),
    "a key that is not unique once more": ("drift", MODEL.replace("@id", "@id @unique"), TABLE),
    "a domain": (
        "same",
        MODEL.replace("}", "  a String\n}"),
        f"CREATE DOMAIN d AS text CHECK (value <> ''); {TABLE} ALTER TABLE \"A\" ADD a d NOT NULL;",
    ),
    "a domain of another type": (
        "drift",
        MODEL.replace("}", "  a String @db.Char(3)\n}"),
        f'CREATE DOMAIN d AS varchar(3); {TABLE} ALTER TABLE "A" ADD a d NOT NULL;',
    ),
    "an exclusion": ("same", MODEL, f'{TABLE} ALTER TABLE "A" ADD EXCLUDE USING btree (id WITH =);'),
    "row security": ("same", MODEL, f'{TABLE} ALTER TABLE "A" ENABLE ROW LEVEL SECURITY'),
    "a view that nobody declares": ("same", MODEL, f'{TABLE} CREATE VIEW "V" AS SELECT id FROM "A"'),
    "a view that is declared": ("same", _VIEW, f'{TABLE} CREATE VIEW "V" AS SELECT id FROM "A"'),
    "a view that is not there": ("same", _VIEW, TABLE),
    "a table too many": ("drift", MODEL, TABLE + _TABLE_B),
    "a table too few": ("drift", MODEL + MODEL.replace("A", "B"), TABLE),
    "a column too many": ("drift", MODEL, f'{TABLE} ALTER TABLE "A" ADD a text'),
    "a column too few": ("drift", MODEL.replace("}", "  a String?\n}"), TABLE),
    "partitions": (
        "same",
        MODEL,
        f'{TABLE.rstrip(";")} PARTITION BY RANGE (id); CREATE TABLE "A1" PARTITION OF "A" FOR VALUES FROM (0) TO (9);',
    ),
    "a model that the client ignores": (
        "same",
        "model A {\n  id Int\n  @@ignore\n}\n",
        'CREATE TABLE "A" (id int NOT NULL)',
    ),
    "what lies in another schema": ("same", MODEL, f"{TABLE} CREATE SCHEMA other; CREATE TABLE other.t (id int);"),
}


@frozen
class Drift:
    """A schema.prisma's models, the statements that make a database, and who tells that they differ."""

    name: str
    told: str
    models: str
    sql: str


def drifts() -> Iterator[Drift]:
    """Yield all of them."""
    for told, field, column in _rows(COLUMNS):
        models = MODEL.replace("}", f"  a {field}\n}}") + ENUM
        yield Drift(f"{field}: {column}", told, models, f'{CREATE_ENUM} {TABLE} ALTER TABLE "A" ADD a {column};')
    fields = "  a String\n  list String[]\n  json Json\n"
    columns = 'ALTER TABLE "A" ADD a text NOT NULL, ADD list text[], ADD json jsonb NOT NULL;'
    for told, attribute, index in _rows(INDEXES):
        models = MODEL.replace("}", f"{fields}  {attribute}\n}}")
        yield Drift(f"{attribute}: {index}", told, models, f"{TABLE} {columns} {index};")
    for name, (told, models, sql) in WHOLE.items():
        yield Drift(name, told, models, sql)


def _rows(table: str) -> Iterator[list[str]]:
    for line in table.strip().splitlines():
        yield [cell.strip() for cell in line.split(" | ")]
