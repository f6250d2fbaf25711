import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { homedir } from "node:os";

import { asRecord, asText } from "./standing";
import { withoutPrefixes } from "./verbs";

const LONGEST_COMPLAINT = 4096;
const ADDRESS = /url=(http:\/\/127\.0\.0\.1:\d{1,5})(\/[\w-]{20,200})"/;

/** One request of the page, which it cannot make itself. */
export interface PageRequest {
  readonly method: string;
  /** Begins with one slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the review's server answered. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * `signoff review --no-browser` of one episode, as a child of ours: it ends when its input does.
 *
 * It serves the page on the loopback of this machine. The one-time address stands in a private
 * file, so it is in no command line (threat 32); it is asked for here, and nobody else learns it.
 */
export class ReviewServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly origin: string,
    /** The page, as the server gives it out once. */
    readonly page: string,
  ) {}

  /**
   * Start it and get the page.
   *
   * @throws Error in the program's words when the episode cannot be reviewed
   */
  static async start(program: string, episode: string): Promise<ReviewServer> {
    const child = spawn(program, ["review", episode, "--no-browser", "--json"], {
      cwd: homedir(),
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    try {
      const file = await redirectOf(child);
      const [, origin = "", path = ""] = ADDRESS.exec(await readFile(file, "utf8")) ?? [];
      if (origin === "") throw new Error("the review did not say where its page is.");
      const { status, body } = await ask(origin, { method: "GET", path, headers: {} });
      if (status !== 200) throw new Error("the review did not give its page.");
      return new ReviewServer(child, origin, Buffer.from(body).toString("utf8"));
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** Make a request of the page; only to this server, whatever the path says. */
  ask(wanted: PageRequest): Promise<PageAnswer> {
    return ask(this.origin, wanted);
  }

  /** Call back when the review has ended, by the page or by itself. */
  onEnd(ended: () => void): void {
    this.child.once("exit", ended);
  }

  end(): void {
    this.child.stdin?.end();
  }
}

/** Wait for the row that names the file with the address. */
function redirectOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    let complaint = "";
    child.stdout?.on("data", (data: Buffer) => {
      said += data.toString("utf8");
      for (const line of said.split("\n").slice(0, -1)) {
        const redirect = line.startsWith("{") ? asText(asRecord(parsed(line))["redirect"]) : "";
        if (redirect !== "") resolve(redirect);
      }
    });
    child.stderr?.on("data", (data: Buffer) => {
      complaint = (complaint + data.toString("utf8")).slice(-LONGEST_COMPLAINT);
    });
    child.once("error", reject);
    child.once("close", () => {
      reject(new Error(withoutPrefixes(complaint) || "the review ended."));
    });
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function ask(origin: string, wanted: PageRequest): Promise<PageAnswer> {
  const { hostname, port } = new URL(origin);
  const { method, path, headers, body } = wanted;
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({
          status: answer.statusCode ?? 500,
          headers: plain(answer.headers),
          body: new Uint8Array(Buffer.concat(parts)), // a panel is sent no Buffer
        });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

function plain(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((one): one is [string, string] => typeof one[1] === "string"),
  );
}
