/**
 * Copies third-party browser scripts and fonts from node_modules/ into static/vendor/, which is not committed.
 * Run by `npm run vendor` after `npm ci`; running it again changes nothing.
 */
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FONTS = ["noto-sans-arabic", "noto-sans-bengali", "noto-sans-sc"];

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const target = join(root, "static", "vendor");

/**
 * @param {string} name of a package
 * @returns {Promise<string>} its version
 */
async function version(name) {
  const text = await readFile(join(modules, name, "package.json"), "utf8").catch((error) => {
    throw error.code === "ENOENT" ? new Error(`${error.path} is missing: run 'npm ci' first.`) : error;
  });
  return `${name} ${JSON.parse(text).version}`;
}

const copied = [];
for (const font of FONTS) {
  const name = `@fontsource-variable/${font}`;
  copied.push(await version(name));
  const folder = join(target, "fonts", font);
  await mkdir(folder, { recursive: true });
  for (const file of ["wght.css", "LICENSE"]) await copyFile(join(modules, name, file), join(folder, file));
  // The package's other files are the same letters with axes that the pages don't use.
  const files = join(modules, name, "files");
  await cp(files, join(folder, "files"), {
    recursive: true,
    filter: (path) => path === files || path.endsWith("-wght-normal.woff2"),
  });
}

// Last, for the Makefile takes its script for the sign that all is there.
copied.push(await version("socket.io-client"));
const source = join(modules, "socket.io-client");
for (const file of ["socket.io.esm.min.js", "socket.io.esm.min.js.map"]) {
  await copyFile(join(source, "dist", file), join(target, file));
}
await copyFile(join(source, "LICENSE"), join(target, "socket.io-client.LICENSE"));
// The type check resolves the copy to the package's own types.
await writeFile(join(target, "socket.io.esm.min.d.ts"), 'export * from "socket.io-client";\n');
console.log(`static/vendor/: ${copied.join(", ")}`);
