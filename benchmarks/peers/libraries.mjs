// Measures the JavaScript libraries that keep a text's history, on one trace:
//   node libraries.mjs TRACE.json ROUNDS
// Prints one JSON object per library: bytes of the full history without times, and CPU time
// (user and system, of this process) to apply and save, to open up to the final text, and to go
// to moments. Traces are given as code points; these libraries count UTF-16 units, so a trace
// with characters beyond the basic plane is refused.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [path, rounds] = [process.argv[2], Number(process.argv[3])];
const trace = JSON.parse(readFileSync(path, "utf8"));
const edits = trace.txns.flatMap((txn) => txn.patches);
const require = createRequire(import.meta.url);

const version = (name) => {
  const roots = require.resolve.paths(name) ?? [];
  for (const root of roots) {
    try {
      return JSON.parse(readFileSync(`${root}/${name}/package.json`, "utf8")).version;
    } catch {
      // It may lie in another of these folders.
    }
  }
  return "unknown";
};

const cpuMs = (work) => {
  const before = process.cpuUsage();
  const result = work();
  const used = process.cpuUsage(before);
  return [(used.user + used.system) / 1000, result];
};

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const expectFinal = (name, text) => {
  if (text !== trace.endContent) throw new Error(`${name}: the final text differs`);
};

/** Apply every edit, save, and open what was saved; `moment` goes to the text after one edit. */
const measure = (name, { apply, open, moment }) => {
  const [applyMs, bytes] = cpuMs(apply);
  const opened = [];
  for (let round = 0; round < rounds; round += 1) {
    const [ms, text] = cpuMs(() => open(bytes));
    expectFinal(name, text);
    opened.push(ms);
  }
  const row = { library: name, version: version(name), edits: edits.length, bytes: bytes.length };
  row.apply_ms = applyMs;
  row.open_ms = median(opened);
  if (moment) row.moment_ms = median(moment(bytes));
  console.log(JSON.stringify(row));
};

const withYjs = async () => {
  const Y = await import("yjs");
  const apply = () => {
    const doc = new Y.Doc({ gc: false });
    const text = doc.getText("t");
    if (trace.startContent) text.insert(0, trace.startContent);
    for (const [at, deleted, inserted] of edits) {
      doc.transact(() => {
        if (deleted) text.delete(at, deleted);
        if (inserted) text.insert(at, inserted);
      });
    }
    return Y.encodeStateAsUpdateV2(doc);
  };
  const open = (bytes) => {
    const doc = new Y.Doc({ gc: false });
    Y.applyUpdateV2(doc, bytes);
    return doc.getText("t").toString();
  };
  measure("yjs", { apply, open });
};

const withAutomerge = async () => {
  const A = await import("@automerge/automerge");
  const apply = () => {
    let doc = A.from({ text: trace.startContent ?? "" });
    doc = A.change(doc, (draft) => {
      for (const [at, deleted, inserted] of edits) A.splice(draft, ["text"], at, deleted, inserted);
    });
    return A.save(doc);
  };
  measure("@automerge/automerge", { apply, open: (bytes) => A.load(bytes).text });
};

const withLoro = async () => {
  const { LoroDoc } = await import("loro-crdt");
  const ends = [];
  const apply = () => {
    const doc = new LoroDoc();
    doc.setPeerId("1");
    const text = doc.getText("t");
    let operations = 0;
    const insert = (at, what) => {
      text.insert(at, what);
      operations += what.length;
    };
    if (trace.startContent) insert(0, trace.startContent);
    for (const [at, deleted, inserted] of edits) {
      if (deleted) text.delete(at, deleted);
      operations += deleted;
      if (inserted) insert(at, inserted);
      ends.push(operations);
    }
    doc.commit();
    return doc.export({ mode: "update" });
  };
  const load = (bytes) => {
    const doc = new LoroDoc();
    doc.import(bytes);
    return doc;
  };
  const moment = (bytes) => {
    const doc = load(bytes);
    const took = [];
    for (let round = 0; round < 20; round += 1) {
      const counter = ends[Math.floor((ends.length * (round + 0.5)) / 20)] - 1;
      if (counter < 0) continue;
      const [ms] = cpuMs(() => {
        doc.checkout([{ peer: "1", counter }]);
        return doc.getText("t").toString();
      });
      took.push(ms);
    }
    return took;
  };
  measure("loro-crdt", { apply, open: (bytes) => load(bytes).getText("t").toString(), moment });
};

const withDiamondTypes = async () => {
  const { Doc } = await import("diamond-types-node");
  const apply = () => {
    const doc = new Doc("a");
    if (trace.startContent) doc.ins(0, trace.startContent);
    for (const [at, deleted, inserted] of edits) {
      if (deleted) doc.del(at, deleted);
      if (inserted) doc.ins(at, inserted);
    }
    return doc.toBytes();
  };
  measure("diamond-types-node", { apply, open: (bytes) => Doc.fromBytes(bytes).get() });
};

if (edits.some(([, , text]) => /[\ud800-\udfff]/.test(text))) {
  console.error("the trace holds characters beyond the basic plane");
  process.exit(1);
}
await withDiamondTypes();
await withAutomerge();
await withLoro();
await withYjs();
