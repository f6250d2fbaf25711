// What is pressed by the keyboard often goes away with it: the focus is then at what came of it, or
// at the heading of the part that it was in, and never nowhere.

export default async function focus(b, { store }) {
  const main = b.page.locator("[data-main]").first();
  await b.enter(main);
  await b.heard("The task is included.");
  await b.focused("Included Count words right");
  await b.enter(b.button("Undo"));
  await b.heard("The last change is undone.");
  // It can be pressed no more.
  await b.focused("Which tasks do you want to share?");
  await b.enter(b.button("Discard the recording"));
  await b.page.locator("dialog[open]").waitFor();
  await b.page.keyboard.press("Enter");
  await b.focused("Discard the recording");
  await b.enter(main);
  await b.focused("Included Count words right");
  await b.page.keyboard.press("Tab");
  await b.focused("What is in it");
  await b.page.keyboard.press("Enter");
  await b.focused("What would be shared");

  const files = b.page.getByRole("region", { name: /^Files/ });
  await b.enter(files.getByRole("button", { name: /^Cut/ }).last());
  await b.heard("The file is cut.");
  await b.focused("Files: 1");

  await b.screen("To check");
  await b.enter(b.button("Share the rest as it is"));
  await b.heard("What was left is shared as it is.");
  await b.focused("To check");

  await b.screen("Sign");
  await b.enter(b.button("Make the final file"));
  await b.page.locator("[data-seen]").waitFor();
  await b.focused("1. The final file");
  await b.chooseTerms(store);
  await b.enter(b.button("Sign these bytes"));
  await b.focused("Signed");
  await b.enter(b.button("I saved it"));
  await b.heard("You can leave now.");
  await b.focused("Sign");
}
