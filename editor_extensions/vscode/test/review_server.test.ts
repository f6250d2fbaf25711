import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";

import { openReviewPanel } from "../src/review_panel";
import { ReviewServer } from "../src/review_server";
import { DEADLINE_MS, makeFolder, writeProgram } from "./support/places";
import { reset, type Showing, surroundings } from "./support/vscode";

const TOKEN = "t".repeat(43);
const CODE = Array.from({ length: 8 }, () => "ABCDEFG").join("-");
const PAGE = `<html><head><meta content="connect-src 'self'" /></head>
<script nonce="abc">run()</script></html>`;

beforeEach(reset);

/** A server that gives the page out at its address, and says what it was asked for elsewhere. */
async function makeOrigin(): Promise<string> {
  const server = createServer((asked, answer) => {
    answer.end(asked.url === `/${TOKEN}` ? PAGE : `${asked.method ?? ""} ${asked.url ?? ""}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A program whose review is at an address; it prints more when its input ends. */
function makeProgram(address: string, atEnd = ""): string {
  const folder = makeFolder();
  const redirect = join(folder, "redirect.html");
  writeFileSync(redirect, `<meta http-equiv="refresh" content="0;url=${address}"/>`);
  const row = JSON.stringify({ redirect, base_sha256: "", pid: 1 });
  return writeProgram(
    join(folder, "signoff"),
    `printf '%s' 'no row\n${row.slice(0, 9)}'; printf '%s\\n' '${row.slice(9)}'; cat; ${atEnd}`,
  );
}

test("the page is got from the address in the private file, and only that server is asked", async () => {
  const origin = await makeOrigin();
  const server = await ReviewServer.start(makeProgram(`${origin}/${TOKEN}`), "e");
  expect(server.page).toBe(PAGE);
  const { status, body } = await server.ask({ method: "PUT", path: "/x", headers: {} });
  expect([status, Buffer.from(body).toString()]).toEqual([200, "PUT /x"]);
  const ended = new Promise((resolve) => {
    server.onEnd(resolve);
  });
  server.end();
  expect(await ended).toBe("");
});

test.each(["http://example.org/x", "https://127.0.0.1:1/x", `http://127.0.0.1:1@evil/${TOKEN}`])(
  "no page is asked for at %s",
  async (address) => {
    const started = ReviewServer.start(makeProgram(address), "e");
    await expect(started).rejects.toThrow("did not say where its page is");
  },
);

test("a review that cannot begin says why in the program's words", async () => {
  const path = writeProgram(
    join(makeFolder(), "signoff"),
    "printf 'error: it is damaged\\nhint: seal again\\n' >&2; exit 11",
  );
  await expect(ReviewServer.start(path, "e")).rejects.toThrow("it is damaged seal again");
});

test.each(["Close", "Copy"])(
  "a recovery code that nobody saved is shown when the panel is closed: %s",
  async (answer) => {
    const origin = await makeOrigin();
    const row = `printf '%s\\n' '${JSON.stringify({ recovery_code: CODE })}'`;
    const path = makeProgram(`${origin}/${TOKEN}`, row);
    const ended: string[] = [];
    surroundings.answer = () => answer;
    await openReviewPanel(path, "e", "count", () => ended.push("ended"));
    const [panel] = surroundings.panels as { dispose: () => void }[];
    expect(surroundings.shown).toEqual([]);
    panel?.dispose();
    const wanted = answer === "Copy" ? ["warning", "statusBar"] : ["warning"];
    const hows = (): string[] => surroundings.shown.map((one: Showing) => one.how);
    await vi.waitFor(() => {
      expect(hows()).toEqual(wanted);
    }, DEADLINE_MS);
    const [shown] = surroundings.shown;
    expect(shown).toMatchObject({ isModal: true, choices: ["Copy", "Close"] });
    expect(shown?.detail).toContain(CODE);
    expect(surroundings.clipboard).toBe(answer === "Copy" ? CODE : "");
    expect(surroundings.shown.at(-1)?.text).not.toContain(CODE);
    expect(ended).toEqual(["ended"]);
  },
);
