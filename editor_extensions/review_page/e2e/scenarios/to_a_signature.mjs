// From opening the page to a signature, as the person does who knows the way: what is pressed,
// clicked and chosen is counted, a text that is typed into a field as one. What was not opened is
// signed unseen.

export default async function toASignature(b, { store }) {
  const acts = [];
  const press = async (key) => {
    acts.push(key);
    await b.page.keyboard.press(key);
  };
  const click = async (name, place) => {
    acts.push(`click ${name}`);
    await place.click();
  };
  await b.page.getByRole("heading", { name: "Included: nothing yet" }).waitFor();
  await press("k");
  await b.heard("The task is included.");
  await press("2");
  await b.page.locator("[data-headline]", { hasText: "edits in" }).waitFor();
  await press("3");
  await b.page.locator("[data-progress]").waitFor();
  const { decisions, groups } = await decide(b, press);
  await press("4");
  await click("Make the final file", b.button("Make the final file"));
  await b.page.locator("[data-seen]").waitFor();
  const tick = b.page.getByLabel("I sign what I did not open, unseen");
  if ((await tick.count()) > 0) await click("I sign what I did not open, unseen", tick);
  acts.push("the store");
  await b.page.getByLabel("Store", { exact: true }).fill(store);
  await click("for research", b.page.getByLabel("for research"));
  // Asked where nobody said it at opting in.
  const owner = b.page.getByLabel("Whose code it is");
  if ((await owner.count()) > 0) {
    acts.push("whose code it is");
    await owner.selectOption("mine");
  }
  await b.check("sign");
  await click("Sign these bytes", b.button("Sign these bytes"));
  await b.page.getByRole("heading", { name: "Signed" }).waitFor();
  return { acts, decisions, groups, statement: await b.text("[data-statement]") };
}

/** Each group that waits has one key: mask what could be a secret, share the rest. */
async function decide(b, press) {
  const progress = b.page.locator("[data-progress]");
  const groups = await b.page.locator("[data-group]").count();
  let decisions = 0;
  for (;;) {
    const said = /^(\d+) of (\d+) decided$/.exec(await progress.innerText());
    if (said === null || said[1] === said[2]) return { decisions, groups };
    const kind = await b.text(".rv-check-one > div > p");
    await press(kind.startsWith("Unknown words") ? "x" : "a");
    await progress.filter({ hasText: `${Number(said[1]) + 1} of` }).waitFor();
    decisions += 1;
  }
}
