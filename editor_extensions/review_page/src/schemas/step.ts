// Generated from schemas/json/step.schema.json by `npm run schemas`.

export type Step =
  | TaskStep
  | NoteStep
  | EnvironmentStep
  | OpenStep
  | CloseStep
  | SaveStep
  | CreateStep
  | RenameStep
  | DeleteStep
  | ViewStep
  | SelectStep
  | FocusStep
  | SearchStep
  | DiagnosticsStep
  | AssistStep
  | AgentStep
  | CommandStep
  | TestsStep
  | GitStep
  | FilesStep
  | CheckpointStep
  | ResyncStep
  | GapStep
  | EditStep;
/**
 * What a step's time is the time of.
 */
export type TimeKind = "event" | "received" | "seen_late";
/**
 * Who or what caused a change.
 */
export type ActorClass =
  | "typed"
  | "pasted"
  | "command"
  | "completion"
  | "undo"
  | "redo"
  | "formatter"
  | "assistant"
  | "git"
  | "external"
  | "preexisting"
  | "unknown";
/**
 * How the actor class is known.
 */
export type Basis = "observed" | "inferred" | "none";
/**
 * Why nothing was recorded for a while, or why something is not here.
 */
export type GapReason =
  | "paused"
  | "away"
  | "idle"
  | "private"
  | "crashed"
  | "dropped"
  | "redacted"
  | "cut"
  | "too_large"
  | "forgotten"
  | "withheld"
  | "suspended";

/**
 * What the developer set out to do.
 */
export interface TaskStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "task";
  text: string;
  origin?: "person" | "issue" | "agent_prompt" | "branch" | "commit";
  stated?: "before_first_edit" | "during" | "review";
  outcome?: ("solved" | "partly" | "abandoned") | null;
  outcome_by?: ("person" | "tests" | "agent") | null;
}
/**
 * Who caused a change, and how that is known.
 */
export interface Actor {
  class?: ActorClass;
  basis?: Basis;
  evidence?: string[];
}
/**
 * The developer's words at one moment.
 */
export interface NoteStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "note";
  text: string;
  stated?: "live" | "review";
}
/**
 * The tools in use, at the start and whenever they change.
 */
export interface EnvironmentStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "environment";
  os?: string | null;
  arch?: string | null;
  interpreters?: {
    [k: string]: string;
  };
  distributions?: {
    [k: string]: string;
  };
  installed?: {
    [k: string]: string;
  };
  installed_unnamed?: number | null;
  lock_files?: {
    [k: string]: string;
  };
  tools?: {
    [k: string]: string;
  };
  container_digest?: string | null;
  variables?: string[];
}
/**
 * A document came into an editor, or its text was anchored again.
 */
export interface OpenStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "open";
  reason?: "open" | "anchor";
  language?: string | null;
  encoding?: string | null;
  bom?: boolean | null;
  eol?: ("lf" | "crlf" | "cr" | "mixed" | "none") | null;
  indent?: string | null;
  final_newline?: boolean | null;
  size_bytes?: number | null;
  text_sha256?: string | null;
  blob?: number | null;
  while_paused?: boolean;
  form?: DiskForm | null;
}
/**
 * How a text lies on disk, where its bytes are not just the text as UTF-8.
 *
 * Applied in the order of the fields; `encode_form` of `signoff_collector.episode` does it.
 */
export interface DiskForm {
  last_line?: "kept" | "without" | "with";
  eol?: "kept" | "crlf";
  encoding?: "utf-8" | "latin-1" | "utf-16-le" | "utf-16-be";
  bom?: boolean;
}
/**
 * A document left the editor; without a save its buffer is dropped.
 */
export interface CloseStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "close";
  reason?: ("ended" | "lost") | null;
}
/**
 * A buffer was written to disk.
 */
export interface SaveStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "save";
  disk_sha256?: string | "withheld" | null;
  text_sha256?: string | null;
  size_bytes?: number | null;
  matched?: boolean | null;
  form?: DiskForm | null;
}
/**
 * A file came into being.
 */
export interface CreateStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "create";
  disk_sha256?: string | "withheld" | null;
  size_bytes?: number | null;
  mode?: string | null;
  blob?: number | null;
}
/**
 * A file got another name.
 */
export interface RenameStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "rename";
  old_path: string;
  disk_sha256?: string | "withheld" | null;
  mode?: string | null;
}
/**
 * A file was removed.
 */
export interface DeleteStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "delete";
  disk_sha256?: string | "withheld" | null;
}
/**
 * What was visible.
 */
export interface ViewStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "view";
  visible?: LineSpan[];
  distribution?: string | null;
  module?: string | null;
}
/**
 * Zero-based lines `first` up to and with `last`.
 */
export interface LineSpan {
  first: number;
  last: number;
}
/**
 * Where the cursor and the selections were.
 */
export interface SelectStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "select";
  cursor?: number | null;
  selections?: [unknown, unknown][];
}
/**
 * The focus of the keyboard moved.
 */
export interface FocusStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "focus";
  gained: boolean;
  to?: "editor" | "terminal" | "other";
}
/**
 * The developer searched.
 */
export interface SearchStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "search";
  query: string;
  scope: "file" | "workspace" | "symbol" | "path";
  is_regex?: boolean | null;
  hits?: number | null;
  chosen?: string | null;
}
/**
 * Findings that appeared or went away.
 */
export interface DiagnosticsStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "diagnostics";
  server?: string | null;
  server_version?: string | null;
  version?: number | null;
  appeared?: Diagnostic[];
  cleared?: Diagnostic[];
}
/**
 * One finding of a language server or linter.
 */
export interface Diagnostic {
  code?: string | null;
  severity?: ("error" | "warning" | "information" | "hint") | null;
  range?: Range | null;
  message: string;
  server?: string | null;
}
/**
 * From `start` up to but without `end`.
 */
export interface Range {
  start: Position;
  end: Position;
}
/**
 * Zero-based line and column, both counted in code points.
 */
export interface Position {
  line: number;
  column: number;
}
/**
 * The editor offered something.
 */
export interface AssistStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "assist";
  feature:
    | "completion"
    | "inline_suggestion"
    | "code_action"
    | "rename"
    | "format"
    | "definition"
    | "reference"
    | "hover";
  provider?: string | null;
  model?: string | null;
  trigger?: string | null;
  /**
   * @maxItems 10
   */
  offered?:
    | []
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string]
    | [string, string, string, string, string, string]
    | [string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string, string, string];
  chosen?: string | null;
  inserted?: string | null;
  outcome?: ("accepted" | "partly" | "rejected" | "superseded") | null;
}
/**
 * A programming agent at work.
 */
export interface AgentStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "agent";
  tool: string;
  tool_version?: string | null;
  model?: string | null;
  agent_session?: string | null;
  event: "prompt" | "tool_call" | "tool_result" | "end" | "message";
  call?: number | null;
  tool_name?: string | null;
  line?: string | null;
  failed?: boolean | null;
  text?: string | null;
  paths?: string[];
  state_before?: number | null;
  state_after?: number | null;
  foreign?: string | null;
}
/**
 * A program was run.
 */
export interface CommandStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "command";
  argv?: string[];
  line?: string | null;
  cwd?: string | null;
  shell?: string | null;
  shell_level?: number | null;
  tty?: boolean | null;
  agent_marker?: string | null;
  exit_code?: number | null;
  signal?: number | null;
  duration_ns?: number | null;
  output_bytes?: number | null;
  output_state?: "full" | "head_tail" | "none";
  output?: Output | null;
  run_ids?: string[] | null;
  via?: ("terminal" | "task") | null;
  disk?: DiskFile[];
}
/**
 * What a command printed, cut in the middle when it is long.
 */
export interface Output {
  head?: string;
  tail?: string;
  middle_bytes?: number;
  middle_lines?: number;
}
/**
 * What lay on disk at one path.
 */
export interface DiskFile {
  path: string;
  sha256?: string | "withheld" | null;
  size_bytes?: number | null;
  mode?: string | null;
  blob?: number | null;
  without_content?: boolean | null;
}
/**
 * One run of a test command. Its results are claims of the tested process.
 */
export interface TestsStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "tests";
  run_id: string;
  framework: string;
  framework_version?: string | null;
  argv?: string[];
  selection?: string[];
  collected?: number | null;
  deselected?: number | null;
  not_run?: number | null;
  seed?: string | null;
  workers?: number | null;
  stopped_early?: boolean | null;
  agent_marker?: string | null;
  exit_code?: number | null;
  duration_ns?: number | null;
  state_before?: number | null;
  state_after?: number | null;
  exactness?: "exact" | "raced" | "unknown";
  runnable?: boolean | null;
  unsaved_paths?: string[];
  services?: string[] | null;
  cases?: TestCase[];
  disk?: DiskFile[];
}
/**
 * What one test came to.
 */
export interface TestCase {
  id: string;
  outcome: "passed" | "failed" | "error" | "skipped" | "xfailed" | "xpassed";
  duration_ns?: number | null;
  message?: string | null;
  frame?: Frame | null;
  reruns?: number | null;
}
/**
 * A place in source code.
 */
export interface Frame {
  path: string;
  line: number;
  function?: string | null;
}
/**
 * One operation of git, from its reflog or the watcher.
 */
export interface GitStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "git";
  operation:
    | "commit"
    | "amend"
    | "checkout"
    | "branch"
    | "merge"
    | "rebase"
    | "reset"
    | "revert"
    | "cherry-pick"
    | "stash"
    | "pull"
    | "tag"
    | "restore"
    | "push"
    | "fetch"
    | "other";
  head_before?: string | null;
  head_after?: string | null;
  branch?: string | null;
  parents?: string[];
  index_tree?: string | null;
  merge_base?: string | null;
  message?: string | null;
  dirty?: {
    [k: string]: number;
  };
  disk?: DiskFile[];
}
/**
 * Changes on disk that no open document explains.
 */
export interface FilesStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "files";
  is_base?: boolean | null;
  is_tree?: boolean | null;
  changed?: DiskFile[];
  changed_count?: number;
  withheld_count?: number | null;
  while_paused?: boolean | null;
  resolvable?: boolean | null;
}
/**
 * Replay and disk were compared, and agreed.
 */
export interface CheckpointStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "checkpoint";
  disk?: DiskFile[];
  tree_sha256?: string | "withheld" | null;
}
/**
 * Replay and truth differed; from here the text is this.
 */
export interface ResyncStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "resync";
  reason:
    | "mismatch"
    | "missed_change"
    | "external"
    | "git"
    | "anchor"
    | "invalid_change"
    | "cut"
    | "unknown";
  target: "buffer" | "disk";
  mode?: string | null;
  blob?: number | null;
  disk_sha256?: string | "withheld" | null;
  text_sha256?: string | null;
}
/**
 * Nothing was recorded, and why.
 */
export interface GapStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "gap";
  reason: GapReason;
  duration_ns?: number | null;
  last_input_ns?: number | null;
  count?: number | null;
  basis?: Basis | null;
  over_bytes?: number | null;
}
/**
 * One contiguous replacement; only for showing, files hold columns of them.
 */
export interface EditStep {
  seq: number;
  t_ns: number;
  t_kind?: TimeKind;
  source: string;
  actor?: Actor;
  task?: number | null;
  path?: string | null;
  buffer?: number | null;
  batch_ns?: number | null;
  env?: number | null;
  state?: number | null;
  kind?: "edit";
  n: number;
  start: number;
  deleted: number;
  text: string;
  txn?: number | null;
  version?: number | null;
  cursor?: number | null;
}
