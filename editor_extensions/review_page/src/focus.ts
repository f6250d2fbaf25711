/** Where the focus goes when what had it goes away: to the heading of the part that it was in. */

/** What had the focus last, then what it stands in, up to the page. */
let last: readonly HTMLElement[] = [];

/** Keep the focus in its part of the page; once, at the start. Without this a button that is drawn
 *  no more, or can be pressed no more, leaves it nowhere: Tab begins at the top again, and a screen
 *  reader says nothing of what came instead. */
export function keepFocus(): void {
  document.addEventListener("focusin", ({ target }) => {
    last = withParents(target);
  });
  new MutationObserver(moveOn).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["disabled"],
  });
}

/** Focus what something led to, once it is drawn. */
export function focusNext(find: () => HTMLElement | null | undefined): void {
  requestAnimationFrame(() => {
    focusOn(find() ?? null, false);
  });
}

function withParents(target: EventTarget | null): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (let at = target; at instanceof HTMLElement; at = at.parentElement) found.push(at);
  return found;
}

function moveOn(): void {
  const [gone, ...places] = last;
  if (gone === undefined || (gone.isConnected && !gone.matches(":disabled"))) return;
  if (document.activeElement !== document.body && document.activeElement !== gone) return;
  const kept = places.filter((one) => one.isConnected);
  // A list that scrolls has the focus itself.
  const next = kept.map((one) => (one.tabIndex >= 0 ? one : headingIn(one))).find(Boolean);
  focusOn(next ?? null, true);
}

function headingIn(place: HTMLElement): HTMLElement | null {
  return place.querySelector<HTMLElement>("h1, h2");
}

function focusOn(place: HTMLElement | null, preventScroll: boolean): void {
  if (place === null) return;
  if (place.tabIndex < 0) place.tabIndex = -1;
  place.focus({ preventScroll });
}
