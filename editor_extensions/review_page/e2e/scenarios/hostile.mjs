// An episode full of markup, escapes, text directions and look-alikes: all of it is shown as marks,
// none of it does anything. What must not be in the document is looked for on every screen.

/** What stands on each screen of the player once the recording is drawn there. */
const DRAWN = {
  Timeline: ".cm-line",
  Files: ".cm-line",
  Output: `section[aria-label="Output"]`,
  Text: ".hit",
};
const SIGN = "__hit";

export default async function hostile(b) {
  await b.page.evaluate(() => {
    globalThis.__hit = 0;
  });
  await unharmed(b, "Tasks");
  await keepAll(b);
  await unharmed(b, "Tasks");
  await b.screen("Overview");
  await b.page.locator(".rv-keep-choice select").selectOption({ index: 2 });
  await b.page.locator("[data-headline]", { hasText: "edit" }).waitFor();
  await b.page.locator(".rv-list", { hasText: SIGN }).first().waitFor();
  await unharmed(b, "Overview");
  await b.screen("To check");
  await b.page.locator("[data-group]").first().waitFor();
  for (const group of await b.page.locator("[data-group]").all()) {
    await group.click();
    await untouched(b, "To check");
  }
  await b.check("hostile To check");
  await b.screen("Sign");
  await b.button("Make the final file").click();
  await b.page.locator("[data-seen]").waitFor();
  await unharmed(b, "Sign");
  await everyPlayerScreen(b);
}

/** Go through the player's screens, each with what is hostile in it on show. */
export async function everyPlayerScreen(b) {
  for (const [title, drawn] of Object.entries(DRAWN)) {
    await b.screen(title);
    await chooseHostile(b, title);
    await b.page
      .locator(`main[aria-label="${title}"] ${drawn}`, { hasText: SIGN })
      .first()
      .waitFor();
    await unharmed(b, title);
  }
}

/** Choose the hostile file, the hostile output, or search for what it holds. */
async function chooseHostile(b, title) {
  if (title === "Files") await b.page.locator(".list-side").getByText("onerror").first().click();
  if (title === "Output") await b.page.locator(".list-side").getByText(SIGN).last().click();
  if (title === "Text") await b.page.getByLabel("Search everything").fill(SIGN);
}

async function keepAll(b) {
  const open = b.page.locator('[data-main][aria-pressed="false"]');
  for (let left = await open.count(); left > 0; left--) {
    await open.first().click();
    await b.until(
      "one task less that is not included",
      (most) => document.querySelectorAll('[data-main][aria-pressed="false"]').length < most,
      left,
    );
  }
}

/** Characters that hide, move or colour text, from and up to. */
const HIDING = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2069],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xe0000, 0xe01ef],
];

const ELEMENTS = "script,img,iframe,object,embed,link,base,meta,style,form[action],[href],[src]"
  .split(",")
  .map((one) => `#page ${one}`)
  .join(",");

/** No element of a recording's making, no hidden character in a text or a name, no global. */
async function untouched(b, title) {
  const found = await b.page.evaluate(
    ({ hiding, elements }) => {
      const texts = [document.title];
      const walker = document.createTreeWalker(document.body, 4);
      while (walker.nextNode()) texts.push(walker.currentNode.nodeValue);
      for (const one of document.querySelectorAll("*")) {
        for (const { value } of one.attributes) texts.push(value);
      }
      const codes = texts.flatMap((text) => Array.from(text, (one) => one.codePointAt(0)));
      return {
        elements: [...document.querySelectorAll(elements)].map((one) =>
          one.outerHTML.slice(0, 200),
        ),
        hidden: codes.filter((code) => hiding.some(([low, high]) => code >= low && code <= high)),
        hit: globalThis.__hit,
      };
    },
    { hiding: HIDING, elements: ELEMENTS },
  );
  if (found.elements.length > 0 || found.hidden.length > 0 || found.hit !== 0) {
    throw new Error(`${title}: ${JSON.stringify(found)}`);
  }
}

/** Nothing was touched, and the screen can be used by everybody with this in it. */
async function unharmed(b, title) {
  await untouched(b, title);
  await b.check(`hostile ${title}`);
}
