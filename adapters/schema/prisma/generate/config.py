"""Write the prisma.config.ts that keeps the others' tables out of Prisma's migrations."""

import json
from collections.abc import Sequence
from typing import Final

CONFIG_HEAD: Final = "// Written by `strongroom schema prisma generate`:"


def config_text(external: dict[str, list[str]], schema: str) -> str:
    """Return a prisma.config.ts that leaves the others' tables and enumerations to them."""
    return f"""{CONFIG_HEAD} what is others' is external to Prisma's migrations.
import {{ readFileSync }} from "node:fs";
import {{ defineConfig }} from "prisma/config";

export default defineConfig({{
  schema: {json.dumps(schema)},
  datasource: {{ url: process.env.DATABASE_URL ?? "" }},
  experimental: {{ externalTables: true }},
  migrations: {{
    path: "migrations",
    initShadowDb: readFileSync(new URL("external.sql", import.meta.url), "utf8"),
  }},
  tables: {{
    external: {_quote_list(external["tables"])},
  }},
  enums: {{
    external: {_quote_list(external["enums"])},
  }},
}});
"""


def _quote_list(names: Sequence[str]) -> str:
    if not names:
        return "[]"
    return "[\n" + "".join(f"      {json.dumps(name)},\n" for name in names) + "    ]"
