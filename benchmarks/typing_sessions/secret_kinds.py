"""Kinds of secrets and personal keys by their public shapes, written from general knowledge.

They are on purpose not those of `signoff_collector.redaction`: what finds secrets must not be
measured with its own rules.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from .secret import Secret, fill


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secret."""

    name: str
    family: str
    template: str
    names: tuple[str, ...]
    is_issued: bool
    """Whether its shape alone tells what it is; else only a name beside it does."""

    def make(self, source: random.Random) -> Secret:
        """Return a secret of this kind."""
        text, parts = fill(self.template, source)
        return Secret(
            text, parts, self.name, self.family, self.names, self.is_issued, is_block="\n" in text
        )


_ISSUED: Final = """
cloud aws_access_key_id AKIA{2:16} AWS_ACCESS_KEY_ID
cloud aws_temporary_id ASIA{2:16} aws_access_key_id
cloud google_api AIza{u:35} GOOGLE_API_KEY,maps_key
cloud google_client GOCSPX-{u:28} client_secret
cloud google_refresh 1//0{u:60-98} refresh_token
cloud google_access ya29.{u:80-160} access_token
cloud digitalocean dop_v1_{h:64} DO_TOKEN
cloud digitalocean_refresh dor_v1_{h:64} DO_REFRESH
cloud alibaba LTAI{m:20} ALIYUN_ACCESS_KEY
cloud tencent AKID{m:32} TENCENT_SECRET_ID
cloud azure_client {m:3}8Q~{m:34} AZURE_CLIENT_SECRET
cloud azure_devops {m:76}AZDO{m:4} AZURE_PAT
cloud heroku HRKU-{u:60} HEROKU_API_KEY
cloud netlify nfp_{m:36} NETLIFY_AUTH_TOKEN
cloud fly fm2_{b:80-120} FLY_API_TOKEN
cloud render rnd_{m:28} RENDER_API_KEY
cloud supabase sbp_{h:40} SUPABASE_ACCESS_TOKEN
cloud supabase_secret sb_secret_{u:31} SUPABASE_KEY
cloud planetscale pscale_tkn_{u:43} PSCALE_TOKEN
cloud planetscale_password pscale_pw_{u:43} DB_PASS
cloud neon npg_{m:12} PGPASSWORD
cloud doppler dp.pt.{m:43} DOPPLER_TOKEN
cloud vault hvs.{u:90} VAULT_TOKEN
cloud terraform {m:14}.atlasv1.{u:67} TFE_TOKEN
cloud pulumi pul-{h:40} PULUMI_ACCESS_TOKEN
cloud cloudflare_origin v1.0-{h:24}-{h:146} CF_ORIGIN_CA
cloud databricks dapi{h:32} DATABRICKS_TOKEN
code github_classic ghp_{m:36} GITHUB_TOKEN
code github_oauth gho_{m:36} GH_TOKEN
code github_server ghs_{m:36} token
code github_fine github_pat_{m:22}_{m:59} GITHUB_PAT
code github_refresh ghr_{m:76} refresh
code gitlab glpat-{u:20} GITLAB_TOKEN
code gitlab_runner glrt-{u:20} RUNNER_TOKEN
code gitlab_deploy gldt-{u:20} DEPLOY_TOKEN
code gitlab_trigger glptt-{h:40} TRIGGER
code bitbucket ATBB{m:32} BITBUCKET_APP_PASSWORD
code atlassian ATATT3xFfGF0{u:180} JIRA_API_TOKEN
package npm npm_{m:36} NPM_TOKEN
package pypi pypi-AgEIcHlwaS5vcmc{u:150} TWINE_PASSWORD
package rubygems rubygems_{h:48} GEM_HOST_API_KEY
package nuget oy2{a:43} NUGET_API_KEY
package docker dckr_pat_{u:27} DOCKER_TOKEN
package artifactory AKCp{m:69} ARTIFACTORY_API_KEY
package clojars CLOJARS_{h:60} CLOJARS_PASSWORD
package crates cio{m:32} CARGO_REGISTRY_TOKEN
ci circleci CCIPAT_{m:22}_{h:40} CIRCLE_TOKEN
ci buildkite bkua_{h:40} BUILDKITE_TOKEN
ci sonar squ_{h:40} SONAR_TOKEN
chat slack_bot xoxb-{d:12}-{d:12}-{m:24} SLACK_BOT_TOKEN
chat slack_user xoxp-{d:12}-{d:12}-{d:12}-{h:32} SLACK_TOKEN
chat slack_app xapp-1-A{A:10}-{d:13}-{h:64} SLACK_APP_TOKEN
chat slack_webhook https://hooks.slack.com/services/T{A:10}/B{A:10}/{m:24} SLACK_WEBHOOK_URL
chat discord_bot M{m:23}.{u:6}.{u:38} DISCORD_TOKEN
chat discord_webhook https://discord.com/api/webhooks/{d:18}/{u:68} DISCORD_HOOK
chat telegram {d:10}:AA{u:33} TELEGRAM_BOT_TOKEN
chat twilio_key SK{h:32} TWILIO_API_KEY
chat matrix syt_{m:12}_{L:20}_{m:6} MATRIX_TOKEN
mail sendgrid SG.{u:22}.{u:43} SENDGRID_API_KEY
mail mailgun key-{h:32} MAILGUN_KEY
mail mailchimp {h:32}-us{d:2} MAILCHIMP_API_KEY
mail brevo xkeysib-{h:64}-{m:16} BREVO_KEY
mail resend re_{m:8}_{m:24} RESEND_API_KEY
pay stripe sk_live_{m:24} STRIPE_SECRET_KEY
pay stripe_long sk_live_51{m:97} STRIPE_API_KEY
pay stripe_restricted rk_live_{m:24} STRIPE_RK
pay stripe_webhook whsec_{m:32} WEBHOOK_SECRET
pay square sq0atp-{u:22} SQUARE_TOKEN
pay square_secret sq0csp-{u:43} SQUARE_SECRET
pay square_access EAAA{u:60} SQUARE_ACCESS_TOKEN
pay paypal access_token$production${a:16}${h:32} PAYPAL_TOKEN
pay shopify shpat_{h:32} SHOPIFY_TOKEN
pay shopify_shared shpss_{h:32} SHOPIFY_SECRET
pay razorpay rzp_live_{m:14} RAZORPAY_KEY
pay paddle pdl_live_apikey_{a:26}_{m:22}_{m:3} PADDLE_API_KEY
ai openai sk-{m:20}T3BlbkFJ{m:20} OPENAI_API_KEY
ai openai_project sk-proj-{u:74}T3BlbkFJ{u:74} OPENAI_API_KEY
ai anthropic sk-ant-api03-{u:93}AA ANTHROPIC_API_KEY
ai huggingface hf_{L:34} HF_TOKEN
ai replicate r8_{m:37} REPLICATE_API_TOKEN
ai groq gsk_{m:52} GROQ_API_KEY
ai xai xai-{m:80} XAI_API_KEY
ai perplexity pplx-{m:48} PPLX_KEY
ai openrouter sk-or-v1-{h:64} OPENROUTER_KEY
ai langsmith lsv2_pt_{h:32}_{h:10} LANGCHAIN_API_KEY
ai pinecone pcsk_{m:6}_{m:60} PINECONE_API_KEY
watch newrelic NRAK-{A:27} NEW_RELIC_API_KEY
watch sentry sntryu_{h:64} SENTRY_AUTH_TOKEN
watch grafana glsa_{m:32}_{h:8} GRAFANA_TOKEN
watch posthog phx_{m:43} POSTHOG_KEY
watch launchdarkly sdk-{uuid} LD_SDK_KEY
watch statsig secret-{m:45} STATSIG_SECRET
office notion ntn_{d:11}{m:35} NOTION_TOKEN
office notion_old secret_{m:43} NOTION_API_KEY
office airtable pat{m:14}.{h:64} AIRTABLE_TOKEN
office linear lin_api_{m:40} LINEAR_API_KEY
office figma figd_{u:43} FIGMA_TOKEN
office dropbox sl.{u:130} DROPBOX_TOKEN
office postman PMAK-{h:24}-{h:34} POSTMAN_KEY
net tailscale tskey-auth-{m:17}-{m:32} TS_AUTHKEY
net age AGE-SECRET-KEY-1{c:58} AGE_KEY
net onepassword ops_eyJ{m:200} OP_SERVICE_ACCOUNT_TOKEN
net facebook EAA{m:180} FB_ACCESS_TOKEN
coin xprv xprv{8:107} wallet
coin ethereum 0x{h:64} PRIVATE_KEY
web jwt eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{u:60-120}.{u:43} access_token
web jwt_rs eyJhbGciOiJSUzI1NiJ9.eyJ{u:80-160}.{u:342} id_token
web bcrypt $2b$12${m:53} password_hash
url postgres postgresql://app:{s:14-24}@db.example.org:5432/shop DATABASE_URL
url mongo mongodb+srv://svc:{m:16}@cluster0.example.net/prod MONGO_URI
url redis redis://:{m:32}@cache.example.org:6379/0 REDIS_URL
url amqp amqps://worker:{m:20}@mq.example.org/vhost BROKER_URL
url basic_url https://deploy:{m:24}@git.example.org/team/app.git REPO_URL
url sentry_dsn https://{h:32}@o{d:6}.ingest.sentry.io/{d:7} SENTRY_DSN
url signed https://files.example.org/a.zip?X-Amz-Signature={h:64} download
"""
_NAMED: Final = """
cloud aws_secret {b:40} aws_secret_access_key,AWS_SECRET_ACCESS_KEY
cloud azure_storage {b:86}== AccountKey,AZURE_STORAGE_KEY
cloud cloudflare {u:40} CLOUDFLARE_API_TOKEN
cloud linode {h:64} LINODE_TOKEN
cloud hetzner {m:64} HCLOUD_TOKEN
cloud vercel {m:24} VERCEL_TOKEN
cloud scaleway {uuid} SCW_SECRET_KEY
chat twilio_auth {h:32} TWILIO_AUTH_TOKEN
chat mattermost {a:26} MATTERMOST_TOKEN
watch datadog {h:32} DD_API_KEY
watch datadog_app {h:40} DD_APP_KEY
watch algolia {h:32} ALGOLIA_ADMIN_KEY,algoliaApiKey
watch pagerduty u+{u:18} PAGERDUTY_TOKEN
ai cohere {m:40} COHERE_API_KEY
ai mistral {m:32} MISTRAL_API_KEY
ai wandb {h:40} WANDB_API_KEY
ai together {h:64} TOGETHER_API_KEY
net okta 00{u:40} OKTA_API_TOKEN
net auth0 {u:64} AUTH0_CLIENT_SECRET
net ngrok {m:27}_{m:21} NGROK_AUTHTOKEN
app django {S:50} SECRET_KEY
app laravel base64:{b:43}= APP_KEY
app rails {h:32} RAILS_MASTER_KEY
app rails_base {h:128} secret_key_base
app flask {h:48} FLASK_SECRET_KEY
app session {m:32} SESSION_SECRET,cookie_secret
app jwt_secret {m:40} JWT_SECRET
app totp {2:32} totp_secret,OTP_SECRET
app hex_key {h:64} ENCRYPTION_KEY,encryption_key
app license {A:6}-{A:6}-{A:6}-{A:6} license_key
app webhook {m:28} webhook_secret
app salt {m:22} PASSWORD_SALT,hash_secret
human leet_word {leet}{leet}{d:2}! password,db_password
human word_year {Word}{Word}19{d:2} passwd,PASSWORD
human random_short {s:10-14} password,smtp_password
human random_long {S:18-28} DB_PASSWORD,root_password
human phrase {word}-{word}-{word}-{d:4} passphrase,PASSWORD
human spaced {word} {word} {word} {word} {d:2} passphrase
human pin {d:8} pin_password,PIN_SECRET
human looks_public {m:6}example{m:10} api_key,client_secret
human holds_placeholder {m:8}REDACTED{m:8} api_key,access_token
"""
_BLOCKS: Final = """
block rsa RSA PRIVATE KEY
block pkcs8 PRIVATE KEY
block ec EC PRIVATE KEY
block openssh OPENSSH PRIVATE KEY
block encrypted ENCRYPTED PRIVATE KEY
block pgp PGP PRIVATE KEY BLOCK
"""


def _kinds() -> tuple[Kind, ...]:
    found: list[Kind] = []
    for table, is_issued in ((_ISSUED, True), (_NAMED, False)):
        for line in table.strip().splitlines():
            family, name, rest = line.split(" ", 2)
            template, names = rest.rsplit(" ", 1)
            found.append(Kind(name, family, template, tuple(names.split(",")), is_issued))
    for line in _BLOCKS.strip().splitlines():
        family, name, label = line.split(" ", 2)
        template = f"-----BEGIN {label}-----\n{{key}}\n-----END {label}-----"
        found.append(Kind(name, family, template, ("private_key", "tls_key"), is_issued=True))
    return tuple(found)


KINDS: Final = _kinds()


def invented_kind(source: random.Random) -> Kind:
    """Return a kind that no issuer has: rules cannot know it, only general ones can find it."""
    letters = "".join(source.choice("bcdfghjklmnpqrstvwxyz") for _ in range(source.randint(2, 4)))
    start = source.choice(
        ["{0}_", "{0}-", "{0}.", "{0}_live_", "{0}-api-", "{0}:", "", "", "{0}_sk_"]
    ).format(letters)
    body = source.choice(
        ["{m:24-48}", "{h:32}", "{h:40}", "{u:32-64}", "{a:26-40}", "{m:12}.{m:24}", "{A:32}",
         "{b:44}=", "{m:8}-{m:8}-{m:16}", "{u:20}_{h:16}", "{h:64}", "{2:40}"]
    )  # fmt: skip
    name = source.choice(
        ["{0}_API_KEY", "{0}_TOKEN", "{0}Secret", "{0}_access_token", "{0}ApiKey", "{0}_password",
         "{0}_auth", "{0}_credentials", "{0}_signing_key"]
    ).format(source.choice(["ACME", "zorp", "Quux", "vendor", "billing", "edge"]))  # fmt: skip
    return Kind(f"invented {start}{body}", "invented", start + body, (name,), is_issued=False)
