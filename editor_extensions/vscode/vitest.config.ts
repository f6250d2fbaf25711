import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const inTests = (path: string): string => fileURLToPath(new URL(`test/${path}`, import.meta.url));

export default defineConfig({
  resolve: { alias: { vscode: inTests("support/vscode.ts") } },
  test: {
    include: ["test/**/*.test.ts", "test_protocol/**/*.test.ts"],
    setupFiles: [inTests("support/native_vscode.ts")],
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
