import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { findProgram, isOlder, ProgramError, type SearchPlaces } from "../src/program";
import { makeFolder, writeProgram } from "./support/places";

const ANSWERS = 'echo "signoff 0.1.0"';

function places(change: Partial<SearchPlaces> = {}): SearchPlaces {
  const home = makeFolder();
  return {
    setting: "",
    launcherFile: join(home, "launcher.json"),
    environment: { PATH: "" },
    home,
    folders: [],
    isTrusted: true,
    ...change,
  };
}

async function reasonOf(search: SearchPlaces): Promise<string> {
  const error: unknown = await findProgram(search, "0.1.0").catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ProgramError);
  return (error as ProgramError).reason;
}

test("a machine without the program is told so", async () => {
  expect(await reasonOf(places())).toBe("missing");
});

test("each place is looked at in its order", async () => {
  const folder = makeFolder();
  const search = places({ folders: [folder] });
  const found = async (): Promise<string> => (await findProgram(search, "0.1.0")).path;

  const ofFolder = writeProgram(join(folder, ".venv", "bin", "signoff"), ANSWERS);
  expect(await found()).toBe(ofFolder);
  const ofPipx = writeProgram(join(search.home, ".local", "bin", "signoff"), ANSWERS);
  expect(await found()).toBe(ofPipx);
  const onPath = writeProgram(join(search.home, "bin", "signoff"), ANSWERS);
  Object.assign(search.environment, { PATH: `relative:${join(search.home, "bin")}` });
  expect(await found()).toBe(onPath);
  const launcher = writeProgram(join(search.home, "tool", "signoff"), ANSWERS);
  writeFileSync(search.launcherFile, JSON.stringify({ launcher }));
  expect(await found()).toBe(launcher);
  const set = writeProgram(join(search.home, "mine", "signoff"), ANSWERS);
  expect((await findProgram({ ...search, setting: "~/mine/signoff" }, "0.1.0")).path).toBe(set);
});

test("a launcher without its Python counts as missing, and another program is found", async () => {
  const search = places();
  const launcher = writeProgram(join(search.home, "tool", "signoff"), "exit 127");
  writeFileSync(search.launcherFile, JSON.stringify({ launcher }));
  expect(await reasonOf(search)).toBe("missing");
  const installed = writeProgram(join(search.home, ".local", "bin", "signoff"), ANSWERS);
  expect((await findProgram(search, "0.1.0")).path).toBe(installed);
});

test("a setting that names no program is not replaced by another one", async () => {
  const search = places({ setting: "/nowhere/signoff" });
  writeProgram(join(search.home, ".local", "bin", "signoff"), ANSWERS);
  expect(await reasonOf(search)).toBe("unusable");
});

test("a launcher file that is damaged is passed over", async () => {
  const search = places();
  const installed = writeProgram(join(search.home, ".local", "bin", "signoff"), ANSWERS);
  for (const text of ["{", "[]", '{"launcher": 1}', '{"launcher": "relative/signoff"}']) {
    writeFileSync(search.launcherFile, text);
    expect((await findProgram(search, "0.1.0")).path).toBe(installed);
  }
});

test("an untrusted folder's program is never run, however it is named", async () => {
  const folder = makeFolder();
  const mark = join(folder, "was-run");
  const planted = writeProgram(
    join(folder, ".venv", "bin", "signoff"),
    `: > '${mark}'; ${ANSWERS}`,
  );
  const search = places({ folders: [folder], isTrusted: false });
  mkdirSync(join(search.home, "bin"));
  symlinkSync(planted, join(search.home, "bin", "signoff"));
  const PATH = `${join(folder, ".venv", "bin")}:${join(search.home, "bin")}`;
  const beside = { ...search, environment: { PATH } };

  expect(await reasonOf(beside)).toBe("missing");
  expect(await reasonOf({ ...beside, setting: planted })).toBe("unusable");
  writeFileSync(search.launcherFile, JSON.stringify({ launcher: planted }));
  expect(await reasonOf(beside)).toBe("missing");
  expect(existsSync(mark)).toBe(false);
  expect((await findProgram({ ...beside, isTrusted: true }, "0.1.0")).path).toBe(planted);
});

test("a repository cannot put a program before one that the person installed", async () => {
  const folder = makeFolder();
  const mark = join(folder, "was-run");
  const script = `: > '${mark}'; ${ANSWERS}`;
  const bin = join(folder, "node_modules", ".bin");
  writeProgram(join(bin, "signoff"), script);
  writeProgram(join(folder, ".venv", "bin", "signoff"), script);
  const search = places({ folders: [folder] });
  symlinkSync(bin, join(search.home, "link"));
  const beside = { ...search, environment: { PATH: `${bin}:${join(search.home, "link")}` } };
  const installed = writeProgram(join(search.home, ".local", "bin", "signoff"), ANSWERS);
  expect((await findProgram(beside, "0.1.0")).path).toBe(installed);
  expect(existsSync(mark)).toBe(false);
});

test("the program that installed the extension is first, also in its own trusted folder", async () => {
  const folder = makeFolder();
  const launcher = writeProgram(join(folder, ".venv", "bin", "signoff"), ANSWERS);
  const search = places({ folders: [folder] });
  writeProgram(join(search.home, ".local", "bin", "signoff"), ANSWERS);
  writeFileSync(search.launcherFile, JSON.stringify({ launcher }));
  expect((await findProgram(search, "0.1.0")).path).toBe(launcher);
});

test("a folder named by a link is still that folder", async () => {
  const folder = makeFolder();
  writeProgram(join(folder, "bin", "signoff"), ANSWERS);
  const search = places({ isTrusted: false });
  const link = join(search.home, "link");
  symlinkSync(folder, link);
  const named = { ...search, folders: [link], environment: { PATH: join(folder, "bin") } };
  expect(await reasonOf(named)).toBe("missing");
});

test("a program that is something else, or too old, is not started", async () => {
  const search = places();
  const path = join(search.home, ".local", "bin", "signoff");
  writeProgram(path, 'echo "signoff (another tool) 3"');
  expect(await reasonOf(search)).toBe("unusable");
  writeProgram(path, `${ANSWERS}; exit 1`);
  expect(await reasonOf(search)).toBe("unusable");
  writeProgram(path, 'echo "signoff 0.0.9"');
  expect(await reasonOf(search)).toBe("old");
});

test("only the release counts, not the repair", () => {
  expect(isOlder("0.1.0", "0.1.7")).toBe(false);
  expect(isOlder("0.2.0", "0.10.0")).toBe(true);
  expect(isOlder("1.0.0", "0.9.0")).toBe(false);
});
