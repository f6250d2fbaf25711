// Differences: they open at the first change, ] and [ go from change to change and from file to
// file, what did not change is folded and can be unfolded, and a long path keeps its file's name.

export default async function playerChanges(b, { name, lines }) {
  await b.screen("Files");
  const list = b.page.locator(".list-side");
  const row = list.locator("button", { hasText: name });
  await row.click();
  for (const place of [row, b.page.locator(".shown-side .pane-head")]) {
    await whole(b, place.locator(".file-path .name", { hasText: name }));
  }
  await at(b, "change 1 of 3", `told_${lines[0]}_`);
  const folds = b.page.locator(".cm-collapsedLines");
  await folds.first().waitFor();
  await b.page.keyboard.press("]");
  await at(b, "change 2 of 3", `told_${lines[1]}_`);
  await b.page.keyboard.press("]");
  await at(b, "change 3 of 3", `told_${lines[2]}_`);
  await b.page.keyboard.press("[");
  await at(b, "change 2 of 3", `told_${lines[1]}_`);
  await b.page.keyboard.press("]");
  await at(b, "change 3 of 3", `told_${lines[2]}_`);
  await b.page.keyboard.press("]");
  await b.page.locator(".shown-side .pane-head", { hasText: "other.py" }).waitFor();
  await at(b, "change 1 of", "# found");
  await b.page.keyboard.press("[");
  await b.page.locator(".shown-side .pane-head", { hasText: name }).waitFor();
  await at(b, "change 3 of 3", `told_${lines[2]}_`);
  await b.check("differences");
  const count = await folds.count();
  await folds.last().click();
  await b.until(
    "one fold less",
    (n) => document.querySelectorAll(".cm-collapsedLines").length < n,
    count,
  );
  await b.button(/^All lines/).click();
  await folds.first().waitFor({ state: "detached" });
  await at(b, "change 1 of 3", `told_${lines[0]}_`);
}

/** The count says which change it is, and its text is in view. */
async function at(b, words, text) {
  await b.page.locator(".change-count", { hasText: words }).waitFor();
  await b.until(
    `${text} in view`,
    (wanted) => {
      const box = document.querySelector(".shown-side .cm-scroller")?.getBoundingClientRect();
      return [...document.querySelectorAll(".shown-side .cm-line.current-change")].some((line) => {
        const { top, bottom } = line.getBoundingClientRect();
        return line.textContent.includes(wanted) && top >= box.top && bottom <= box.bottom;
      });
    },
    text,
  );
}

/** Nothing of it is cut short. */
async function whole(b, place) {
  await place.waitFor();
  const isCut = await place.evaluate((one) => {
    const own = one.getBoundingClientRect();
    const around = one.closest("button, header").getBoundingClientRect();
    return one.scrollWidth > one.clientWidth || own.right > around.right || own.left < around.left;
  });
  if (isCut) throw new Error("the name of the file is cut short");
}
