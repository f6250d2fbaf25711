import type { Disposable } from "vscode";

import type { ObservedWindow } from "../observed_window";

/** Begin to tell the bridge what happens in this window; disposing ends it. */
export function observe(_window: ObservedWindow): Disposable {
  return { dispose: () => undefined };
}
