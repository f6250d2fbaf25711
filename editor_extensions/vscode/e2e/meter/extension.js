// Measures the extension host between two commands; a JSON line per measurement goes to METER_FILE.
const { appendFileSync } = require('node:fs');
const { Session } = require('node:inspector/promises');
const { performance } = require('node:perf_hooks');
const vscode = require('vscode');

const SAMPLE_US = 100;
const OURS = 'signoff.signoff-vscode';

exports.activate = ({ subscriptions }) => {
  let begun;
  let keys = 0;
  const on = (name, act) => subscriptions.push(vscode.commands.registerCommand(`meter.${name}`, act));

  async function begin(session) {
    keys = 0;
    const loop = performance.eventLoopUtilization();
    begun = { session, loop, cpu: process.cpuUsage() };
    appendFileSync(process.env.METER_FILE, '{"begun":true}\n');
  }

  on('begin', () => begin());
  on('profile', async () => {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await session.post('Profiler.start');
    await begin(session);
  });
  on('end', async () => {
    const { session, loop, cpu } = begun;
    const busy_ms = performance.eventLoopUtilization(loop).active;
    const { user, system } = process.cpuUsage(cpu);
    const measured = { keys, busy_ms, cpu_ms: (user + system) / 1_000 };
    if (session !== undefined) {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      measured.ours_ms = inOurs(profile);
    }
    appendFileSync(process.env.METER_FILE, `${JSON.stringify(measured)}\n`);
  });
  subscriptions.push(
    vscode.workspace.onDidChangeTextDocument(({ contentChanges }) => {
      if (contentChanges.length > 0) keys += 1;
    }),
  );
};

/** Time in our bundle and in all that it called, in ms. */
function inOurs({ nodes, samples, timeDeltas }) {
  const ours = new Set();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const mark = (node, isInside) => {
    const isHere = isInside || node.callFrame.url.includes(OURS);
    if (isHere) ours.add(node.id);
    for (const id of node.children ?? []) mark(byId.get(id), isHere);
  };
  mark(nodes[0], false);
  return samples.reduce((sum, id, index) => sum + (ours.has(id) ? timeDeltas[index] : 0), 0) / 1_000;
}
