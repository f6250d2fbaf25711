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
    private readonly said: Said,
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
    const said = new Said(child);
    try {
      const file = await said.redirect;
      const [, origin = "", path = ""] = ADDRESS.exec(await readFile(file, "utf8")) ?? [];
      if (origin === "") throw new Error("the review did not say where its page is.");
      const { status, body } = await ask(origin, { method: "GET", path, headers: {} });
      if (status !== 200) throw new Error("the review did not give its page.");
      return new ReviewServer(child, said, origin, Buffer.from(body).toString("utf8"));
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** Make a request of the page; only to this server, whatever the path says. */
  ask(wanted: PageRequest): Promise<PageAnswer> {
    return ask(this.origin, wanted);
  }

  /**
   * Call back when the review has ended, by the page or by itself.
   *
   * @param ended told the recovery code if it was shown and nobody said that it is saved; else ""
   */
  onEnd(ended: (unsavedCode: string) => void): void {
    void this.said.end.then(() => {
      ended(this.said.unsavedCode);
    });
  }

  end(): void {
    this.child.stdin?.end();
  }
}

/** What the program says: rows, and why it failed. */
class Said {
  /** The file that holds the address. */
  readonly redirect: Promise<string>;
  readonly end: Promise<void>;
  unsavedCode = "";
  private begun = "";
  private complaint = "";

  constructor(child: ChildProcess) {
    child.stdin?.on("error", () => undefined); // it has ended before we ended it
    child.stderr?.on("data", (data: Buffer) => {
      this.complaint = (this.complaint + data.toString("utf8")).slice(-LONGEST_COMPLAINT);
    });
    this.end = new Promise((resolve) => {
      child.once("error", () => {
        resolve();
      });
      child.once("close", () => {
        resolve();
      });
    });
    this.redirect = new Promise((resolve, reject) => {
      child.stdout?.on("data", (data: Buffer) => {
        for (const row of this.rowsIn(data)) {
          this.unsavedCode = asText(row["recovery_code"]) || this.unsavedCode;
          if (asText(row["redirect"]) !== "") resolve(asText(row["redirect"]));
        }
      });
      child.once("error", reject);
      child.once("close", () => {
        reject(new Error(withoutPrefixes(this.complaint) || "the review ended."));
      });
    });
  }

  private rowsIn(data: Buffer): Readonly<Record<string, unknown>>[] {
    const lines = (this.begun + data.toString("utf8")).split("\n"); // rows are ASCII
    this.begun = lines.pop() ?? "";
    return lines.map((line) => asRecord(parsed(line)));
  }
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
