/** The shell: the bar with its screens, what is told, and the screen that is open. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { useLayoutEffect, useMemo } from "preact/hooks";
import { linear } from "./episode/linear";
import { helpOf, useKeys } from "./keyboard";
import { bytesOfBase64 } from "./episode/base64";
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
    await showEpisode(started.opening ?? bytesOfBase64(data.episode), "replay", data.title);
    screens.value = playerScreens;
    go("timeline", data.at_seq === null ? {} : { seq: data.at_seq });
  } else {
    const review = await startReview(data, started);
    screens.value = [...review, ...playerScreens];
    go(review[0]?.id ?? "timeline");
  }
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
      <Bar title={started.data.title} />
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

function Bar({ title }: { title: string }): JSX.Element {
  const all = screens.value;
  const firstOfPlayer = all.findIndex((one) => one.part === "player");
  // What the player shows is no word about the review's own screens.
  const isPlayer = all.find((one) => one.id === screen.value)?.part === "player";
  const label = (isPlayer ? shown.value?.label : null) ?? title;
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
      <span class="grow cut-short muted" title={linear(label)} data-shown>
        <Recorded text={label} mono={false} />
      </span>
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
