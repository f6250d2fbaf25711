/** A language for a file, by its name. A script of its own: run when the first text is shown, since
 *  the tables of all grammars take longer to unpack than a text to be drawn. */
import { cpp } from "@codemirror/lang-cpp";
import { css } from "@codemirror/lang-css";
import { go } from "@codemirror/lang-go";
import { html } from "@codemirror/lang-html";
import { java } from "@codemirror/lang-java";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { markdown } from "@codemirror/lang-markdown";
import { python } from "@codemirror/lang-python";
import { rust } from "@codemirror/lang-rust";
import { sql } from "@codemirror/lang-sql";
import { yaml } from "@codemirror/lang-yaml";
import { StreamLanguage, type StreamParser } from "@codemirror/language";
import { csharp, kotlin, scala } from "@codemirror/legacy-modes/mode/clike";
import { clojure } from "@codemirror/legacy-modes/mode/clojure";
import { cmake } from "@codemirror/legacy-modes/mode/cmake";
import { diff } from "@codemirror/legacy-modes/mode/diff";
import { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
import { haskell } from "@codemirror/legacy-modes/mode/haskell";
import { julia } from "@codemirror/legacy-modes/mode/julia";
import { lua } from "@codemirror/legacy-modes/mode/lua";
import { oCaml } from "@codemirror/legacy-modes/mode/mllike";
import { perl } from "@codemirror/legacy-modes/mode/perl";
import { properties } from "@codemirror/legacy-modes/mode/properties";
import { r } from "@codemirror/legacy-modes/mode/r";
import { ruby } from "@codemirror/legacy-modes/mode/ruby";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { swift } from "@codemirror/legacy-modes/mode/swift";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { commonLisp } from "@codemirror/legacy-modes/mode/commonlisp";
import type { Extension } from "@codemirror/state";

const legacy =
  <T>(mode: StreamParser<T>) =>
  (): Extension =>
    StreamLanguage.define(mode);

const BY_ENDING: Readonly<Record<string, () => Extension>> = {
  py: python,
  pyi: python,
  js: javascript,
  mjs: javascript,
  cjs: javascript,
  jsx: () => javascript({ jsx: true }),
  ts: () => javascript({ typescript: true }),
  mts: () => javascript({ typescript: true }),
  tsx: () => javascript({ typescript: true, jsx: true }),
  json: json,
  ipynb: json,
  md: markdown,
  html: html,
  htm: html,
  svelte: html,
  vue: html,
  css: css,
  scss: css,
  c: cpp,
  h: cpp,
  cc: cpp,
  cpp: cpp,
  hpp: cpp,
  rs: rust,
  go: go,
  java: java,
  sql: sql,
  yml: yaml,
  yaml: yaml,
  cs: legacy(csharp),
  kt: legacy(kotlin),
  scala: legacy(scala),
  clj: legacy(clojure),
  cmake: legacy(cmake),
  diff: legacy(diff),
  patch: legacy(diff),
  hs: legacy(haskell),
  jl: legacy(julia),
  lua: legacy(lua),
  ml: legacy(oCaml),
  pl: legacy(perl),
  ini: legacy(properties),
  cfg: legacy(properties),
  r: legacy(r),
  rb: legacy(ruby),
  sh: legacy(shell),
  bash: legacy(shell),
  zsh: legacy(shell),
  swift: legacy(swift),
  toml: legacy(toml),
  el: legacy(commonLisp),
  lisp: legacy(commonLisp),
};
const BY_NAME: Readonly<Record<string, () => Extension>> = {
  dockerfile: legacy(dockerFile),
  "cmakelists.txt": legacy(cmake),
  makefile: legacy(shell),
};

/** What colours a file's words; nothing for names that say nothing. */
export function languageOf(path: string): Extension {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const ending = name.slice(name.lastIndexOf(".") + 1);
  const own = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  const found = own ?? (Object.hasOwn(BY_ENDING, ending) ? BY_ENDING[ending] : undefined);
  return found?.() ?? [];
}
