// A failed test run is told in words: the name of the test and what it said are in view at its
// step, and files that could not be loaded are not told as failed tests.

export default async function playerFailing(b, { name, says, unloaded }) {
  const detail = b.page.locator(".step-detail");
  const bad = b.page.getByRole("list", { name: "Tests that failed" });
  await b.page.locator(`[role="slider"][aria-label="Moment"]`).focus();
  await b.page.keyboard.press("Home");
  const next = b.page.getByRole("button", { name: /^Next test run/ });
  await next.click();
  await inView(b, bad.getByText(name));
  await inView(b, bad.getByText(says));
  const told = await detail.innerText();
  for (const word of ["run_id", "duration_ns", "state_before"]) {
    if (told.includes(word)) throw new Error(`a test run shows ${word}`);
  }
  await b.check("failing test");
  await next.click();
  await bad.getByText("could not be loaded").first().waitFor();
  await bad.getByText(`and ${unloaded - 5} more`).waitFor();
  await b.page.locator(".steps", { hasText: `${unloaded} errors` }).waitFor();
  await b.look("files_not_loaded");
}

async function inView(b, place) {
  await place.waitFor();
  const isSeen = await place.evaluate((one) => {
    const own = one.getBoundingClientRect();
    const around = one.closest(".step-detail").getBoundingClientRect();
    return own.top >= around.top && own.bottom <= around.bottom;
  });
  if (!isSeen) throw new Error(`not in view: ${await place.innerText()}`);
}
