"""Schemas that are none: what is wrong with them, and where; the lines of a body count from the one after the head."""

from attrs import frozen


@frozen
class Refused:
    """A body that stands under the head, the line and column of its first problem, and words of the message."""

    body: str
    line: int
    column: int
    words: str


def model(*lines: str) -> str:
    """Return a model A with a key and the lines, which begin on its third line and in the third column."""
    return "\n".join(["model A {", "  id Int @id", *(f"  {line}" for line in lines), "}"])


def pair(near: str, far: str, *more: str) -> str:
    """Return a model A with a line (its fourth) that leads to B, and a model B with one (its tenth) that leads back."""
    return "\n".join(
        ["model A {", "  id Int @id", "  bId Int", f"  {near}", *(f"  {line}" for line in more), "}"]
        + [""] * (2 - len(more))
        + ["model B {", "  id Int @id", f"  {far}", "  other Int", "}"]
    )


FORTH = "b B @relation(fields: [bId], references: [id])"
REFUSED = {
    "a line is a field or an attribute": Refused(model("a Int @default("), 3, 18, "too early"),
    "a list stands on one line": Refused(model("@@unique([id,", "id])"), 3, 16, "too early"),
    "a block has a kind": Refused("table A {\n}", 1, 1, "table cannot stand here"),
    "a block ends": Refused("model A {\n  id Int @id\n", 2, 1, "ends within a block"),
    "a block's lines are lines of their own": Refused("model A { id Int @id }", 1, 11, "id cannot stand here"),
    "a field has a type": Refused(model("a"), 3, 3, "no type"),
    "a type is not followed by a sign": Refused(model("a Int!"), 3, 8, "! cannot stand here"),
    "a list is never optional": Refused(model("a Int[]?"), 3, 10, "cannot be optional"),
    "a name holds no dot": Refused(model("a.b Int"), 3, 3, "holds a dot"),
    "a name does not begin with a digit": Refused(model("2a Int"), 3, 3, "begins with a digit"),
    "a name holds no hyphen": Refused(model("a-b Int"), 3, 3, "holds a hyphen"),
    "an escape is known": Refused(model('a String @default("\\x")'), 3, 21, "no escape sequence"),
    "no comma is left over": Refused(model("@@unique([id],)"), 3, 17, "cannot stand here"),
    "a type exists": Refused(model("a int"), 3, 5, "no type int"),
    "a field is declared once": Refused(model("id String"), 3, 3, "twice"),
    "a column belongs to one field": Refused(model('a Int @map("id")'), 3, 3, "both column id"),
    "an attribute exists": Refused(model("a Int @uniq"), 3, 9, "no attribute @uniq"),
    "an attribute stands once": Refused(model('a Int @map("b") @map("c")'), 3, 19, "twice"),
    "an attribute of a model exists": Refused(model("@@key([id])"), 3, 3, "no attribute @@key"),
    "an attribute of a model stands once": Refused(model('@@map("a")', '@@map("b")'), 4, 3, "twice"),
    "an argument exists": Refused(model('a Int @unique(name: "x")'), 3, 17, "no argument name"),
    "an argument is given once": Refused(model("a Int @unique(sort: Asc, sort: Asc)"), 3, 28, "twice"),
    "an argument that is needed is given": Refused(model("a Int @map"), 3, 9, "lacks its argument name"),
    "an argument is of its kind": Refused(model("a Int @map(3)"), 3, 14, "expects a string"),
    "a word is one of few": Refused(model("a Int @unique(sort: Up)"), 3, 23, "Up is no sort"),
    "a native type exists": Refused(model("a Int @db.Tiny"), 3, 9, "no native type Tiny"),
    "a native type fits": Refused(model("a Int @db.VarChar(3)"), 3, 9, "serves String"),
    "a native type has its arguments": Refused(model("a Decimal @db.Decimal(3)"), 3, 13, "takes 0 or 2 arguments"),
    "a native type has its limits": Refused(model("a DateTime @db.Timestamp(7)"), 3, 14, "from 0 to 6"),
    "a scale is within its precision": Refused(model("a Decimal @db.Decimal(3, 4)"), 3, 13, "exceeds its precision"),
    "a native type is of the datasource": Refused(model("a Int @pg.Integer"), 3, 9, "No datasource is named pg"),
    "an enum has no native type": Refused(model("a E @db.Text") + "\nenum E {\n  x\n}", 3, 7, "no native type"),
    "a default is a literal of its type": Refused(model('a Int @default("1")'), 3, 18, "a whole number"),
    "a whole number is whole": Refused(model("a Int @default(1.5)"), 3, 18, "a whole number"),
    "a whole number has 64 bits": Refused(model("a BigInt @default(9223372036854775808)"), 3, 21, "64 bits"),
    "a boolean is true or false": Refused(model("a Boolean @default(yes)"), 3, 22, "true or false"),
    "the default of a list is one": Refused(model("a Int[] @default(1)"), 3, 20, "is a list"),
    "the default of one is no list": Refused(model("a Int @default([1])"), 3, 18, "no list"),
    "a function exists": Refused(model("a Int @default(sequence())"), 3, 18, "sequence() is no default"),
    "a function serves the type": Refused(model("a Int @default(now())"), 3, 18, "does not serve Int"),
    "a function takes its arguments": Refused(model("a String @default(uuid(5))"), 3, 21, "does not take"),
    "an expression is not empty": Refused(model('a String @default(dbgenerated(""))'), 3, 21, "not empty"),
    "an unsupported type takes expressions": Refused(model('a Unsupported("x") @default("y")'), 3, 31, "an expression"),
    "a number is one": Refused(model('a Decimal @default("x")'), 3, 22, "a number"),
    "a number is finite": Refused(model('a Decimal @default("NaN")'), 3, 22, "a number"),
    "a number has as many digits as PostgreSQL's": Refused(model('a Decimal @default("1e999999")'), 3, 22, "a number"),
    "a whole number is no longer than 64 bits": Refused(
        model(f"a Int @default({'9' * 5000})"), 3, 18, "a whole number"
    ),
    "a version is a small number": Refused(model(f"a String @default(uuid({'9' * 5000}))"), 3, 21, "does not take"),
    "a length is a small number": Refused(model(f"a String @db.VarChar({'9' * 5000})"), 3, 12, "from 1 to"),
    "a time is one": Refused(model('a DateTime @default("not a time")'), 3, 23, "a time"),
    "a time has an offset": Refused(model('a DateTime[] @default(["2020-01-01T00:00:00"])'), 3, 26, "a time"),
    "a time has a year that is one": Refused(
        model('a DateTime @default("0001-01-01T00:00:00+05:00")'), 3, 23, "a time"
    ),
    "bytes are in base64": Refused(model('a Bytes[] @default(["!"])'), 3, 23, "base64"),
    "base64 is padded": Refused(model('a Bytes @default("aGk")'), 3, 20, "base64"),
    "a document is JSON": Refused(model('a Json[] @default(["{"])'), 3, 22, "JSON"),
    "JSON has no NaN": Refused(model('a Json @default("NaN")'), 3, 19, "JSON"),
    "JSON is not nested without end": Refused(model(f'a Json @default("{"[" * 9000}{"]" * 9000}")'), 3, 19, "JSON"),
    "JSON's numbers are numbers of a client": Refused(model('a Json @default("1e999999999")'), 3, 19, "JSON"),
    "JSON's text is Unicode": Refused(model('a Json @default("\\"\\\\ud800\\"")'), 3, 19, "JSON"),
    "a text holds no character that PostgreSQL has not": Refused(
        model('a String @default("\\u0000")'), 3, 21, "U+0000"
    ),
    "an expression is one": Refused(model('a String @default(dbgenerated("now();"))'), 3, 21, "holds a semicolon"),
    "an expression closes what it opens": Refused(
        model('a String @default(dbgenerated("f(1"))'), 3, 21, "does not close"
    ),
    "an expression opens what it closes": Refused(
        model('a String @default(dbgenerated("1) , (1"))'), 3, 21, "does not open"
    ),
    "an expression says something": Refused(model('a String @default(dbgenerated("-- x"))'), 3, 21, "is empty"),
    "a type is one": Refused(model('a Unsupported("int) AS SELECT 1 --")'), 3, 5, "does not open"),
    "a condition is one expression": Refused(model('@@index([id], where: raw("true; x"))'), 3, 24, "a semicolon"),
    "an enum has the value": Refused(model("a E @default(y)") + "\nenum E {\n  x\n}", 3, 16, "no value y"),
    "an enum's default is a word": Refused(
        model('a E @default("x")') + "\nenum E {\n  x\n}", 3, 16, "one of its values"
    ),
    "an enum has a value": Refused(model() + "\nenum E {\n}", 4, 1, "no value"),
    "an enum's values differ": Refused(model() + "\nenum E {\n  x\n  x\n}", 6, 3, "twice"),
    "a time of change is a time": Refused(model("a Int @updatedAt"), 3, 9, "serves a single DateTime"),
    "a model is declared once": Refused(model() + "\n" + model(), 4, 1, "declared twice"),
    "a name is free": Refused("model class {\n  id Int @id\n}", 1, 1, "is taken"),
    "a table belongs to one model": Refused(
        model() + '\nmodel B {\n  x Int @id(map: "x")\n  @@map("A")\n}', 4, 1, "both the table"
    ),
    "a type belongs to one enum": Refused(
        model() + '\nenum E {\n  x\n}\nenum F {\n  x\n  @@map("E")\n}', 7, 1, "both the type"
    ),
    "rows are told apart": Refused("model A {\n  a Int?\n  @@unique([a])\n}", 1, 1, "tells the rows"),
    "a model has one key": Refused(model("a Int", "@@id([a])"), 4, 3, "a primary key already"),
    "a key is required": Refused("model A {\n  id Int? @id\n}", 2, 11, "never without a value"),
    "a composite key is required": Refused("model A {\n  a Int\n  b Int?\n  @@id([a, b])\n}", 4, 3, "may lack a value"),
    "a key has no order": Refused("model A {\n  a Int\n  @@id([a(sort: Desc)])\n}", 3, 3, "no order"),
    "a key has fields": Refused("model A {\n  a Int\n  @@id([])\n}", 3, 3, "no fields"),
    "an index is of fields that exist": Refused(model("@@index([a])"), 3, 12, "no field a"),
    "an index is of columns": Refused(pair(FORTH, "as A[]", "@@index([b])"), 5, 12, "has no column"),
    "an index has a field once": Refused(model("@@index([id, id])"), 3, 16, "twice"),
    "PostgreSQL has no prefixes": Refused(model("@@index([id(length: 3)])"), 3, 3, "knows no length"),
    "PostgreSQL has no clustered keys": Refused(model("a Int @unique(clustered: true)"), 3, 9, "knows no clustered"),
    "PostgreSQL has no fulltext": Refused(model("@@fulltext([id])"), 3, 3, "MySQL and MongoDB"),
    "PostgreSQL has no types": Refused("type T {\n  a Int\n}", 1, 1, "no composite types"),
    "an index type exists": Refused(model("@@index([id], type: Fast)"), 3, 23, "Fast is no type"),
    "a hash has no order": Refused(model("@@index([id(sort: Desc)], type: Hash)"), 3, 3, "no order"),
    "an operator class is known": Refused(model("@@index([id(ops: FastOps)])"), 3, 20, "no operator class"),
    "an operator class serves the index": Refused(model("@@index([id(ops: Int4BloomOps)])"), 3, 3, "serves no BTree"),
    "a unique index has no operator class": Refused(
        model("a Int", '@@unique([a(ops: raw("int4_ops"))])'), 4, 13, "Only @@index"
    ),
    "a condition is one": Refused(model('@@index([id], where: "id > 3")'), 3, 24, "no condition"),
    "a condition is of fields": Refused(model("@@index([id], where: { a: 3 })"), 3, 24, "no field a"),
    "a condition compares with values": Refused(model("@@index([id], where: { id: { gt: 3 } })"), 3, 30, "no value"),
    "a name of the client is a word": Refused(model("a Int", '@@unique([a, id], name: "a-b")'), 4, 3, "cannot name"),
    "a name of the client is free": Refused(model("a Int", '@@unique([a, id], name: "a")'), 4, 3, "a field already"),
    "index names differ": Refused(model("a Int", "@@index([a])", "@@index([a])"), 5, 3, "stands on A already"),
    "a name is no longer than PostgreSQL's": Refused(
        model(f'a Int @unique(map: "{"x" * 64}")'), 3, 9, "more than 63 bytes"
    ),
    "a view has no key": Refused("view V {\n  id Int @id\n}", 2, 10, "no primary key"),
    "a view has no indexes": Refused("view V {\n  id Int\n  @@index([id])\n}", 3, 3, "no indexes"),
    "a view has no index to name": Refused('view V {\n  id Int @unique(map: "x")\n}', 2, 10, "no index to name"),
    "ignored fields stand in models that are not": Refused(
        model("a Int @ignore", "@@ignore"), 3, 3, "is ignored whole"
    ),
    "unsupported fields are ignored anyway": Refused(model('a Unsupported("x") @ignore'), 3, 22, "as it is"),
    "a relation is to a model": Refused(model("a Int @relation(fields: [id])"), 3, 9, "is no relation"),
    "a relation has two sides": Refused(pair(FORTH, "as Int"), 4, 3, "no field on the other side"),
    "two relations have two names": Refused(
        pair(FORTH, "as A[]", FORTH.replace("b ", "c ", 1)), 4, 3, "under one name"
    ),
    "a relation to itself has a name": Refused(
        model("p Int", "x A[]", "y A @relation(fields: [p], references: [id])"), 4, 3, "under one name"
    ),
    "a relation says by which fields": Refused(pair("b B", "as A[]"), 4, 3, "by which fields"),
    "one side alone says by which fields": Refused(
        pair(FORTH, "as A[] @relation(fields: [id], references: [id])"), 10, 3, "repeats what"
    ),
    "fields exist": Refused(pair("b B @relation(fields: [x], references: [id])", "as A[]"), 4, 3, "no column for x"),
    "references exist": Refused(
        pair("b B @relation(fields: [bId], references: [x])", "as A[]"), 4, 3, "no column for x"
    ),
    "fields and references are as many": Refused(
        pair("b B @relation(fields: [bId, id], references: [id])", "as A[]"), 4, 3, "not as many"
    ),
    "fields and references have one type": Refused(
        pair("b B @relation(fields: [s], references: [id])", "as A[]", "s String"), 4, 3, "s is String"
    ),
    "what is referred to is unique": Refused(
        pair("b B @relation(fields: [bId], references: [other])", "as A[]"), 4, 3, "is not unique"
    ),
    "one to one is unique": Refused(pair(FORTH, "as A?"), 4, 3, "could have many"),
    "the far side is never required": Refused(pair(FORTH, "as A", "@@unique([bId])"), 10, 3, "No database can require"),
    "a relation over optional fields is optional": Refused(
        pair("b B @relation(fields: [o], references: [id])", "as A[]", "o Int?"), 4, 3, "may be null"
    ),
    "an action is known": Refused(
        pair(FORTH.replace("])", "], onDelete: Drop)"), "as A[]"), 4, 60, "Drop is no onDelete"
    ),
    "the far side has no actions": Refused(pair(FORTH, "as A[] @relation(onDelete: Cascade)"), 10, 3, "no foreign key"),
    "two lists have no actions": Refused(
        pair("b B[] @relation(onDelete: Cascade)", "as A[]"), 4, 3, "takes no actions"
    ),
    "two lists have no columns": Refused(pair("b B[]", "as A[] @relation(references: [id])"), 10, 3, "neither side"),
    "two lists have keys of one field": Refused(
        "model A {\n  a Int\n  b Int\n  to B[]\n  @@id([a, b])\n}\nmodel B {\n  id Int @id\n  from A[]\n}",
        4,
        3,
        "no @id of one",
    ),
    "a relation field has no column": Refused(pair(FORTH + " @unique", "as A[]"), 4, 50, "has no column for @unique"),
    "what is ignored is led to in silence": Refused(
        pair(FORTH, "as A[]").replace("  other Int", "  @@ignore"), 4, 3, "ignores"
    ),
    "foreign keys are named apart": Refused(
        pair(FORTH.replace("])", '], map: "A_pkey")'), "as A[]"), 4, 3, "stands on A already"
    ),
    "a schema is listed": Refused(model('@@schema("x")'), 1, 1, "lists no schema x"),
}

DATASOURCE = 'datasource db {{\n  provider = "postgresql"\n  {}\n}}\n'
REFUSED_WHOLE = {
    "a schema has a datasource": Refused(model(), 1, 1, "No datasource"),
    "a schema has one datasource": Refused(DATASOURCE.format("") * 2, 5, 1, "one datasource"),
    "a datasource has a provider": Refused("datasource db {\n}\n", 1, 1, "no provider"),
    "a provider is one": Refused('datasource db {\n  provider = ["postgresql"]\n}\n', 2, 14, "one string"),
    "a setting stands once": Refused(DATASOURCE.format('provider = "postgresql"'), 3, 3, "twice"),
    "a setting exists": Refused(DATASOURCE.format('adress = "x"'), 3, 12, "has no adress"),
    "a relation mode is one of two": Refused(
        DATASOURCE.format('relationMode = "none"'), 3, 18, "foreignKeys or prisma"
    ),
    "schemas are a list": Refused(DATASOURCE.format("schemas = []"), 3, 13, "list of names"),
    "schemas differ": Refused(DATASOURCE.format('schemas = ["a", "a"]'), 3, 13, "names one twice"),
    "a model is in a schema": Refused(DATASOURCE.format('schemas = ["a"]') + model(), 5, 1, "is in no schema"),
    "a generator has a provider": Refused(DATASOURCE.format("") + "generator g {\n}\n", 5, 1, "no provider"),
    "generators differ": Refused(
        DATASOURCE.format("") + 'generator g {\n  provider = "x"\n}\n' * 2, 8, 1, "declared twice"
    ),
    "a file is no sentence": Refused("Hello", 1, 1, "Hello cannot stand here"),
}
OTHER_DATABASES = Refused('datasource db {\n  provider = "mysql"\n}\n', 2, 14, "The database is mysql")
