import { readStanding } from "../../src/standing";
import type { News } from "../../src/lists/list_view";
import { EventEmitter } from "./vscode_values";

/** What a list hears of; `say` tells a new standing as the bridge does. */
export function makeNews(): News & { say(status: object): void } {
  const changed = new EventEmitter<void>();
  const news = {
    life: { kind: "running" } as const,
    standing: readStanding({}),
    onDidChange: changed.event as unknown as News["onDidChange"],
    say: (status: object): void => {
      news.standing = readStanding(status);
      changed.fire();
    },
  };
  return news;
}
