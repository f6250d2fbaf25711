// People sign in with their organisation's account: one draws a code, one is an auditor.
import { go, link, look } from "../hub_pages.mjs";

export default async function organisation(b) {
  const { page } = b;
  await go(b, link(b, "Sign in"), "Sign in");
  await look(b, "sign_in");
  await atTheOrganisation(b, "Draw your enrolment code", "ada");
  await page.getByRole("heading", { level: 1, name: "Your enrolment code" }).waitFor();
  const code = await page.locator(".note code").innerText();
  await look(b, "enrolment_code");
  const kept = (await page.context().cookies(b.origin)).map((one) => one.name);

  // The provider knows her still: it sends her back at once, and there is no second code.
  await page.goto(`${b.origin}/pages/sign-in`);
  await link(b, "Draw your enrolment code").click();
  await page.getByText("was drawn with your account before").waitFor();
  await look(b, "drawn_before");

  await page.context().clearCookies();
  await page.goto(`${b.origin}/pages/sign-in`);
  await atTheOrganisation(b, "Draw your enrolment code", "eve");
  await page.getByText("in no group that may send").waitFor();

  await page.context().clearCookies();
  await page.goto(`${b.origin}/pages/sign-in`);
  await atTheOrganisation(b, "See the pages of an auditor or operator", "grace");
  await page.getByRole("heading", { level: 1, name: "You are signed in" }).waitFor();
  await look(b, "signed_in");
  await go(b, link(b, "The log"), "Log");
  await go(b, b.button("Sign out"), "A hub for signed episodes");
  return { code, kept };
}

async function atTheOrganisation(b, words, name) {
  const { page } = b;
  await link(b, words).click();
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: /sign-in/i }).click();
  const consent = page.getByRole("button", { name: /continue/i });
  const heading = page.locator("h1").first();
  await consent.or(heading).first().waitFor();
  if (await consent.isVisible()) await consent.click();
}
