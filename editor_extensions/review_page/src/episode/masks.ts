/** Where an episode's masks stand in its texts: by the placeholders that its header lists. Sealing
 *  and review give no placeholder that stands as text in what they mask, so text that was typed to
 *  look like one is not listed, and is no mask. */

export interface MaskPlace {
  readonly from: number;
  readonly to: number;
  readonly mask: string;
}

export class Masks {
  private readonly pattern: RegExp | null;

  /** `listed`: each placeholder with the way its value was found. */
  constructor(private readonly listed: Readonly<Record<string, string>>) {
    const names = Object.keys(listed).sort((a, b) => b.length - a.length);
    const ends = names.map((name) => name.replace(/[^\w]/g, "\\$&") + endOf(name));
    this.pattern = names.length === 0 ? null : new RegExp(ends.join("|"), "g");
  }

  /** The masks in a text, in order. */
  in(text: string): MaskPlace[] {
    if (this.pattern === null) return [];
    return [...text.matchAll(this.pattern)].map(({ 0: mask, index }) => ({
      from: index,
      to: index + mask.length,
      mask,
    }));
  }

  /** How the value behind a mask was found. */
  wayOf(mask: string): string {
    return this.listed[mask] ?? "";
  }
}

/** What may not follow a placeholder: it would be another one. */
function endOf(name: string): string {
  if (/\d$/.test(name)) return "(?!\\d)";
  return name.endsWith(">") ? "" : "(?!_\\d)";
}

/** The kind of value that a placeholder stands for. */
export function kindOf(mask: string): string {
  const match = /^REDACTED_([A-Z]+)(?:_\d+)?$|^<([A-Z]+)>$/.exec(mask);
  return match?.[1] ?? match?.[2] ?? "";
}
