import { spawn } from "node:child_process";
import { homedir } from "node:os";

import { asRecord } from "./standing";

const LARGEST_ANSWER_BYTES = 16 << 20;
export const INTERRUPTED = 130;

/** What a verb of the program said, run with `--json`. */
export interface VerbResult {
  /** Exit code as docs/cli.md lists them; 130 when it was interrupted. */
  readonly code: number;
  /** The objects on its standard output, one per line. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** All of its standard output. */
  readonly output: string;
  /** `error:` and `hint:` lines without their prefixes, or all it wrote to standard error. */
  readonly complaint: string;
}

/**
 * Run one verb of the program to its end. It is given no input and no terminal, so it cannot ask.
 *
 * @param signal interrupts it as Ctrl-C does; what it had begun to send stays in its outbox
 * @param folder the one it is run in
 * @throws Error when the program cannot be started
 */
export function runVerb(
  program: string,
  words: readonly string[],
  signal?: AbortSignal,
  folder = homedir(),
): Promise<VerbResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    const output = new Collected();
    const complaint = new Collected();
    const interrupt = (): void => {
      child.kill("SIGINT");
    };
    if (signal?.aborted === true) interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    child.stdout.on("data", (data: Buffer) => {
      output.add(data);
    });
    child.stderr.on("data", (data: Buffer) => {
      complaint.add(data);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      signal?.removeEventListener("abort", interrupt);
      resolve({
        code: code ?? INTERRUPTED,
        rows: rowsOf(output.text()),
        output: output.text(),
        complaint: withoutPrefixes(complaint.text()),
      });
    });
  });
}

class Collected {
  private readonly parts: Buffer[] = [];
  private sizeBytes = 0;

  add(data: Buffer): void {
    this.sizeBytes += data.length;
    if (this.sizeBytes <= LARGEST_ANSWER_BYTES) this.parts.push(data);
  }

  text(): string {
    return Buffer.concat(this.parts).toString("utf8");
  }
}

function rowsOf(output: string): Readonly<Record<string, unknown>>[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => {
      try {
        return [asRecord(JSON.parse(line))];
      } catch {
        return [];
      }
    });
}

/** The `error:` and `hint:` lines of a verb as one sentence behind the other. */
export function withoutPrefixes(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((line) => line.replace(/^(error|hint): /, ""))
    .join(" ");
}
