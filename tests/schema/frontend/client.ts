// A frontend in small: Prisma's generated client over a database, one request of JSON per line, one answer per line.
// A request names a model and what to do: find (where), create (data), update (where and data). Values that JSON cannot hold are tagged.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { PrismaPg } from "@prisma/adapter-pg";

const [generated, address] = process.argv.slice(2);
const { PrismaClient } = await import(pathToFileURL(`${generated}/client.ts`).href);
const prisma = new PrismaClient({ adapter: new PrismaPg(JSON.parse(address)) });

type Tagged = { $bigint: string } | { $decimal: string } | { $date: string } | { $bytes: string } | { $json: unknown };

/** Returns a value as the client takes it. */
const read = (value: any): unknown => {
  if (value === null || typeof value !== "object") return value;
  if ("$bigint" in value) return BigInt(value.$bigint);
  if ("$decimal" in value) return value.$decimal;
  if ("$date" in value) return new Date(value.$date);
  if ("$bytes" in value) return Uint8Array.from(Buffer.from(value.$bytes, "hex"));
  if ("$json" in value) return value.$json;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, read(part)]));
};

/** Returns a value of the client's as JSON, tagged by its type. */
const written = (value: any): Tagged | unknown => {
  if (typeof value === "bigint") return { $bigint: value.toString() };
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  if (value !== null && typeof value === "object" && typeof value.toFixed === "function") return { $decimal: value.toFixed() };
  return value;
};

const row = (found: Record<string, unknown> | null) =>
  found && Object.fromEntries(Object.entries(found).map(([name, value]) => [name, written(value)]));

type Request = { model: string; find?: unknown; create?: unknown; update?: { where: unknown; data: unknown } };

const answer = async ({ model, find, create, update }: Request) => {
  const delegate = (prisma as any)[model];
  if (create) return row(await delegate.create({ data: read(create) }));
  if (update) return row(await delegate.update({ where: read(update.where), data: read(update.data) }));
  return row(await delegate.findFirst({ where: read(find) }));
};

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = { answer: await answer(JSON.parse(line)) };
  } catch (failure: any) {
    said = { error: { code: failure.code ?? null, message: String(failure.message), meta: failure.meta ?? null } };
  }
  console.log(JSON.stringify(said));
}
await prisma.$disconnect();
