// `npm run lock` writes package-lock.json: exact versions and hashes, no address of a registry.
// (npm's own `omit-lockfile-registry-resolved` loses the versions of other systems' packages.)
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("package-lock.json", import.meta.url);
execFileSync("npm", ["install", "--package-lock-only"], { stdio: "inherit" });
const lock = JSON.parse(readFileSync(file, "utf8"));
for (const entry of Object.values(lock.packages)) delete entry.resolved;
writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`);
