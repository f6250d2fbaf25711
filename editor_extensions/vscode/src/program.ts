import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, sep } from "node:path";

const VERSION_LIMIT_MS = 10_000;
const LONGEST_ANSWER_BYTES = 4096;
/** The launcher's exit code when its Python, or a part of Signoff, is gone. */
const WITHOUT_PYTHON = 127;
const NAMES = process.platform === "win32" ? ["signoff.exe"] : ["signoff"];

/** Where to look for the program; a value, so that the search can be tried without an editor. */
export interface SearchPlaces {
  /** Setting `signoff.path` of the person or the machine; empty when not set. */
  readonly setting: string;
  /** `launcher.json`, written by `signoff setup vscode` beside the extension. */
  readonly launcherFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Folders of this window, by their absolute paths. */
  readonly folders: readonly string[];
  /** Whether a program found inside these folders may be run. */
  readonly isTrusted: boolean;
}

/** A program that called itself Signoff. */
export interface Program {
  /** Absolute path. */
  readonly path: string;
  readonly version: string;
}

/** Why there is no program to start: `missing` is offered help, the rest is said. */
export class ProgramError extends Error {
  constructor(
    readonly reason: "missing" | "unusable" | "old",
    message: string,
  ) {
    super(message);
    this.name = "ProgramError";
  }
}

/**
 * Find the program and ask its version.
 *
 * Order: the setting (alone, if set), the launcher that installed this extension, `PATH`, where
 * pipx and uv put programs; and last what lies inside a folder of this window, on `PATH` or in its
 * `.venv`: a repository cannot put itself before a program that the person installed. In a folder
 * that is not trusted nothing inside it is run, whatever names it (`PATH` and links too).
 *
 * @param wanted version of this extension; an older minor release is refused
 * @throws ProgramError
 */
export async function findProgram(places: SearchPlaces, wanted: string): Promise<Program> {
  const isSet = places.setting !== "";
  const named = isSet
    ? [expandHome(places.setting, places.home)]
    : await launcher(places.launcherFile);
  const found = isSet ? [] : searchedPaths(places);
  let failure: ProgramError | undefined;
  for (const path of await inOrder(named, found, places)) {
    try {
      return await askVersion(path, wanted);
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  if (isSet) {
    throw new ProgramError(
      "unusable",
      `signoff.path names no program that may be run here: ${places.setting}`,
    );
  }
  throw new ProgramError("missing", "The program `signoff` was not found on this machine.");
}

function searchedPaths(places: SearchPlaces): string[] {
  const onPath = (places.environment["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  const inFolders = places.folders.map((folder) => join(folder, ".venv", "bin"));
  const installed = [
    places.environment["PIPX_BIN_DIR"] ?? "",
    join(places.home, ".local", "bin"),
    join(places.home, ".local", "share", "uv", "tools", "signoff", "bin"),
  ].filter(isAbsolute);
  const folders = [...onPath, ...installed, ...inFolders];
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
}

/** The programs among these: what the person named, what was found, what lies in a folder here. */
async function inOrder(
  named: readonly string[],
  found: readonly string[],
  places: SearchPlaces,
): Promise<readonly string[]> {
  const outside: string[] = [];
  const inside: string[] = [];
  for (const path of new Set([...named, ...found])) {
    if (!(await isProgram(path))) continue;
    const isFirst = places.isTrusted && named.includes(path);
    (isFirst || !(await isOfFolder(path, places)) ? outside : inside).push(path);
  }
  return places.isTrusted ? [...outside, ...inside] : outside;
}

async function launcher(file: string): Promise<string[]> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, "utf8"));
    const path =
      typeof parsed === "object" && parsed !== null && "launcher" in parsed ? parsed.launcher : "";
    return typeof path === "string" && isAbsolute(path) ? [path] : [];
  } catch {
    return []; // an extension from elsewhere has no such file
  }
}

function expandHome(path: string, home: string): string {
  return path.startsWith(`~${sep}`) ? join(home, path.slice(2)) : path;
}

async function isProgram(path: string): Promise<boolean> {
  if (!isAbsolute(path)) return false;
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Whether this lies in a folder of the window, by its own name or by what a link leads to. */
async function isOfFolder(path: string, places: SearchPlaces): Promise<boolean> {
  const named = [...places.folders, path];
  const real = await Promise.all(named.map((one) => realpath(one).catch(() => one)));
  const paths = [path, real.at(-1) ?? path];
  const folders = [...places.folders, ...real.slice(0, -1)];
  return folders.some((folder) => paths.some((one) => isInside(one, folder)));
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function askVersion(path: string, wanted: string): Promise<Program> {
  const options = {
    timeout: VERSION_LIMIT_MS,
    maxBuffer: LONGEST_ANSWER_BYTES,
    cwd: homedir(),
    windowsHide: true,
  };
  return new Promise((resolve, reject) => {
    execFile(path, ["--version"], options, (error, stdout) => {
      if (error?.code === WITHOUT_PYTHON) {
        reject(new ProgramError("missing", `${path} cannot run; install Signoff again.`));
        return;
      }
      const version = /^signoff (\d+\.\d+\.\d+\S*)\s*$/.exec(stdout)?.[1];
      if (error !== null || version === undefined) {
        reject(new ProgramError("unusable", `${path} does not answer as Signoff does.`));
      } else if (isOlder(version, wanted)) {
        const fact = `${path} is Signoff ${version}; this extension needs ${wanted} or newer.`;
        reject(new ProgramError("old", fact));
      } else {
        resolve({ path, version });
      }
    });
  });
}

/** Whether a version comes before another; the last number, of repairs, does not count. */
export function isOlder(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = wanted
    .split(".")
    .map((part) => Number.parseInt(part, 10));
  return major !== wantedMajor ? major < wantedMajor : minor < wantedMinor;
}
