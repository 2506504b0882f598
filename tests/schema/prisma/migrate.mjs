// Prisma's own `migrate deploy` and `db push`, by its engine: one request of JSON per line, one answer per line.
// A request names the database and holds a schema and, to be deployed, migrations as texts, with the names of the tables
// that are external.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";

const entry = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm");
const bytes = await readFile(new URL("schema_engine_bg.wasm", `file://${entry}`));
const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": bindings });
bindings.__wbg_set_wasm(instance.exports);
// The engine tells of its own faults here.
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
instance.exports.__wbindgen_start();

// What Prisma's own connector does otherwise than the adapter. It sends a script whole; the adapter splits it at every
// semicolon, those of bodies included.
class Whole extends PrismaPg {
  async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      try {
        await adapter.client.query(script);
      } catch (error) {
        adapter.onError(error);
      }
    };
    // PostgreSQL's "char", which the catalogue is full of and the adapter does not know, is a character.
    const [perform, query] = [adapter.performIO.bind(adapter), adapter.queryRaw.bind(adapter)];
    let characters = [];
    adapter.performIO = async (asked) => {
      const found = await perform(asked);
      characters = (found.fields ?? []).map((field) => field.dataTypeID === 18);
      for (const field of found.fields ?? []) if (field.dataTypeID === 18) field.dataTypeID = 25;
      return found;
    };
    adapter.queryRaw = async (asked) => {
      const found = await query(asked);
      const columnTypes = found.columnTypes.map((type, place) => (characters[place] ? ColumnTypeEnum.Character : type));
      return { ...found, columnTypes };
    };
    return adapter;
  }
}

const opened = async (schema, database) => {
  const factory = bindMigrationAwareSqlAdapterFactory(new Whole({ ...database, max: 1, idleTimeoutMillis: 1 }));
  return bindings.SchemaEngine.new({ datamodels: [["schema.prisma", schema]] }, () => {}, factory);
};

const push = async ({ schema, database }) => {
  const engine = await opened(schema, database);
  const files = [{ path: "schema.prisma", content: schema }];
  const done = await engine.schemaPush({
    schema: { files },
    force: true,
    filters: { externalTables: [], externalEnums: [] },
  });
  engine.free();
  return { steps: done.executedSteps, unexecutable: done.unexecutable };
};

const deploy = async ({ schema, migrations, lock, database, external }) => {
  const engine = await opened(schema, database);
  const migrationsList = {
    baseDir: "migrations",
    lockfile: { path: "migration_lock.toml", content: lock },
    shadowDbInitScript: "",
    migrationDirectories: migrations.map(([path, text]) => ({
      path,
      migrationFile: { path: "migration.sql", content: { tag: "ok", value: text } },
    })),
  };
  const filters = { externalTables: external, externalEnums: [] };
  const seen = await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters });
  const done = await engine.applyMigrations({ migrationsList, filters });
  engine.free();
  return {
    edited: seen.editedMigrationNames,
    failed: seen.failedMigrationNames,
    history: seen.history,
    applied: done.appliedMigrationNames,
  };
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const request = JSON.parse(line);
    answer = { answer: await (request.migrations ? deploy : push)(request) };
  } catch (failure) {
    answer = { error: String(failure?.message ?? failure) };
  }
  console.log(JSON.stringify(answer));
}
// The engine's timers, of locks that it has got long since, would keep the process for a minute.
process.exit();
