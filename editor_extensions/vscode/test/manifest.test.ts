import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

interface Manifest {
  readonly version: string;
  readonly enabledApiProposals?: unknown;
  readonly extensionKind: readonly string[];
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly supported: string } };
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly keybindings?: unknown;
    readonly commands: readonly { readonly command: string; readonly category: string }[];
    readonly configuration: {
      readonly properties: Readonly<Record<string, { scope: string; default: unknown }>>;
    };
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly media: { readonly markdown?: string; readonly svg?: string };
      }[];
    }[];
  };
}

const here = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, here), "utf8");
const manifest = JSON.parse(read("package.json")) as Manifest;
const properties = manifest.contributes.configuration.properties;
const sources = readdirSync(fileURLToPath(new URL("src", here)), {
  recursive: true,
  encoding: "utf8",
})
  .filter((name) => name.endsWith(".ts"))
  .map((name) => read(`src/${name}`))
  .join("\n");

test("no setting can be given by a workspace", () => {
  const scopes = Object.values(properties).map((property) => property.scope);
  expect(scopes.length).toBeGreaterThan(0);
  for (const scope of scopes) expect(["machine", "application"]).toContain(scope);
});

test("no setting switches recording on", () => {
  expect(Object.keys(properties).filter((name) => /enable|record|consent/i.test(name))).toEqual([]);
});

test("every setting that is read is declared, so that its scope holds", () => {
  const read = [
    ...sources.matchAll(/getConfiguration\("signoff"\)\s*\.(?:get|update)[^(]*\(\s*"(\w+)"/g),
  ];
  expect(read.length).toBeGreaterThan(0);
  for (const [, name] of read) expect(properties).toHaveProperty([`signoff.${String(name)}`]);
});

test("the extension has the version of the program", () => {
  const python = read("../../collector/signoff_collector/__init__.py");
  expect(/__version__[^"]*"([^"]+)"/.exec(python)?.[1]).toBe(manifest.version);
});

test("only what is stable is used, and no key is taken", () => {
  expect(manifest.enabledApiProposals).toBeUndefined();
  expect(manifest.contributes.keybindings).toBeUndefined();
  expect(manifest.extensionKind).toEqual(["workspace"]);
  expect(manifest.activationEvents).toEqual(["onStartupFinished"]);
  expect(manifest.capabilities.untrustedWorkspaces.supported).toBe("limited");
  expect(manifest.engines.vscode).toBe(`^${String(manifest.devDependencies["@types/vscode"])}`);
});

test("nothing polls", () => {
  expect(sources).not.toMatch(/setInterval/);
});

test("the walkthrough begins with lost code, and every page and picture of it is there", () => {
  const pages = manifest.contributes.walkthroughs.flatMap((one) => one.steps);
  expect(pages.length).toBeGreaterThan(4);
  expect(pages[0]?.media.svg).toBe("walkthrough/lost.svg");
  for (const { media } of pages) {
    const text = read(media.markdown ?? media.svg ?? "");
    expect(text.length).toBeGreaterThan(100);
    expect(text.length).toBeLessThan(5_000);
  }
});

test("what packs the extension finds no address of a package in the lock file", () => {
  expect(read("package-lock.json")).not.toMatch(/"resolved"/);
});
