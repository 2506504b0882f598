// Prisma's own `migrate deploy`, by its engine: one request of JSON per line, one answer per line.
// A request names the database and holds schema and migrations as texts, with the names of the tables that are external.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";

const entry = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm");
const bytes = await readFile(new URL("schema_engine_bg.wasm", `file://${entry}`));
const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": bindings });
bindings.__wbg_set_wasm(instance.exports);
// The engine tells of its own faults here.
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
instance.exports.__wbindgen_start();

// Prisma's own engine sends a script whole; the adapter's method splits it at every semicolon, those of bodies included.
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
    return adapter;
  }
}

const deploy = async ({ schema, migrations, lock, database, external }) => {
  const factory = bindMigrationAwareSqlAdapterFactory(new Whole({ ...database, max: 1, idleTimeoutMillis: 1 }));
  const engine = await bindings.SchemaEngine.new({ datamodels: [["schema.prisma", schema]] }, () => {}, factory);
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
    answer = { answer: await deploy(JSON.parse(line)) };
  } catch (failure) {
    answer = { error: String(failure?.message ?? failure) };
  }
  console.log(JSON.stringify(answer));
}
