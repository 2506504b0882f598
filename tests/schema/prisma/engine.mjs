// The DDL that Prisma's migration engine writes for schemas: one request of JSON per line, one answer per line.
// A request holds files as [name, text] pairs; the database that it also names is asked for its version alone.
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
instance.exports.__wbindgen_start();

const ddl = async ({ files, database }) => {
  // A connection that idles is closed at once: each request opens its own.
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ ...database, max: 1, idleTimeoutMillis: 1 }));
  const engine = await bindings.SchemaEngine.new({ datamodels: files }, () => {}, factory);
  const answer = await engine.diff({
    from: { tag: "empty" },
    to: { tag: "schemaDatamodel", files: files.map(([path, content]) => ({ path, content })) },
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  engine.free();
  return answer.stdout;
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { answer: await ddl(JSON.parse(line)) };
  } catch (failure) {
    answer = { error: String(failure?.message ?? failure) };
  }
  console.log(JSON.stringify(answer));
}
