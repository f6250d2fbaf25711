import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { observeAnchors } from "../../src/observation/anchors";
import { observeExplorer } from "../../src/observation/explorer";
import { LiveShareWatch } from "../../src/observation/live_share";
import { PasteWitness } from "../../src/observation/paste_witness";
import { Repositories } from "../../src/observation/repositories";
import { TerminalEnvironment } from "../../src/observation/terminal_environment";
import { emitter, EventEmitter, type Range, reset, surroundings, Uri } from "../support/vscode";
import { at, EMOJI, FakeDocument, range, Told } from "./support";

let told: Told;
const observers: { dispose(): void }[] = [];

beforeEach(() => {
  reset();
  told = new Told();
});
afterEach(() => {
  for (const one of observers.splice(0)) one.dispose();
  vi.useRealTimers();
});

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("the git extension", () => {
  function install() {
    const state = new EventEmitter<undefined>();
    const opened = new EventEmitter<object>();
    const closed = new EventEmitter<object>();
    const repository = { rootUri: Uri.file("/p"), state: { onDidChange: state.event } };
    const api = {
      repositories: [repository],
      onDidOpenRepository: opened.event,
      onDidCloseRepository: closed.event,
    };
    surroundings.extensions.set("vscode.git", {
      activate: () => Promise.resolve({ getAPI: () => api }),
    });
    return { state, opened, closed, repository };
  }

  test("is heard at most twice a second per repository", async () => {
    const { state } = install();
    observers.push(new Repositories(told));
    await settled();
    vi.useFakeTimers();
    for (let turn = 0; turn < 100; turn += 1) {
      state.fire(undefined);
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(500);
    expect(told.sent).toEqual([
      ["signoff/repository", { root: "/p" }],
      ["signoff/repository", { root: "/p" }],
    ]);
  });

  test("is heard of repositories that come, and no more of those that go", async () => {
    const { opened, closed, state, repository } = install();
    observers.push(new Repositories(told));
    await settled();
    vi.useFakeTimers();
    const other = new EventEmitter<undefined>();
    opened.fire({ rootUri: Uri.file("/q"), state: { onDidChange: other.event } });
    closed.fire(repository);
    other.fire(undefined);
    state.fire(undefined);
    vi.advanceTimersByTime(500);
    expect(told.of("signoff/repository")).toEqual([{ root: "/q" }]);
    expect(state.listenerCount).toBe(0);
  });

  test("is not told of while nothing is recorded", async () => {
    const { state } = install();
    told.stand(false);
    observers.push(new Repositories(told));
    await settled();
    vi.useFakeTimers();
    state.fire(undefined);
    vi.advanceTimersByTime(500);
    expect(told.sent).toEqual([]);
  });

  test("may be missing or switched off", async () => {
    observers.push(new Repositories(told));
    surroundings.extensions.set("vscode.git", {
      activate: () =>
        Promise.resolve({
          getAPI: () => {
            throw new Error("Git model not found");
          },
        }),
    });
    observers.push(new Repositories(told));
    await settled();
    expect(told.sent).toEqual([]);
  });
});

describe("Live Share", () => {
  function install(id: string | null) {
    const changed = new EventEmitter<{ session: { id: string | null } }>();
    const api = { session: { id }, onDidChangeSession: changed.event };
    surroundings.extensions.set("ms-vsliveshare.vsliveshare", {
      activate: () => Promise.resolve({ getApi: () => Promise.resolve(api) }),
    });
    return changed;
  }

  test("is told of when it begins and ends", async () => {
    const changed = install(null);
    observers.push(new LiveShareWatch(told));
    await settled();
    expect(told.sent).toEqual([]);
    changed.fire({ session: { id: "7" } });
    changed.fire({ session: { id: null } });
    expect(told.sent).toEqual([
      ["signoff/shared", { active: true }],
      ["signoff/shared", { active: false }],
    ]);
  });

  test("is told of at once where it goes on already", async () => {
    install("7");
    observers.push(new LiveShareWatch(told));
    await settled();
    expect(told.sent).toEqual([["signoff/shared", { active: true }]]);
  });

  test("may be missing, or keep to itself", async () => {
    observers.push(new LiveShareWatch(told));
    surroundings.extensions.set("ms-vsliveshare.vsliveshare", {
      activate: () => Promise.resolve({ getApi: () => null }),
    });
    observers.push(new LiveShareWatch(told));
    await settled();
    expect(told.sent).toEqual([]);
  });
});

describe("the variables of terminals", () => {
  const GIVEN = { variables: { PYTHONPATH: "/r:/x", "a b": "no", N: 1 }, description: "why" };

  test("are given while something is recorded and the setting is on, and taken back", async () => {
    surroundings.configuration["signoff.terminalTestResults"] = true;
    told.answer = GIVEN;
    observers.push(new TerminalEnvironment(told));
    await settled();
    expect(told.asked).toEqual([["signoff/terminalEnvironment", {}]]);
    expect([...told.variables]).toEqual([["PYTHONPATH", "/r:/x"]]);
    expect(told.collection.description).toBe("why");
    expect(told.collection.persistent).toBe(false);
    told.stand(false);
    expect(told.variables.size).toBe(0);
    told.stand(true);
    await settled();
    expect(told.variables.size).toBe(1);
    surroundings.configuration["signoff.terminalTestResults"] = false;
    emitter("onDidChangeConfiguration").fire({ affectsConfiguration: () => true });
    expect(told.variables.size).toBe(0);
  });

  test("are not asked for unless the person switched them on", async () => {
    told.answer = GIVEN;
    observers.push(new TerminalEnvironment(told));
    await settled();
    expect(told.asked).toEqual([]);
    expect(told.variables.size).toBe(0);
  });

  test("are taken back with the bridge, also while it is asked", async () => {
    surroundings.configuration["signoff.terminalTestResults"] = true;
    told.answer = GIVEN;
    const environment = new TerminalEnvironment(told);
    environment.dispose();
    await settled();
    expect(told.variables.size).toBe(0);
  });

  test("are none where the bridge cannot answer, and asked for again later", async () => {
    surroundings.configuration["signoff.terminalTestResults"] = true;
    told.answer = new Error("gone");
    observers.push(new TerminalEnvironment(told));
    await settled();
    expect(told.variables.size).toBe(0);
    told.answer = GIVEN;
    told.stand(true);
    await settled();
    expect(told.variables.size).toBe(1);
  });
});

describe("the explorer", () => {
  test("tells of files that were created, renamed, deleted", () => {
    observers.push(observeExplorer(told));
    const [one, other] = [Uri.file(`/p/${EMOJI}.py`), Uri.file("/p/b.py")];
    const virtual = Uri.parse("memfs:/x");
    emitter("onDidCreateFiles").fire({ files: [one, virtual] });
    emitter("onDidRenameFiles").fire({ files: [{ oldUri: one, newUri: other }] });
    emitter("onDidDeleteFiles").fire({ files: [other] });
    emitter("onDidDeleteFiles").fire({ files: [virtual] });
    expect(told.sent).toEqual([
      ["workspace/didCreateFiles", { files: [{ uri: one.toString() }] }],
      [
        "workspace/didRenameFiles",
        { files: [{ oldUri: one.toString(), newUri: other.toString() }] },
      ],
      ["workspace/didDeleteFiles", { files: [{ uri: other.toString() }] }],
    ]);
  });
});

describe("an anchor", () => {
  test("is the whole text of the buffer, and none for what is not open", () => {
    observers.push(observeAnchors(told));
    const document = new FakeDocument();
    document.text = `x = "${EMOJI}"\n`;
    told.handlers.get("signoff/anchor")?.({ uri: "file:///p/a.py" });
    told.handlers.get("signoff/anchor")?.({ uri: "file:///p/closed.py" });
    told.handlers.get("signoff/anchor")?.(null);
    expect(told.sent).toEqual([
      [
        "signoff/text",
        { uri: "file:///p/a.py", version: 1, languageId: "python", text: `x = "${EMOJI}"\n` },
      ],
    ]);
  });
});

describe("the paste witness", () => {
  let document: FakeDocument;
  let nowMs: number;

  beforeEach(() => {
    document = new FakeDocument();
    nowMs = 0;
  });

  function watch(isWanted = true): PasteWitness {
    surroundings.configuration["signoff.pasteWitness"] = isWanted;
    const witness = new PasteWitness(told, () => nowMs);
    observers.push(witness);
    return witness;
  }

  function registered():
    | { provider: { provideDocumentPasteEdits: (...given: unknown[]) => unknown } }
    | undefined {
    return surroundings.trees.get("documentPaste") as ReturnType<typeof registered>;
  }

  /** VS Code asks; the clipboard breaks when it is looked at. */
  function ask(ranges: Range[], of = document): unknown {
    const clipboard = new Proxy({}, { get: () => expect.fail("the clipboard was read") });
    return registered()?.provider.provideDocumentPasteEdits(of, ranges, clipboard);
  }

  function takes(witness: PasteWitness, where: Range, text: string, of = document): string {
    return witness.takes(of as never, [{ range: where, text }] as never);
  }

  test("knows the change at the place that VS Code asked for, and offers nothing", () => {
    const witness = watch();
    expect(ask([range(3, 1, 3, 4)])).toBeUndefined();
    expect(takes(witness, range(3, 1, 3, 4), "word")).toBe("pasted");
    expect(takes(witness, range(3, 1, 3, 4), "word")).toBe("other");
  });

  test("knows a copied line, which goes to the start of the line", () => {
    const witness = watch();
    ask([at(13, 12)]);
    expect(takes(witness, at(13, 0), "a line\n")).toBe("pasted");
  });

  test.each([
    ["elsewhere", at(9, 9), "word", "other"],
    ["of one character, which may be a key's", at(3, 1), "z", "unclear"],
    ["of one character outside the BMP", at(3, 1), "😀", "unclear"],
  ])("is not sure of a change %s", (_, where, text, answer) => {
    const witness = watch();
    ask([at(3, 1)]);
    expect(takes(witness, where, text)).toBe(answer);
    expect(takes(witness, at(3, 1), "word")).toBe("other");
  });

  test("waits two seconds, and only for its document", () => {
    const witness = watch();
    const other = new FakeDocument("/p/b.py");
    ask([at(3, 1)]);
    expect(takes(witness, at(3, 1), "word", other)).toBe("other");
    nowMs = 2_001;
    expect(takes(witness, at(3, 1), "word")).toBe("other");
  });

  test("is not there unless the person switched it on, and goes when switched off", () => {
    const witness = watch(false);
    expect(registered()).toBeUndefined();
    surroundings.configuration["signoff.pasteWitness"] = true;
    emitter("onDidChangeConfiguration").fire({ affectsConfiguration: () => true });
    expect(registered()).toBeDefined();
    ask([at(0, 0)]);
    surroundings.configuration["signoff.pasteWitness"] = false;
    emitter("onDidChangeConfiguration").fire({ affectsConfiguration: () => true });
    expect(registered()).toBeUndefined();
    expect(takes(witness, at(0, 0), "word")).toBe("other");
  });
});
