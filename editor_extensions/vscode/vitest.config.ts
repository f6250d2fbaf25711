import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { vscode: fileURLToPath(new URL("test/support/vscode.ts", import.meta.url)) },
  },
  test: {
    include: ["test/**/*.test.ts", "test_protocol/**/*.test.ts"],
    // The language client is CommonJS; inlined, it sees the same stand-in for `vscode`.
    server: { deps: { inline: ["vscode-languageclient"] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
