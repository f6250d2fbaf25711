// Types at 20 keys/s in the middle of a long file, round by round; the meter says what it cost.
import fs from 'node:fs';

const DELAY_MS = 50;

export default async function typing(w, { file, rounds, keys, profiled, isOurs }) {
  const measures = () =>
    fs.existsSync(w.plan.env.METER_FILE)
      ? fs.readFileSync(w.plan.env.METER_FILE, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
      : [];
  const more = async (command) => {
    const before = measures().length;
    await w.command(command);
    await w.until(command, () => measures().length > before);
    await w.editor().locator('.view-line').first().waitFor();
    await w.press('Escape');
  };

  await w.file(file);
  await w.press('Control+g');
  await w.page.locator('.quick-input-widget input[type=text]').fill(':5000');
  await w.press('Enter');
  await w.press('End', 'Enter');
  await w.page.keyboard.type('begun', { delay: DELAY_MS });
  if (isOurs) await w.statusReads(/recording \d+ steps?/);
  for (let round = 0; round < rounds + profiled; round += 1) {
    await w.press('Enter');
    await more(round < rounds ? 'Meter: Begin' : 'Meter: Begin with the profiler');
    await w.page.keyboard.type('the quick brown fox jumps over '.repeat(9).slice(0, keys), { delay: DELAY_MS });
    await more('Meter: End');
  }
  await w.save();
  return { measures: measures().filter((one) => one.keys !== undefined) };
}
