/** The shell: the bar with its screens, what is told, and the screen that is open. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useLayoutEffect, useMemo } from "preact/hooks";
import { linear } from "./episode/linear";
import { helpOf, useKeys } from "./keyboard";
import { bytesOfBase64 } from "./episode/base64";
import { origin, originOf } from "./origin";
import { playerScreens } from "./player/screens";
import { startReview } from "./review/screens";
import { NUMBERED, type Screen } from "./screens";
import type { Started } from "./started";
import {
  attempt,
  go,
  message,
  reviewActions,
  screen,
  setStoryteller,
  showEpisode,
  shown,
  trouble,
  troublePlace,
} from "./session";
import { GoTo, isMomentAsked } from "./player/go_to";
import { Dialog, KeyList, Recorded } from "./ui/parts";
import { setTheme, theme } from "./ui/theme";

const screens = signal<readonly Screen[]>([]);
const areKeysShown = signal(false);

/** Open what the page was made for. */
async function begin(started: Started): Promise<void> {
  const { data } = started;
  if (data.mode === "replay") {
    setStoryteller(() => Promise.resolve(data.storyline));
    await showEpisode(started.opening ?? bytesOfBase64(data.episode), "replay", "");
    nameOrigin(null);
    screens.value = playerScreens;
    go("timeline", data.at_seq === null ? {} : { seq: data.at_seq });
  } else {
    const review = await startReview(data, started);
    nameOrigin(data.project);
    screens.value = [...review, ...playerScreens];
    go(review[0]?.id ?? "timeline");
  }
}

/** Say from now on which recording this is. A browser keeps titles: the folder's name is in none. */
function nameOrigin(folder: string | null): void {
  const header = shown.value?.episode.summary.header ?? {};
  origin.value = originOf(header, folder);
  const { project, when } = originOf(header, null);
  document.title = `${project} · ${when} – Signoff`;
}

export function App({ started }: { started: Started }): JSX.Element {
  useLayoutEffect(() => {
    void attempt(() => begin(started));
  }, [started]);
  const actions = useMemo(
    () => ({
      "?": () => (areKeysShown.value = true),
      Escape: () => (trouble.value = ""),
      ...Object.fromEntries(
        NUMBERED.map((id, place) => [
          String(place + 1),
          () => {
            if (screens.value.some((one) => one.id === id)) go(id);
          },
        ]),
      ),
    }),
    [],
  );
  useKeys(actions);
  const open = screens.value.find((one) => one.id === screen.value);
  const View = open?.view;
  return (
    <div class="app">
      <Bar open={open} />
      <div class="troubles">
        <Troubles />
      </div>
      <main class="screen" id="screen" aria-label={open?.title ?? "Opening"}>
        {View === undefined ? <div class="waiting">Opening…</div> : <View key={open?.id} />}
      </main>
      <div class="only-heard" role="status" aria-live="polite">
        {message}
      </div>
      {areKeysShown.value && <Keys screen={open} />}
      {isMomentAsked.value && <GoTo />}
    </div>
  );
}

function Bar({ open }: { open: Screen | undefined }): JSX.Element {
  const all = screens.value;
  const firstOfPlayer = all.findIndex((one) => one.part === "player");
  return (
    <header class="bar">
      <span class="brand">Signoff</span>
      <nav aria-label="Screens">
        {all.map((one, place) => (
          <>
            {place === firstOfPlayer && place > 0 && <span class="parting" />}
            <button
              key={one.id}
              type="button"
              aria-current={screen.value === one.id ? "page" : undefined}
              aria-keyshortcuts={numberOf(one.id)}
              title={`${one.title} (${numberOf(one.id)})`}
              onClick={() => {
                go(one.id);
              }}
            >
              {one.title}
              {one.badge !== undefined && one.badge.value !== "" && (
                <>
                  {" "}
                  <span class="pill accent">{one.badge}</span>
                </>
              )}
            </button>
          </>
        ))}
      </nav>
      <About open={open} />
      <button
        type="button"
        class="quiet"
        onClick={() => {
          setTheme(theme.value === "dark" ? "light" : "dark");
        }}
      >
        {theme.value === "dark" ? "Light" : "Dark"}
      </button>
      <button type="button" class="quiet" onClick={() => (areKeysShown.value = true)}>
        Keys <kbd>?</kbd>
      </button>
    </header>
  );
}

/** Which recording it is and when it was made; in the player, which state of it is shown. */
function About({ open }: { open: Screen | undefined }): JSX.Element {
  const { project, when } = origin.value ?? { project: "", when: "" };
  const label = open?.part === "player" ? (shown.value?.label ?? "") : "";
  return (
    <div class="about">
      <div class="origin" data-origin title={`${project} · ${when}`}>
        <bdi class="cut-short" dir="ltr">
          {project}
        </bdi>
        <span class="muted when">{when}</span>
      </div>
      {label !== "" && (
        <div class="small muted cut-short" title={linear(label)} data-shown>
          <Recorded text={label} mono={false} />
        </div>
      )}
    </div>
  );
}

function Troubles(): JSX.Element {
  const faults = shown.value?.episode.summary.faults ?? [];
  return (
    <>
      {trouble.value !== "" && (
        <div class="trouble" role="alert">
          <span class="grow">
            <Recorded text={trouble.value} mono={false} />
          </span>
          {troublePlace.value !== null && (
            <button type="button" onClick={troublePlace.value}>
              Show the place
            </button>
          )}
          <button type="button" onClick={() => (trouble.value = "")}>
            Dismiss
          </button>
        </div>
      )}
      {faults.length > 0 && (
        <div class="trouble" role="alert">
          <span class="grow">
            This file is damaged; what can still be read is shown.{" "}
            <Recorded text={faults[0] ?? ""} />
            {faults.length > 1 && ` … and ${faults.length - 1} more`}
          </span>
        </div>
      )}
    </>
  );
}

/** The key that opens a screen. */
function numberOf(id: string): string {
  return String(NUMBERED.findIndex((one) => one === id) + 1);
}

function Keys(props: { screen: Screen | undefined }): JSX.Element {
  const close = (): void => {
    areKeysShown.value = false;
  };
  return (
    <Dialog label="Keys" onClose={close}>
      <div class="column">
        <h1>Keys</h1>
        <div class="keys-there" role="region" aria-label="The keys" tabIndex={0}>
          <KeyList keys={helpOf(props.screen?.id ?? "", reviewActions.value !== null)} />
        </div>
        <div>
          <button type="button" onClick={close}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}
