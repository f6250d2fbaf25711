// Every page of a hub that did much, for everybody who has pages, in every size and both themes.
// Pages are found by their links. The one page with a script is used without it.
import { link, tabTo } from "../hub_pages.mjs";
import { Pages } from "../hub_sizes.mjs";

export default async function everyPage(b, given) {
  const pages = new Pages(b);
  await pages.walk("stranger");
  await pages.visit("stranger", `${b.origin}/pages/enter`);
  const session = await b.context.newCDPSession(b.page);
  await session.send("Emulation.setScriptExecutionDisabled", { value: true });
  await b.page.goto(`${b.origin}/pages/enter`);
  await b.page.getByLabel("Code").fill(given.code);
  await b.page.keyboard.press("Enter");
  await b.page.getByRole("heading", { level: 1, name: "My episodes" }).waitFor();
  await session.send("Emulation.setScriptExecutionDisabled", { value: false });
  await pages.walk("contributor");
  for (const who of ["auditor", "operator"]) {
    await signOut(b);
    await b.page.goto(`${b.origin}/pages/sign-in`);
    await b.page.getByLabel("API token").fill(given[who]);
    await b.page.keyboard.press("Enter");
    await b.button("Sign out").waitFor();
    await pages.walk(who);
  }
  return { faults: [...pages.faults, ...b.told], looked: pages.looked };
}

async function signOut(b) {
  await tabTo(b, b.button("Sign out"));
  await b.page.keyboard.press("Enter");
  await link(b, "Sign in").waitFor();
}
