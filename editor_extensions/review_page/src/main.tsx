import { render } from "preact";
import { App } from "./app";
import { listenToKeys } from "./keyboard";
import { takePageData } from "./page_data";
import { applyTheme } from "./ui/theme";
import "./ui/theme.css";
import "./ui/ui.css";

const root = document.getElementById("page");
if (root !== null) {
  const data = takePageData();
  applyTheme();
  listenToKeys();
  render(<App data={data} />, root);
}
