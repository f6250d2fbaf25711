// Takes the code out of the address, where `signoff uses --open` put it behind the #, and into the
// field. Nothing is sent before the button is pressed: whoever follows a link does not become
// somebody else by it.
"use strict";
const field = document.getElementById("code");
const said = location.hash.slice(1);
if (field && /^[A-Za-z0-9_-]{43}$/.test(said)) {
  history.replaceState(null, "", location.pathname);
  field.value = said;
  document.getElementById("open").focus();
}
