/** The names of the `signoff/*` messages, each written once (PROTOCOL.md). */

/** Notifications that we send. */
export const Outgoing = {
  hello: "signoff/hello",
  evidence: "signoff/evidence",
  view: "signoff/view",
  select: "signoff/select",
  focus: "signoff/focus",
  diagnostics: "signoff/diagnostics",
  assist: "signoff/assist",
  search: "signoff/search",
  text: "signoff/text",
  command: "signoff/command",
  repository: "signoff/repository",
  shared: "signoff/shared",
  quit: "signoff/quit",
  reviewing: "signoff/reviewing",
} as const;
export type Outgoing = (typeof Outgoing)[keyof typeof Outgoing];

/** Notifications that the bridge sends. */
export const Incoming = {
  anchor: "signoff/anchor",
  state: "signoff/state",
  review: "signoff/review",
} as const;
export type Incoming = (typeof Incoming)[keyof typeof Incoming];

/** Requests that we send. */
export const Requests = {
  status: "signoff/status",
  captured: "signoff/captured",
  terminalEnvironment: "signoff/terminalEnvironment",
} as const;
export type Requests = (typeof Requests)[keyof typeof Requests];
