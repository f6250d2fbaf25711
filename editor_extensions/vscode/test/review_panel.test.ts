import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";

import { readListing, stateOf, titleOf } from "../src/episodes";
import { ASKING, pageForPanel, readRequest } from "../src/review_panel";

const NONCE = "abc-_9";
const PAGE = `<!doctype html><html><head><meta charset="utf-8" />
<meta content="script-src 'nonce-${NONCE}'; connect-src 'self'" /></head>
<body><script type="application/json">{"title": "connect-src 'self'"}</script>
<script nonce="${NONCE}">run()</script></body></html>`;

test("the page that the program has is of this shape", () => {
  const place = new URL("../../../collector/signoff_collector/page/page.html", import.meta.url);
  const page = readFileSync(place, "utf8").replaceAll("@NONCE@", NONCE);
  expect(pageForPanel(`connect-src 'self'${page}`)?.split(ASKING)).toHaveLength(2);
});

test("the page in a panel connects to nothing, and asks us before anything else runs", () => {
  const shown = pageForPanel(PAGE) ?? "";
  const policy = /<meta content="([^"]*)"/.exec(shown)?.[1];
  expect(policy).toBe(`script-src 'nonce-${NONCE}'; connect-src 'none'`);
  const scripts = [...shown.matchAll(/<script nonce="([\w-]+)"[^>]*>/g)];
  expect(scripts.map(([, nonce]) => nonce)).toEqual(scripts.map(() => NONCE));
  expect(shown.slice(scripts[0]?.index).startsWith(`<script nonce="${NONCE}">${ASKING}`)).toBe(
    true,
  );
});

test("a page of another shape is not shown", () => {
  const others = [PAGE.replace("<head>", "<h>"), PAGE.replaceAll("connect-src 'self'", "x")];
  for (const strange of ["", "<html>", "<head></head>", ...others]) {
    expect(pageForPanel(strange)).toBeUndefined();
  }
});

test("the page may ask for paths of its server only, with its own two headers", () => {
  const headers = { Authorization: "Bearer x", Host: "evil", Cookie: "c", "Content-Type": 1 };
  expect(readRequest({ method: "PUT", path: "/plan", headers, body: "\u{1F600}" })).toEqual({
    method: "PUT",
    path: "/plan",
    headers: { Authorization: "Bearer x", "Content-Length": "4" },
    body: "\u{1F600}",
  });
  const strange: unknown[] = [null, {}, { method: "GET" }];
  for (const path of ["//evil/x", "http://evil/", "x", "/a b", "/a\r\nHost: evil", ""]) {
    strange.push({ method: "GET", path });
  }
  for (const method of ["CONNECT", "get", ""]) strange.push({ method, path: "/plan" });
  for (const message of strange) expect(readRequest(message)).toBeUndefined();
});

test("what the page fetches comes back as the server said it", async () => {
  const posted: { id: number; path: string }[] = [];
  let hear: (event: { data: unknown }) => void = () => undefined;
  const window: { fetch?: typeof fetch; addEventListener: unknown } = {
    addEventListener: (_: string, listener: typeof hear) => (hear = listener),
  };
  const history = { replaceState: undefined as unknown };
  const panel = { postMessage: (message: { id: number; path: string }) => posted.push(message) };
  runInNewContext(ASKING, { acquireVsCodeApi: () => panel, window, history, Response, TypeError });
  const asked = [1, 2, 3].map((number) =>
    window.fetch?.(`/${number}`, { method: "GET", headers: {} }),
  );
  expect(posted.map(({ path }) => path)).toEqual(["/1", "/2", "/3"]);
  const body = new TextEncoder().encode("\u{1F600}");
  hear({ data: { id: 99, status: 200 } });
  hear({ data: { id: posted[1]?.id, status: 204, headers: {}, body } });
  hear({ data: { id: posted[0]?.id, status: 409, headers: { "x-a": "b" }, body } });
  hear({ data: { id: posted[2]?.id, error: "gone" } });
  const first = await asked[0];
  expect([first?.status, first?.headers.get("x-a"), await first?.text()]).toEqual([
    409,
    "b",
    "\u{1F600}",
  ]);
  expect((await asked[1])?.status).toBe(204);
  await expect(asked[2]).rejects.toThrow("gone");
  expect(history.replaceState).toBeTypeOf("function");
});

test("a session says what it was about, and how far it has come", () => {
  const session = { kind: "session", id: "1", state: "sealed", started: "2026-11-21T08:00:00Z" };
  const made = { kind: "episode", id: "2", session: "1", written: "" };
  const states = [
    [{ ...session, state: "live" }],
    [session],
    [session, { ...made, signed: true, audiences: ["file:///s"] }],
    [session, { ...made, signed: true, audiences: ["file:///s"], uploaded: ["file:///s"] }],
    [session, { ...made, signed: false, state: "withdrawn", uploaded: ["file:///s"] }],
  ].map((rows) => {
    const { sessions, episodes } = readListing({ rows, code: 0, output: "", complaint: "" });
    return sessions[0] === undefined ? "" : stateOf(sessions[0], episodes);
  });
  expect(states).toEqual(["recording", "not signed", "signed", "sent", "withdrawn"]);
  const rows = [{ ...session, title: "count\u202E it", duration_s: 2520 }];
  const [read] = readListing({ rows, code: 0, output: "", complaint: "" }).sessions;
  expect(read === undefined ? "" : titleOf(read)).toBe("count\u00b7 it");
});
