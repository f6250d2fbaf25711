// An organisation's sign-in on the loopback: a certified OpenID provider with three people.
// node provider.mjs TOOLS PORT BACK: the folder with node_modules, where to listen, and where a
// browser comes back to. Writes one line when it listens.
import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";

const [tools, port, back, secret] = process.argv.slice(2);
const { default: Provider } = await import(
  pathToFileURL(`${tools}/node_modules/oidc-provider/lib/index.js`).href
);
const groups = { ada: ["developers"], grace: ["audit", "developers"], eve: [] };
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "signoff-hub", client_secret: secret, redirect_uris: [back] }],
  claims: { openid: ["sub", "groups"] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, groups: groups[id] ?? [] }),
  }),
  pkce: { required: () => true },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listens"));
