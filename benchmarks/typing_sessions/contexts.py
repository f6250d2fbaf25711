"""Where secrets stand: lines of languages, configurations, prose and bare ones.

Each context has the name of its file's kind and a template of whole lines. `{n}` is the name
of the setting, `{N}` the same as a variable of a shell, `{v}` the secret, `{v!j}` the secret in
a JSON string, `{v!x}` in XML, `{v!u}` percent-encoded, `{v!b}` base64 of `user:secret`, `{v!h}`
as hexadecimal escapes, `{v!c}` its characters one by one, `{v!p}` two strings joined by a plus.
"""

from __future__ import annotations

import base64
import json
import random
import re
import urllib.parse
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from .secret import Secret


@dataclass(frozen=True, slots=True)
class Context:
    """One way in which a secret stands in a file."""

    suffix: str
    template: str
    is_telling: bool
    """Whether a name beside the secret says that it is one."""

    def lines(self, secret: Secret, source: random.Random) -> str:
        """Return whole lines that hold the secret."""
        name = source.choice(secret.names)
        shell = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
        made = _FIELD.sub(lambda match: _spelled(match[1], name, shell, secret.text), self.template)
        return made + "\n"


_TELLING: Final = r"""
py {n} = "{v}"
py {n} = '{v}'
py {n}: str = "{v}"
py client = Client({n}="{v}", timeout=30)
py config = {"{n}": "{v}", "debug": False}
py os.environ["{N}"] = "{v}"
py os.environ.setdefault('{N}', '{v}')
py {n} = os.getenv("{N}", "{v}")
py {n} = f"{v}"
py headers = {"Authorization": "Bearer {v}"}
py headers = {"Authorization": f"Basic {v!b}"}
py session.headers.update({"X-Api-Key": "{v}"})
py @pytest.fixture\ndef {n}():\n    return "{v}"
py {n} = (\n    "{v}"\n)
py monkeypatch.setenv("{N}", "{v}")
py {n} = {v!p}
py if {n} == "{v}":\n    pass
py {n} = b"{v}"
py parser.add_argument("--{n}", default="{v}")
js const {n} = "{v}";
js const {n} = `{v}`;
js export default { {n}: '{v}' };
js process.env.{N} = '{v}';
js axios.defaults.headers.common['Authorization'] = 'Bearer {v}';
ts private readonly {n}: string = "{v}";
ts this.{n} = "{v}";
java private static final String {N} = "{v}";
java props.setProperty("{n}", "{v}");
go const {n} = "{v}"
go {n} := "{v}"
go os.Setenv("{N}", "{v}")
rs let {n} = "{v}";
rs const {N}: &str = "{v}";
cs public string {n} { get; set; } = "{v}";
cs builder.Configuration["{n}"] = "{v}";
php define('{N}', '{v}');
php $config['{n}'] = '{v}';
php '{n}' => '{v}',
rb config.{n} = "{v}"
rb ENV["{N}"] ||= "{v}"
c #define {N} "{v}"
c static const char *{n} = "{v}";
kt val {n} = "{v}"
swift let {n} = "{v}"
lua local {n} = "{v}"
yaml {n}: {v}
yaml {n}: "{v}"
yaml   - name: {N}\n    value: "{v}"
yaml {n}: |\n  {v}
yaml {n}: >-\n  {v}
yaml env:\n  {N}: {v}
toml {n} = "{v}"
ini {n} = {v}
ini {n}={v}
properties app.{n}={v}
json   "{n}": "{v!j}",
json {"auth": {"{n}": "{v!j}"}}
env {N}={v}
env export {N}="{v}"
env {N}='{v}'
sh export {N}={v}
sh {N}={v} ./deploy.sh
sh curl -H "Authorization: Bearer {v}" https://api.example.org/v1
sh curl -u "admin:{v}" https://api.example.org
sh mysql -u root -p{v} shop
sh ./deploy --{n} {v} --region eu
sh ./deploy --{n}={v}
sh echo "{v}" | docker login --username ci --password-stdin
sh sshpass -p '{v}' ssh host
sh cat > .env <<EOF\n{N}={v}\nEOF
sh git clone https://oauth2:{v!u}@git.example.org/a.git
fish set -gx {N} "{v}"
ps1 $env:{N} = "{v}"
bat set {N}={v}
dockerfile ENV {N}={v}
dockerfile ENV {N} {v}
dockerfile ARG {N}="{v}"
tf   {n} = "{v}"
tf variable "{n}" {\n  default = "{v}"\n}
makefile {N} := {v}
xml <add key="{n}" value="{v!x}" />
xml <{n}>{v!x}</{n}>
xml <property name="{n}" value="{v!x}"/>
http Authorization: Bearer {v}
http X-Api-Key: {v}
http POST https://api.example.org/login?{n}={v!u}
http @{n} = {v}
sql CREATE USER app WITH PASSWORD '{v}';
sql ALTER ROLE app IDENTIFIED BY '{v}';
sql INSERT INTO settings (name, value) VALUES ('{n}', '{v}');
sql UPDATE users SET {n} = '{v}' WHERE id = 7;
md The {n} is `{v}`.
md {n}: {v}
md | {n} | `{v}` | production |
md ```\nexport {N}={v}\n```
md 1. Set **{n}** to {v}
md Use password {v} to log in.
txt login: admin / password: {v}
txt # {n}: {v}
py # {n} = {v}
py # old {n}: {v}
js // {n} is {v}
js /* {n}: "{v}" */
html <input type="hidden" name="{n}" value="{v!x}">
html <meta name="{n}" content="{v!x}">
netrc machine api.example.org login me password {v}
npmrc //registry.example.org/:_authToken={v}
pgpass db.example.org:5432:*:app:{v}
py {n} = "{v!h}"
py auth = ("admin", "{v}")
py {n}=["{v}",]
py login(username="admin",\tpassword="{v}")
gradle {n} '{v}'
graphql mutation { login({n}: "{v!j}") { ok } }
log 2026-11-22 10:00:01 DEBUG using {n}={v}
csv name,{n}\nadmin,{v}
"""
_BARE: Final = r"""
py x = "{v}"
py # {v}
py call({v!q})
py VALUES = ["a", {v!q}, "b"]
py assert result == "{v}"
py print(f"got {v}")
txt {v}
txt   {v}  
js foo("{v}")
js // TODO {v}
json   "{v!j}",
md {v}
md see `{v}` here
sh echo {v}
csv 1,{v},ok
yaml - {v}
sql SELECT '{v}';
rs println!("{v}");
txt 💡{v}💡
txt é{v}é
txt ({v})
txt <{v}>
txt a={v}&b=1
"""
_FIELD: Final = re.compile(r"\{(n|N|v(?:![a-z])?)\}")


def _contexts(table: str, *, is_telling: bool) -> tuple[Context, ...]:
    found: list[Context] = []
    for line in table.strip("\n").split("\n"):
        suffix, template = line.split(" ", 1)
        template = template.replace("\\n", "\n").replace("\\t", "\t")
        found.append(Context(suffix, template, is_telling))
    return tuple(found)


TELLING: Final = _contexts(_TELLING, is_telling=True)
BARE: Final = _contexts(_BARE, is_telling=False)


def _spelled(field: str, name: str, shell: str, value: str) -> str:
    match field:
        case "n":
            return name
        case "N":
            return shell
        case "v":
            return value
        case "v!j":
            return json.dumps(value)[1:-1]
        case "v!x":
            return escape(value, {'"': "&quot;"})
        case "v!u":
            return urllib.parse.quote(value, safe="")
        case "v!b":
            return base64.b64encode(f"user:{value}".encode()).decode()
        case "v!h":
            return "".join(f"\\x{ord(char):02x}" for char in value)
        case "v!p":
            half = len(value) // 2
            return f'"{value[:half]}" + "{value[half:]}"'
        case "v!q":
            return repr(value)
        case _:
            raise ValueError(field)
