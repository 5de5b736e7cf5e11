// What a first visit must download as JavaScript: the entry and everything it imports statically, gzip-compressed.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 250;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const gzip = (file) => gzipSync(readFileSync(new URL(file, dist))).length / 1024;

function initialFiles(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const child of manifest[key].imports ?? []) initialFiles(child, seen);
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
if (!entry) throw new Error("dist/.vite/manifest.json names no entry: run `npm run build` first");
const initial = [...initialFiles(entry)].map((key) => manifest[key].file);
const total = initial.reduce((sum, file) => sum + gzip(file), 0);
const lazy = Object.values(manifest)
  .map((chunk) => chunk.file)
  .filter((file) => file.endsWith(".js") && !initial.includes(file));

for (const file of initial) console.log(`${gzip(file).toFixed(1).padStart(7)} KB  ${file}`);
console.log(`${total.toFixed(1).padStart(7)} KB  initial JavaScript, gzip (limit ${LIMIT_KB} KB)`);
for (const file of new Set(lazy)) console.log(`${gzip(file).toFixed(1).padStart(7)} KB  ${file} (on demand)`);
if (total > LIMIT_KB) {
  console.error(`Initial JavaScript is ${(total - LIMIT_KB).toFixed(1)} KB above the limit.`);
  process.exit(1);
}
