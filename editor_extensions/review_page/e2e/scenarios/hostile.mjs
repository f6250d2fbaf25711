// An episode full of markup, escapes, text directions and look-alikes: all of it is shown as marks,
// none of it does anything. What must not be in the document is looked for on every screen.

const PLAYER = ["Timeline", "Files", "Output", "Text"];

export default async function hostile(b) {
  await b.page.evaluate(() => {
    globalThis.__hit = 0;
  });
  await unharmed(b, "Tasks");
  for (const row of await b.button(/^Keep /).all()) await row.waitFor();
  for (;;) {
    const left = b.button(/^Keep/);
    const before = await left.count();
    if (before === 0) break;
    await left.first().click();
    await b.until(
      "one task less",
      (n) => document.querySelectorAll("[data-main][aria-pressed=false]").length < n,
      before,
    );
  }
  await unharmed(b, "Tasks");
  for (const title of ["Overview", "To check"]) {
    await b.screen(title);
    await b.page
      .locator(title === "Overview" ? ".rv-cards" : "[data-group], .rv-check-one p")
      .first()
      .waitFor();
    await unharmed(b, title);
  }
  for (const group of await b.page.locator("[data-group]").all()) {
    await group.click();
    await unharmed(b, "To check");
  }
  await b.screen("Sign");
  await b.button("Make the final file").click();
  await b.page.locator("[data-digest]").waitFor();
  await unharmed(b, "Sign");
  for (const title of PLAYER) {
    await b.screen(title);
    await b.page.locator(".waiting").waitFor({ state: "detached" });
    await unharmed(b, title);
  }
  return { told: b.told };
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
async function unharmed(b, title) {
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
  await b.check(`hostile ${title}`);
}
