// What a person does with Signoff itself, in its own words.

const CONSENT = 'Recorded for 30 days';

/** Ask for recording in the open folder, and agree in the modal. */
export async function enable(w) {
  await w.command('Signoff: Record in this folder');
  await w.modal(CONSENT).waitFor();
  const buttons = await w.modal(CONSENT).getByRole('button').allInnerTexts();
  if (buttons.includes('Cancel')) throw new Error('two ways out');
  await w.picture('enable');
  await w.choose(CONSENT, 'Record here');
  await w.statusReads(/idle|recording/);
}

export async function pause(w) {
  await w.command('Signoff: Pause until I resume');
  await w.statusReads(/paused/);
}

export async function resume(w) {
  await w.command('Signoff: Resume recording');
  await w.choose('Resume recording?', 'Resume');
  await w.statusReads(/recording/);
}

export async function forget(w) {
  await w.command('Signoff: Forget the last 5 minutes');
  await w.choose('Forget the last 5 minutes?', 'Forget');
}
