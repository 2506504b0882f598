// What Prisma itself makes of schemas: one request of JSON per line of stdin, one answer per line of stdout.
// A request names an operation ("dmmf", "format" or "config") and files as [name, text] pairs.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const prisma = createRequire(import.meta.url)("@prisma/prisma-schema-wasm");

const operations = {
  dmmf: (files) => JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema: files }))).datamodel,
  config: (files) => JSON.parse(prisma.get_config(JSON.stringify({ prismaSchema: files, env: {} }))),
  format: (files) => {
    const options = { textDocument: { uri: `file:/${files[0][0]}` }, options: { tabSize: 2, insertSpaces: true } };
    return JSON.parse(prisma.format(JSON.stringify(files), JSON.stringify(options)));
  },
};

const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, "");

const explained = (failure) => {
  try {
    return plain(JSON.parse(failure.message).message);
  } catch {
    return plain(String(failure.message ?? failure));
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const { operation, files } = JSON.parse(line);
  let answer;
  try {
    answer = { answer: operations[operation](files) };
  } catch (failure) {
    answer = { error: explained(failure) };
  }
  console.log(JSON.stringify(answer));
}
