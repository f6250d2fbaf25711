// From the terminal's address to a signature: keep a task, look, mask what was planted, cut steps,
// decide what is to be checked, look at the final bytes, sign.

export default async function wholeWay(b, given) {
  await keepOne(b);
  await lookAtIt(b);
  await maskAndCut(b, given.codename);
  const decided = await decide(b);
  return { ...decided, ...(await signIt(b, given.store)), sent: b.sent };
}

/** Nothing is kept at first; the first task is kept, named and ended by keys alone. */
async function keepOne(b) {
  await b.page.getByRole("heading", { name: "Included: nothing yet" }).waitFor();
  await b.page.keyboard.press("ArrowDown");
  await b.page.keyboard.press("k");
  await b.heard("The task is included.");
  await b.page.getByRole("heading", { name: "Included: 1 task" }).waitFor();
  const name = b.page.getByLabel("Its name");
  await name.fill("Count words right");
  await name.press("Enter");
  await b.heard("The task has a new name.");
  await b.page.getByLabel("How it ended").selectOption("solved");
  await b.heard("How it ended is noted.");
  await b.look("tasks");
}

/** What is in it, and how it looks as it would be shared. */
async function lookAtIt(b) {
  const inTasks = (await b.text(".rv-is-kept p")).split(" · ")[0];
  await b.screen("Overview");
  await b.page.locator("[data-headline]", { hasText: "edits in" }).waitFor();
  const inOverview = (await b.text("[data-headline]")).split(" · ")[0];
  if (inTasks !== inOverview) throw new Error(`it took ${inTasks}, and ${inOverview}`);
  await b.look("overview");
  await b.page.keyboard.press("v");
  await b.page.locator(`main[aria-label="Timeline"] .cm-line`).first().waitFor();
  await b.look("timeline");
  await b.page.keyboard.press("2");
  await b.page.locator(`main[aria-label="Overview"]`).waitFor();
}

async function maskAndCut(b, codename) {
  const value = b.page.getByLabel("Mask a value everywhere");
  await value.fill(codename);
  await value.press("Enter");
  await b.heard("Masked:");
  if ((await value.inputValue()) !== "") throw new Error("the value stands in the page still");
  await b.page.getByLabel("Cut from").selectOption({ index: 1 });
  await b.page.getByLabel("up to").selectOption({ index: 1 });
  await b.button("Cut", b.page.locator(".rv-range")).click();
  await b.heard("The steps are cut.");
  await b.page.locator("[data-cuts] li").first().waitFor();
  await b.page.getByRole("heading", { name: "Text from steps that are not included" }).waitFor();
  await b
    .button(/^Mask it too/)
    .first()
    .click();
  await b.heard("The text that comes along is masked.");
  await b.button(/^Undo/).click();
  await b.heard("The last change is undone.");
}

/** Every group that waits is decided by one key. */
async function decide(b) {
  await b.screen("To check");
  const progress = b.page.locator("[data-progress]");
  await progress.waitFor();
  await b.look("check");
  const groups = await b.page.locator("[data-group]").count();
  let decisions = 0;
  for (;;) {
    const said = await progress.innerText();
    if (!/^\d+ of \d+ decided$/.test(said)) break;
    const [done, all] = said.match(/\d+/g).map(Number);
    if (done === all) break;
    await b.page.keyboard.press("n");
    // Words in no list are masked; names, and text that comes along, are looked at and shared.
    const kind = await b.text(".rv-check-one > div > p");
    await b.page.keyboard.press(kind.startsWith("Unknown words") ? "x" : "a");
    await progress.filter({ hasText: `${done + 1} of` }).waitFor();
    decisions += 1;
  }
  return { groups, decisions };
}

async function signIt(b, store) {
  await b.screen("Sign");
  await b.button("Make the final file").click();
  const digest = await b.page.locator("[data-digest]").getAttribute("data-digest");
  await b.page.locator("[data-seen]").waitFor();
  const unseen = b.page.getByRole("region", { name: "Not opened yet" });
  const before = await unseen.getByRole("button").count();
  await unseen.getByRole("button").first().click();
  await b.page.locator(`main[aria-label="Files"] .cm-line`).first().waitFor();
  await b.look("files");
  await b.screen("Output");
  await b.page.locator(".list-side .list-line", { hasText: "1 failed" }).first().click();
  await b.page.locator(`section[aria-label="Output"]`, { hasText: "3 == 2" }).waitFor();
  await b.look("output");
  await b.screen("Text");
  await b.page.getByLabel("Search everything").fill("count");
  await b.page.locator(".hit").first().waitFor();
  await b.look("text");
  await b.screen("Sign");
  await b.page.locator("[data-seen]", { hasText: /^[1-9]\d* of/ }).waitFor();
  const seen = await b.text("[data-seen]");
  if (!(await b.button("Sign these bytes").isDisabled())) throw new Error("nothing was agreed to");
  await b.page.getByLabel("I sign what I did not open, unseen").check();
  await b.page.getByLabel("Store", { exact: true }).fill(store);
  await b.page.getByLabel("for research").check();
  await b.page.getByLabel("Whose code it is").selectOption("mine");
  await b.look("sign");
  await b.button("Sign these bytes").click();
  await b.page.getByRole("heading", { name: "Signed" }).waitFor();
  await b.look("signed");
  return {
    digest,
    before,
    seen,
    statement: await b.text("[data-statement]"),
    signature: await b.text("[data-signature]"),
    commands: await b.text("[data-commands]"),
  };
}
