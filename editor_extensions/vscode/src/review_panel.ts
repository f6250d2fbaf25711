import * as vscode from "vscode";

import { confirm, warn } from "./asking";
import { type PageRequest, ReviewServer } from "./review_server";
import { asRecord, asText } from "./standing";

const METHODS: ReadonlySet<string> = new Set(["GET", "PUT", "POST"]);
const HEADERS = ["Authorization", "Content-Type"];
/** Runs first in the page: its one `fetch` is sent to us, and its address stays as it is. */
export const ASKING = `(() => {
  const panel = acquireVsCodeApi();
  const waiting = new Map();
  let number = 0;
  window.addEventListener("message", ({ data }) => {
    const asked = waiting.get(data.id);
    if (asked === undefined) return;
    waiting.delete(data.id);
    if (data.error !== undefined) {
      asked.reject(new TypeError(data.error));
      return;
    }
    const { status, headers } = data;
    const body = [204, 205, 304].includes(status) ? null : data.body;
    asked.resolve(new Response(body, { status, headers }));
  });
  window.fetch = (path, { method, headers, body }) =>
    new Promise((resolve, reject) => {
      number += 1;
      waiting.set(number, { resolve, reject });
      panel.postMessage({ id: number, method, path, headers, body: body ?? undefined });
    });
  history.replaceState = () => undefined;
})();`;
/** What makes sense in a browser only is away, such as Print; what is meant for us is there. */
const STYLE =
  'body { padding: 0 !important; } [data-only="browser"] { display: none !important; } ' +
  '[data-only="editor"] { display: inline !important; }';
const NONCE = /<script[^>]* nonce="([\w-]+)"/;

/**
 * Show the page of a review in an editor of ours, wherever VS Code runs.
 *
 * The page may reach nothing by itself: its one way to ask its server leads through us. So it needs
 * no forwarded port, and no browser gets an address on its command line.
 *
 * @param ended told when the review is over: something may be signed now
 */
export async function openReviewPanel(
  program: string,
  episode: string,
  title: string,
  ended: () => void,
): Promise<void> {
  const server = await ReviewServer.start(program, episode);
  const page = pageForPanel(server.page);
  if (page === undefined) {
    server.end();
    warn("the page of this release cannot be shown here; the terminal can.");
    return;
  }
  const panel = vscode.window.createWebviewPanel(
    "signoff.review",
    `Review: ${title}`,
    vscode.ViewColumn.Active,
    // What the page was given stands in its memory alone: hidden, it keeps it.
    { enableScripts: true, retainContextWhenHidden: true, localResourceRoots: [] },
  );
  panel.webview.onDidReceiveMessage((message: unknown) => {
    const { id } = asRecord(message);
    const wanted = readRequest(message);
    if (typeof id !== "number" || wanted === undefined) return;
    server.ask(wanted).then(
      (answer) => panel.webview.postMessage({ id, ...answer }),
      () => panel.webview.postMessage({ id, error: "the review does not answer" }),
    );
  });
  server.onEnd((unsavedCode) => {
    ended();
    if (unsavedCode !== "") void showCode(unsavedCode);
  });
  panel.onDidDispose(() => {
    server.end();
  });
  panel.webview.html = page;
}

/** Show the recovery code: the panel was closed before anybody said that it is saved. */
async function showCode(code: string): Promise<void> {
  const chosen = await vscode.window.showWarningMessage(
    "Save your recovery code: nobody said that it is saved.",
    {
      modal: true,
      detail: `${code}\n\nWith it you can take back what you share from here, also when this machine is gone. Keep it on paper, or where you keep passwords. Your next sign-off shows it again.`,
    },
    { title: "Copy" },
    { title: "Close", isCloseAffordance: true },
  );
  if (chosen?.title !== "Copy") return;
  await vscode.env.clipboard.writeText(code);
  confirm("the recovery code is copied.");
}

/** Read a request of the page; undefined for what none is. */
export function readRequest(message: unknown): PageRequest | undefined {
  const fields = asRecord(message);
  const [method, path] = [asText(fields["method"]), asText(fields["path"])];
  if (!METHODS.has(method) || !/^\/(?!\/)[\x21-\x7e]*$/.test(path)) return undefined;
  const given = asRecord(fields["headers"]);
  const headers: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = asText(given[name]);
    if (value !== "") headers[name] = value;
  }
  const { body } = fields;
  return typeof body === "string"
    ? {
        method,
        path,
        headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) },
        body,
      }
    : { method, path, headers };
}

/** The page as a panel can show it: it connects to nothing and asks us; undefined if it cannot. */
export function pageForPanel(page: string): string | undefined {
  const nonce = NONCE.exec(page)?.[1];
  if (nonce === undefined || !page.includes("connect-src 'self'")) return undefined;
  const [before, after] = [page.indexOf("<head>"), "<head>".length];
  if (before < 0) return undefined;
  const style = `<style nonce="${nonce}">${STYLE}</style>`;
  const asking = `<script nonce="${nonce}">${ASKING}</script>${style}`;
  return (page.slice(0, before + after) + asking + page.slice(before + after)).replace(
    "connect-src 'self'",
    "connect-src 'none'",
  );
}
