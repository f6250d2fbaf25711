import { render } from "preact";
import { App } from "./app";
import { keepFocus } from "./focus";
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
  keepFocus();
  render(<App started={started} />, root);
}
