/** Masks as chips in a view of code: marks on the text, so that it is selected as it stands. */
import { StateEffect, StateField, type EditorState, type Extension } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, type DecorationSet } from "@codemirror/view";
import { chipAttributes, masks } from "../ui/mask_chips";

/** Sent when another episode is shown: its masks are others. */
export const masksChanged = StateEffect.define();

const chips = StateField.define<DecorationSet>({
  create: decorations,
  update(value, { docChanged, effects, state }) {
    const isNews = docChanged || effects.some((effect) => effect.is(masksChanged));
    return isNews ? decorations(state) : value;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export function maskChips(): Extension {
  return chips;
}

function decorations({ doc }: EditorState): DecorationSet {
  const found = masks.peek().in(doc.toString());
  return Decoration.set(
    found.map(({ from, to, mask }) => {
      const { class: name, ...attributes } = chipAttributes(mask);
      return Decoration.mark({ class: name ?? "", attributes }).range(from, to);
    }),
  );
}

/** Lines that a difference took away are no part of the document: they get their chips here. */
export const chipsInDeletedLines = ViewPlugin.fromClass(
  class {
    constructor(view: EditorView) {
      chipDeletedLines(view);
    }
    docViewUpdate(view: EditorView): void {
      chipDeletedLines(view);
    }
  },
);

function chipDeletedLines(view: EditorView): void {
  const lines = view.contentDOM.querySelectorAll<HTMLElement>(".cm-deletedLine:not([data-chips])");
  for (const line of lines) {
    line.dataset["chips"] = "";
    for (const { from, to, mask } of masks.peek().in(line.textContent).reverse())
      wrap(line, from, to, mask);
  }
}

/** Put a stretch of a line's text into a chip, part by part where it is coloured in parts. */
function wrap(line: HTMLElement, from: number, to: number, mask: string): void {
  const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  const held: [Text, number, number][] = [];
  for (let at = 0; texts.nextNode() !== null; ) {
    const node = texts.currentNode as Text;
    const low = Math.max(from, at);
    const high = Math.min(to, at + node.length);
    if (low < high) held.push([node, low - at, high - at]);
    at += node.length;
  }
  held.forEach(([node, low, high], part) => {
    const chip = document.createElement("span");
    const isLast = part === held.length - 1;
    for (const [name, value] of Object.entries(chipAttributes(mask)))
      if (isLast || name !== "data-why") chip.setAttribute(name, value);
    const range = document.createRange();
    range.setStart(node, low);
    range.setEnd(node, high);
    range.surroundContents(chip);
  });
}
