import { render } from "preact";
import { App } from "./app";
import { listenToKeys } from "./keyboard";
import { takeStarted } from "./started";
import { applyTheme } from "./ui/theme";
import "./ui/theme.css";
import "./ui/ui.css";
import "./ui/narrow.css";

const root = document.getElementById("page");
if (root !== null) {
  const started = takeStarted();
  applyTheme();
  listenToKeys();
  render(<App started={started} />, root);
}
