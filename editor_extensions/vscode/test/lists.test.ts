import { beforeEach, expect, test, vi } from "vitest";

import type { Bridge } from "../src/bridge";
import { OldStates } from "../src/history/old_states";
import { CapturedView } from "../src/lists/captured_view";
import type { ListView } from "../src/lists/list_view";
import { ReviewsView } from "../src/lists/reviews_view";
import { TodayView } from "../src/lists/today_view";
import { makeNews } from "./support/news";
import { DEADLINE_MS } from "./support/places";
import { makeDouble, type SignoffDouble } from "./support/signoff_double";
import { emitter, reset, surroundings } from "./support/vscode";

const SEALED = {
  kind: "session",
  id: "20261121T080000Z-00000001",
  state: "sealed",
  root: "/p \u{1F388}",
  started: "2026-11-21T08:00:00Z",
  title: "count \u{1F600}",
  episode: "aabbccddeeff0011",
};
const LIVE = { ...SEALED, id: "20261122T080000Z-00000002", state: "live", episode: undefined };
const SIGNED = {
  kind: "episode",
  id: "00112233445566ff",
  session: SEALED.id,
  signed: true,
  audiences: ["file:///srv/episodes"],
};
const ENTRY = { id: "1", session: LIVE.id, root: "/p", kind: "edit", label: "a.py", count: 2 };

type AnyList = ListView<object>;

let told: string[];

beforeEach(() => {
  reset();
  told = [];
});

function reviewsOf(double: SignoffDouble, news = makeNews()): ReviewsView {
  const show = (_: string, episode: string): Promise<void> => {
    told.push(`shown ${episode}`);
    return Promise.resolve();
  };
  const reviewing = (root: string): void => {
    told.push(`reviewing ${root}`, ...double.calls());
  };
  return new ReviewsView(program(double), show, reviewing, news);
}

const program = (double: SignoffDouble) => () =>
  Promise.resolve({ path: double.path, version: "0.1.0" });

/** A bridge that lists what is asked for, and notes what it is told to forget. */
function bridgeOf(captured: () => unknown): { bridge: Bridge; forgotten: unknown[] } {
  const forgotten: unknown[] = [];
  const bridge = {
    ...makeNews(),
    request: () => Promise.resolve().then(captured),
    execute: (name: string, words: unknown[]) => {
      forgotten.push([name, ...words]);
      return Promise.resolve({});
    },
  };
  return { bridge: bridge as unknown as Bridge, forgotten };
}

const view = (name: string) =>
  surroundings.treeViews.get(`signoff.${name}`) as {
    message: string;
    setVisible: (visible: boolean) => void;
  };

const until = (condition: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(condition, { timeout: DEADLINE_MS, interval: 20 });

const isUnread = (name: string) =>
  surroundings.executed.findLast(([, key]) => key === `signoff.${name}.isUnread`)?.[2];

async function failsAndMends(name: string, list: AnyList, mend: () => void): Promise<void> {
  expect(await list.getChildren()).toEqual([]);
  expect(view(name).message).toBe("This list cannot be read: the disk is gone");
  expect(isUnread(name)).toBe(true);
  mend();
  list.refresh();
  await until(() => {
    expect(view(name).message).toBe("");
  });
  expect(isUnread(name)).toBe(false);
  list.dispose();
}

test("a list that cannot be read says why, and never that it is empty", async () => {
  const double = makeDouble();
  const mend = (): void => {
    double.breakWith("");
  };
  double.breakWith("the disk is gone");
  await failsAndMends("reviews", reviewsOf(double), mend);
  double.breakWith("the disk is gone");
  const states = new OldStates();
  await failsAndMends("today", new TodayView(program(double), states, makeNews()), mend);
  states.dispose();
  let isBroken = true;
  const { bridge } = bridgeOf(() => {
    if (isBroken) throw new Error("the disk is gone");
    return { items: [] };
  });
  await failsAndMends("captured", new CapturedView(bridge), () => {
    isBroken = false;
  });
});

test("a list follows what the window hears while it is visible, and what changed meanwhile", async () => {
  const [news, states] = [makeNews(), new OldStates()];
  const [one, other] = [makeDouble(), makeDouble()];
  const lists: [string, AnyList, SignoffDouble][] = [
    ["reviews", reviewsOf(one, news), one],
    ["today", new TodayView(program(other), states, news), other],
  ];
  for (const [name, list, double] of lists) {
    const wasRead = (count: number): Promise<void> =>
      until(() => {
        expect(double.calls()).toHaveLength(count);
      });
    const settled = (): Promise<unknown> => list.getChildren();
    await settled();
    const root = { root: "/p", state: "recording" };
    news.say({ workspaces: [root] });
    await settled();
    await wasRead(1); // nobody sees it
    view(name).setVisible(true);
    await wasRead(2);
    news.say({ workspaces: [{ ...root, session: "1" }] });
    await wasRead(3);
    news.say({ workspaces: [{ ...root, session: "1" }], steps: { edit: 3, view: 2 } });
    emitter("onDidChangeWindowState").fire({ focused: false });
    emitter("onDidChangeWindowState").fire({ focused: true });
    await wasRead(4); // typing makes no line; coming back shows what others did
    news.say({ workspaces: [root], steps: { edit: 3, save: 1 } });
    await wasRead(5);
    list.dispose();
  }
  states.dispose();
});

test("reviews are read again when another program sealed, signed or sent something", async () => {
  const [news, double] = [makeNews(), makeDouble([LIVE])];
  const reviews = reviewsOf(double, news);
  await reviews.getChildren();
  view("reviews").setVisible(true);
  await until(() => {
    expect(double.calls()).toHaveLength(2);
  });
  double.list([SEALED]);
  news.say({ listed: "1" });
  await until(async () => {
    const [node] = await reviews.getChildren();
    expect(node).toMatchObject({ session: { id: SEALED.id } });
  });
  reviews.dispose();
});

test("what happened today is read again when something is told that makes a line", async () => {
  const [news, states, double] = [makeNews(), new OldStates(), makeDouble()];
  const today = new TodayView(program(double), states, news);
  await today.getChildren();
  view("today").setVisible(true);
  for (const steps of [{ save: 1 }, { save: 1, tests: 1 }]) {
    const before = double.calls().length;
    news.say({ steps });
    news.say({ steps: { ...steps, edit: 9 } });
    await until(() => {
      expect(double.calls().length).toBeGreaterThan(before);
    });
  }
  today.dispose();
  states.dispose();
});

test("a list is read by one call at a time, and VS Code asked to look only for what is new", async () => {
  const double = makeDouble([SEALED]);
  const reviews = reviewsOf(double);
  const counts: number[] = [];
  reviews.onDidChangeTreeData(() => {
    void reviews.getChildren().then((nodes) => counts.push(nodes.length));
  });
  const both = [reviews.getChildren(), reviews.getChildren()];
  for (let time = 0; time < 3; time += 1) reviews.refresh();
  const [first, second] = await Promise.all(both);
  expect(first).toEqual(second);
  await until(() => {
    expect(double.calls()).toHaveLength(2); // once for both, once for what came meanwhile
  });
  const [again] = await reviews.getChildren();
  expect(again).toBe(first?.[0]); // the same node: a click on it still counts
  expect(counts).toEqual([]);
  double.list([SEALED, LIVE]);
  await until(() => {
    reviews.refresh();
    expect(counts).toEqual([2]);
  });
  reviews.dispose();
});

test("a session that goes on is ended only after a modal whose first answer goes on", async () => {
  const double = makeDouble([LIVE]);
  const reviews = reviewsOf(double);
  const [node] = await reviews.getChildren();
  if (node === undefined) throw new Error("no session is listed");
  expect(reviews.getTreeItem(node).tooltip).toMatch(/\(this ends the session\)$/);
  for (const answer of ["", "Go on recording"]) {
    surroundings.answer = () => answer;
    await reviews.open(LIVE.id);
  }
  expect(surroundings.shown).toMatchObject([
    { isModal: true, choices: ["Go on recording", "End and review"] },
    { isModal: true },
  ]);
  expect([told, double.calls()]).toEqual([[], ["list --json"]]);
  surroundings.answer = ({ isModal }) => (isModal ? "End and review" : "Cancel");
  await reviews.open(LIVE.id);
  expect(surroundings.shown.map((one) => one.text)).toContain("Signoff: sealing the session");
  // Whose review it is was told before anything was sealed.
  expect(told).toEqual([`reviewing ${LIVE.root}`, "list --json"]);
  reviews.dispose();
});

test("a session that has ended is shown without a question; what is not listed is not", async () => {
  const double = makeDouble([SEALED]);
  const reviews = reviewsOf(double);
  await reviews.getChildren();
  for (const id of [LIVE.id, undefined, {}, "--help"]) await reviews.open(id);
  expect(told).toEqual([]);
  await reviews.open(SEALED.id);
  expect(told).toEqual([`reviewing ${SEALED.root}`, "list --json", `shown ${SEALED.episode}`]);
  expect(surroundings.shown).toEqual([]);
  reviews.dispose();
});

test("only a signed episode of the list is sent or taken back", async () => {
  const double = makeDouble([SEALED, SIGNED]);
  const reviews = reviewsOf(double);
  const [session] = await reviews.getChildren();
  const [signed] = await reviews.getChildren(session);
  surroundings.answer = ({ isModal, choices }) => (isModal ? choices.at(-1) : undefined);
  for (const foreign of [{ ...signed }, { episode: SIGNED }, session, undefined, SIGNED.id]) {
    await reviews.send(foreign);
    await reviews.takeBack(foreign);
  }
  expect([surroundings.shown, double.calls()]).toEqual([[], ["list --json"]]);
  await reviews.send(signed);
  // The list is read again behind it.
  expect(double.calls()).toContain(`upload ${SIGNED.id} --to ${SIGNED.audiences[0] ?? ""} --json`);
  reviews.dispose();
});

test("an entry is deleted after a question, also when the list was read again meanwhile", async () => {
  let count = 2;
  const { bridge, forgotten } = bridgeOf(() => ({ items: [{ ...ENTRY, count }] }));
  const captured = new CapturedView(bridge);
  const [entry] = await captured.getChildren();
  count = 3;
  captured.refresh();
  await until(async () => {
    expect((await captured.getChildren())[0]).not.toEqual(entry);
  });
  surroundings.answer = () => "Delete";
  for (const foreign of [{ ...entry }, { entry: ENTRY }, undefined]) await captured.delete(foreign);
  expect([surroundings.shown, forgotten]).toEqual([[], []]);
  surroundings.answer = () => "Keep it";
  await captured.delete(entry);
  expect(forgotten).toEqual([]);
  surroundings.answer = () => "Delete";
  await captured.delete(entry);
  expect(forgotten).toEqual([["forget", { session: LIVE.id, from: "", to: "" }]]);
  captured.dispose();
});
