/** The files of the base commit as a choice of its own: what goes along, what does not, and why.
 * Nothing of it is worked out before the person asks for it: that may take as long as sealing. */
import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { Path } from "../ui/parts";
import {
  carriedWords,
  chosenWith,
  GROUP_WORDS,
  groupsOf,
  isChoosable,
  matching,
  MOST_SHOWN,
  type FilesOfGroup,
} from "./base_tree_words";
import type { BaseTree, TreeFile } from "./contract";
import { fetchedFor } from "./fetched";
import { Heard } from "./heard";
import { SampleText } from "./sample_text";
import { change } from "./state";
import { count, size } from "./words";

const trees = fetchedFor<BaseTree>((place) => `/api/keeps/${place}/base-tree`);
const isOpen = signal(false);
const sought = signal("");

export function BaseTreeChoice(): JSX.Element {
  return (
    <div class="column" data-base-tree>
      <p class="row">
        <strong class="grow">Share the files of the base commit too</strong>
        <button
          type="button"
          aria-expanded={isOpen.value}
          onClick={() => (isOpen.value = !isOpen.value)}
        >
          {isOpen.value ? "Close the list" : "Show which files would be shared"}
        </button>
      </p>
      <p class="small muted">
        Otherwise only files that you opened or changed are shared. With them a task can be built
        and run again.
      </p>
      {isOpen.value && <Tree />}
    </div>
  );
}

function Tree(): JSX.Element {
  const tree = trees.use();
  if (tree === null) {
    return (
      <p role="status">
        Checking the files of the base commit. It may take as long as sealing did…
      </p>
    );
  }
  if (!tree.possible || tree.list_sha256 === null) {
    return (
      <p>
        It cannot be shared: {tree.why_not}. <span class="muted">{tree.hint}</span>
      </p>
    );
  }
  return <Chosen tree={tree} list={tree.list_sha256} />;
}

function Chosen({ tree, list }: { tree: BaseTree; list: string }): JSX.Element {
  return (
    <>
      {tree.claim_text !== null && <p class="notice warn">{tree.claim_text}</p>}
      <p data-carried>{carriedWords(tree)}</p>
      <label class="row">
        <input
          type="checkbox"
          checked={tree.is_chosen}
          onChange={(event) => {
            const isOn = event.currentTarget.checked;
            void change(
              (plan) => ({
                ...plan,
                with_base: isOn ? chosenWith(plan.with_base, list) : null,
              }),
              isOn ? "The files of the base commit are included." : "They are not included.",
            );
          }}
        />
        Share these files of commit <code>{tree.commit}</code>
      </label>
      <Search />
      {groupsOf(tree.files).map((group) => (
        <Group key={group.name} tree={tree} list={list} group={group} />
      ))}
    </>
  );
}

function Search(): JSX.Element {
  return (
    <label class="row">
      Files named
      <input
        type="text"
        class="grow"
        autocomplete="off"
        spellcheck={false}
        placeholder="all"
        value={sought.value}
        onInput={(event) => (sought.value = event.currentTarget.value)}
      />
    </label>
  );
}

function Group(props: { tree: BaseTree; list: string; group: FilesOfGroup }): JSX.Element | null {
  const { tree, group } = props;
  const files = matching(group.files, sought.value);
  if (files.length === 0) return null;
  const choosable = files.filter(isChoosable);
  const set = (some: readonly TreeFile[], isOn: boolean): void => {
    void change(
      (plan) => ({ ...plan, with_base: chosenWith(plan.with_base, props.list, some, isOn) }),
      isOn ? "It is included." : "It is not included.",
    );
  };
  return (
    <fieldset class="rv-boxes" data-tree-group={group.name}>
      <legend>
        {GROUP_WORDS[group.name]}: {count(files.length, "file")}
      </legend>
      {tree.is_chosen && choosable.length > 1 && (
        <div class="row">
          <button
            type="button"
            class="quiet"
            onClick={() => {
              set(choosable, true);
            }}
          >
            All of them <Heard text={GROUP_WORDS[group.name]} />
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              set(choosable, false);
            }}
          >
            None <Heard text={GROUP_WORDS[group.name]} />
          </button>
        </div>
      )}
      <div class="rv-many">
        {files.slice(0, MOST_SHOWN).map((file) => (
          <File key={file.path} file={file} isChosen={tree.is_chosen} set={set} />
        ))}
      </div>
      {files.length > MOST_SHOWN && (
        <p class="small muted">
          and {count(files.length - MOST_SHOWN, "more file")}: type a part of its name above
        </p>
      )}
    </fieldset>
  );
}

function File(props: {
  file: TreeFile;
  isChosen: boolean;
  set: (files: readonly TreeFile[], isOn: boolean) => void;
}): JSX.Element {
  const { file } = props;
  const said = [
    ...(file.size_bytes === null ? [] : [size(file.size_bytes)]),
    ...(file.licence === null ? [] : [file.licence]),
    ...(file.state === "asked" && file.line !== null
      ? [`line ${file.line}: ${file.why ?? ""}`]
      : []),
  ];
  if (!isChoosable(file)) {
    return (
      <p class="row">
        <span class="pill">left out</span>
        <span class="grow cut-short">
          <Path path={file.path} />
        </span>
        <span class="small muted">
          {file.line !== null && `line ${file.line}: `}
          {file.why}
        </span>
      </p>
    );
  }
  return (
    <>
      <label class="row">
        <input
          type="checkbox"
          disabled={!props.isChosen}
          checked={file.state === "carried"}
          onChange={(event) => {
            props.set([file], event.currentTarget.checked);
          }}
        />
        <span class="grow cut-short">
          <Path path={file.path} />
        </span>
        {file.state === "asked" && <span class="pill warn">look at it</span>}
        <span class="small muted">{said.join(", ")}</span>
      </label>
      {file.state === "asked" &&
        file.samples.map((sample, n) => <SampleText key={n} sample={sample} />)}
    </>
  );
}
