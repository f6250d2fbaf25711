// Lines in a terminal of the window; what it shows of Signoff once it was loaded again.
export default async function (w, given) {
  if (given.lines.length > 0) await w.terminal(false);
  for (const line of given.lines) await w.shell(line);
  if (given.status) await w.statusReads(new RegExp(given.status));
}
