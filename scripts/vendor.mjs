/**
 * Copies third-party browser scripts from node_modules/ into static/vendor/, which is not committed.
 * Run by `npm run vendor` after `npm ci`; running it again changes nothing.
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "node_modules", "socket.io-client");
const target = join(root, "static", "vendor");

await mkdir(target, { recursive: true });
for (const file of ["socket.io.esm.min.js", "socket.io.esm.min.js.map"]) {
  await copyFile(join(source, "dist", file), join(target, file)).catch((error) => {
    throw error.code === "ENOENT" ? new Error(`${error.path} is missing: run 'npm ci' first.`) : error;
  });
}
await copyFile(join(source, "LICENSE"), join(target, "socket.io-client.LICENSE"));
// The type check resolves the copy to the package's own types.
await writeFile(join(target, "socket.io.esm.min.d.ts"), 'export * from "socket.io-client";\n');
const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
console.log(`static/vendor/: socket.io-client ${version}`);
