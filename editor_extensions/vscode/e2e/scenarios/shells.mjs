// Commands in a terminal whose shell has the hook of `signoff setup`, each typed as it is given.
export default async function (w, given) {
  await w.file('a.py');
  await w.statusReads(/recording/);
  await w.terminal(given.hasIntegration);
  for (const line of given.lines) await w.shell(line);
  if (given.hasIntegration) await w.journalled('exit_code', given.told);
}
