// What Prisma's migration engine would change in a database to make it what schemas say: one request of JSON per line.
// A request holds files as [name, text] pairs, and names the database that is compared with them.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";

const entry = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm");
const bytes = await readFile(new URL("schema_engine_bg.wasm", `file://${entry}`));
const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": bindings });
bindings.__wbg_set_wasm(instance.exports);
// The engine tells of its own faults here.
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
instance.exports.__wbindgen_start();

// The catalogue has columns of the type "char", which the adapter does not know. The engine reads them as text, but for
// one column, which it reads as a character.
const CHAR = 18;
const TEXT = 25;

class Pool extends pg.Pool {
  async query(...given) {
    const answer = await super.query(...given);
    for (const field of answer.fields ?? []) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT;
    return answer;
  }
}

const connected = async (factory) => {
  const adapter = await factory.connect();
  const { queryRaw } = adapter;
  adapter.queryRaw = async (query) => {
    const answer = await queryRaw.call(adapter, query);
    const place = answer.columnNames.indexOf("constraint_type");
    if (place >= 0) answer.columnTypes[place] = ColumnTypeEnum.Character;
    return answer;
  };
  return adapter;
};

const drift = async ({ files, database }) => {
  const pool = new Pool({ ...database, max: 1, idleTimeoutMillis: 1 });
  const plain = new PrismaPg(pool, { disposeExternalPool: true });
  const { provider, adapterName } = plain;
  const factory = bindMigrationAwareSqlAdapterFactory({ provider, adapterName, connect: () => connected(plain) });
  const engine = await bindings.SchemaEngine.new({ datamodels: files }, () => {}, factory);
  const schemas = files.map(([path, content]) => ({ path, content }));
  const answer = await engine.diff({
    from: { tag: "schemaDatasource", files: schemas, configDir: "." },
    to: { tag: "schemaDatamodel", files: schemas },
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  engine.free();
  await pool.end().catch(() => {});
  return answer.stdout;
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { answer: await drift(JSON.parse(line)) };
  } catch (failure) {
    answer = { error: String(failure?.message ?? failure) };
  }
  console.log(JSON.stringify(answer));
}
