// Numbers as words: short, and the same on every screen.

const NS_PER_S = 1_000_000_000;

/** "3 files", "1 file", "no files". */
export function count(number: number, one: string, many = `${one}s`): string {
  if (number === 0) return `no ${many}`;
  return number === 1 ? `1 ${one}` : `${grouped(number)} ${many}`;
}

/** Digits in groups of three; the page speaks one language on every machine. */
export function grouped(number: number): string {
  return String(Math.trunc(number)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "12 s", "35 min", "2 h 05 min". */
export function duration(ns: number): string {
  const seconds = Math.max(0, Math.round(ns / NS_PER_S));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** "812 bytes", "14.2 KB", "3.1 MB". */
export function size(bytes: number): string {
  if (bytes < 1000) return count(bytes, "byte");
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

/** "23 November 2027", the day on this machine's calendar of a moment in UTC. */
export function localDate(utc: string): string {
  return DAY.format(new Date(utc));
}

/** Time since the session began, as "0:07:30". */
export function elapsed(ns: number): string {
  const seconds = Math.max(0, Math.floor(ns / NS_PER_S));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}

/** "60 %"; never 0 % of something, never 100 % of less than all. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) return "0 %";
  if (part === whole) return "100 %";
  const percent = Math.round((100 * part) / whole);
  return `${Math.min(99, Math.max(1, percent))} %`;
}

/** "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}
