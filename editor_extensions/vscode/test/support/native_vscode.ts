/** Lets the language client, which Node loads by itself, see the same stand-in for `vscode`. */
import Module from "node:module";

import * as standIn from "./vscode";

type Load = (request: string, ...rest: unknown[]) => unknown;
const loader = Module as unknown as { _load: Load };
const load = loader._load;

loader._load = (request, ...rest) =>
  request === "vscode" ? standIn : load.call(Module, request, ...rest);
