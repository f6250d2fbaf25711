import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, sep } from "node:path";

const VERSION_LIMIT_MS = 10_000;
const LONGEST_ANSWER_BYTES = 4096;
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
 * Order: the setting (alone, if set), the launcher that installed this extension, `PATH`, `.venv`
 * of a trusted folder, where pipx and uv put programs. In a folder that is not trusted nothing
 * inside it is run, whatever names it (`PATH` and links too).
 *
 * @param wanted version of this extension; an older minor release is refused
 * @throws ProgramError
 */
export async function findProgram(places: SearchPlaces, wanted: string): Promise<Program> {
  const candidates =
    places.setting === "" ? await searchedPaths(places) : [expandHome(places.setting, places.home)];
  let failure: ProgramError | undefined;
  for (const path of candidates) {
    if (!(await mayRun(path, places))) continue;
    try {
      return await askVersion(path, wanted);
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  if (places.setting !== "") {
    throw new ProgramError(
      "unusable",
      `signoff.path names no program that may be run here: ${places.setting}`,
    );
  }
  throw new ProgramError("missing", "The program `signoff` was not found on this machine.");
}

async function searchedPaths(places: SearchPlaces): Promise<string[]> {
  const onPath = (places.environment["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  const inFolders = places.isTrusted
    ? places.folders.map((folder) => join(folder, ".venv", "bin"))
    : [];
  const installed = [
    places.environment["PIPX_BIN_DIR"] ?? "",
    join(places.home, ".local", "bin"),
    join(places.home, ".local", "share", "uv", "tools", "signoff", "bin"),
  ].filter(isAbsolute);
  const folders = [...onPath, ...inFolders, ...installed];
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...new Set([...(await launcher(places.launcherFile)), ...found])];
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

/** Whether this is an executable file that does not lie in an untrusted folder. */
async function mayRun(path: string, places: SearchPlaces): Promise<boolean> {
  if (!isAbsolute(path)) return false;
  try {
    await access(path, constants.X_OK);
    if (!(await stat(path)).isFile()) return false;
    if (places.isTrusted) return true;
    const real = await realpath(path);
    const folders = await Promise.all(
      places.folders.map((folder) => realpath(folder).catch(() => folder)),
    );
    return ![...places.folders, ...folders].some(
      (folder) => isInside(path, folder) || isInside(real, folder),
    );
  } catch {
    return false;
  }
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
