/** The recovery code: shown once, so no way out is open until the person says that it is saved. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { attempt, message } from "../session";
import { recovery } from "./final_state";
import { now } from "./state";

export function Recovery(): JSX.Element | null {
  const code = recovery.value;
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (code === null) return undefined;
    place.current?.scrollIntoView({ block: "nearest" });
    globalThis.addEventListener("beforeunload", ask);
    return () => {
      globalThis.removeEventListener("beforeunload", ask);
    };
  }, [code]);
  if (code === null) return null;
  return (
    <section ref={place} class="card column rv-recovery" aria-labelledby="rv-recovery">
      <h2 id="rv-recovery">Save your recovery code</h2>
      <p>
        It is shown this once. With it you can take back what you share from here, also when this
        machine is gone. Keep it on paper, or where you keep passwords.
      </p>
      <p class="mono rv-digest" data-recovery>
        {code}
      </p>
      <div class="row">
        <button type="button" onClick={() => void attempt(() => copy(code))}>
          Copy
        </button>
        <button
          type="button"
          data-only="browser"
          onClick={() => {
            globalThis.print();
          }}
        >
          Print
        </button>
        <button type="button" class="main" onClick={() => void attempt(save)}>
          I saved it
        </button>
      </div>
    </section>
  );
}

/** The browser asks before the page goes. */
function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

async function copy(code: string): Promise<void> {
  await navigator.clipboard.writeText(code);
  message.value = "The recovery code is copied.";
}

/** What is not said to be saved, the terminal or the editor shows at the end. */
async function save(): Promise<void> {
  await now().client.json("POST", "/api/recovery-saved", { confirmed: true });
  recovery.value = null;
  message.value = "You can leave now.";
}
