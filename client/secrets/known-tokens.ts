import { found, isPlaceholder, type SecretFound } from "./secret-patterns.ts";

/** A token must not be preceded or followed by one of a token's characters, so that a long run is matched only once. */
const START = "(?<![A-Za-z0-9_-])";
const END = "(?![A-Za-z0-9_-])";

/** Tokens that are recognisable by their form, in addition to those that secretlint knows. */
const TOKENS: readonly (readonly [pattern: string, what: string])[] = [
  ["AIza[\\w-]{35}", "a Google API key"],
  ["GOCSPX-[\\w-]{28}", "a Google client secret"],
  ["ya29\\.[\\w-]{20,2000}", "a Google access token"],
  ["eyJ[\\w-]{8,4000}\\.eyJ[\\w-]{8,4000}\\.[\\w-]{16,1000}", "a JSON Web Token"],
  ["cf(?:ut|at|k)_[A-Za-z0-9]{40,80}", "a Cloudflare token"],
  ["v1\\.0-[0-9a-f]{24}-[0-9a-f]{146}", "a Cloudflare key"],
  ["hf_[A-Za-z0-9]{34}", "a Hugging Face token"],
  ["pypi-AgE[\\w-]{50,400}", "a PyPI token"],
  ["do[opr]_v1_[0-9a-f]{64}", "a DigitalOcean token"],
  ["SK[0-9a-f]{32}", "a Twilio key"],
  ["\\d{8,10}:AA[\\w-]{33}", "a Telegram token"],
  ["[MNO][\\w-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,38}", "a Discord token"],
  ["(?:sk|rk)_live_[A-Za-z0-9]{20,120}", "a Stripe key"],
  ["whsec_[A-Za-z0-9+/]{32,64}", "a webhook's secret"],
  ["gl(?:pat|ptt|cbt|dt|rt|soat)-[\\w-]{20,64}", "a GitLab token"],
  ["shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}", "a Shopify token"],
  ["sb[ps]_[0-9a-f]{40}", "a Supabase token"],
  ["hv[sb]\\.[\\w-]{24,400}", "a Vault token"],
  ["(?:gsk|xai)[_-][A-Za-z0-9]{40,100}", "an API key"],
  ["sk-or-v1-[0-9a-f]{64}", "an OpenRouter key"],
  ["dckr_[op]at_[\\w-]{24,60}", "a Docker token"],
  ["tskey-[a-z]{3,12}-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,60}", "a Tailscale key"],
  ["pul-[0-9a-f]{40}", "a Pulumi token"],
  ["sntry[su]_[\\w-]{40,400}", "a Sentry token"],
  ["gl(?:c|sa)_[A-Za-z0-9_]{32,400}", "a Grafana token"],
  ["lin_api_[A-Za-z0-9]{40}", "a Linear key"],
  ["ntn_[A-Za-z0-9]{40,60}", "a Notion token"],
  ["figd_[\\w-]{40}", "a Figma token"],
  ["xapp-\\d-[A-Z0-9]{8,16}-\\d{8,16}-[0-9a-f]{64}", "a Slack token"],
  ["gh[oursp]_[A-Za-z0-9]{36,255}", "a GitHub token"],
];
const KNOWN = TOKENS.map(([pattern, what]) => ({ pattern: new RegExp(`${START}${pattern}${END}`, "g"), what }));

/** Headers, URLs and commands that carry a secret of any form. */
const CARRIED: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?basic\s{1,4}([A-Za-z0-9+/]{8,2000}={0,2})/gi, "a password of a header"],
  [/(?<![A-Za-z0-9])bearer\s{1,4}([A-Za-z0-9._~+/-]{20,4000}=*)/gi, "a bearer token"],
  [
    /(?<![A-Za-z0-9])x-(?:api-key|auth-token|amz-security-token|vault-token)["']?\s{0,4}[:=]\s{0,4}["']?([\w.~+/=-]{16,2000})/gi,
    "a key of a header",
  ],
  [
    /(?<![A-Za-z0-9-])(?:set-)?cookie["']?\s{0,4}:\s{0,4}["']?[^\r\n=;]{0,60}(?:sess|sid|auth|token|jwt)[^\r\n=;]{0,60}=([^\s;"']{16,4000})/gi,
    "a session's cookie",
  ],
  [
    /[?&](?:api_?key|access_token|auth_token|token|key|sig|signature|secret|client_secret|password)=([\w.~%+/-]{16,1000})/gi,
    "a key in an address",
  ],
  [/AccountKey=([A-Za-z0-9+/]{86}==)/g, "an Azure key"],
  [/(?<![A-Za-z0-9])(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\r\n|;&]{0,120}?\s-p([^\s'"|;&]{4,80})/g, "a password"],
  [/(?<![A-Za-z0-9])sshpass\s{1,4}-p\s{0,4}["']?([^\s'"]{4,80})/g, "a password"],
  [/(?<![A-Za-z0-9])curl\b[^\r\n|;&]{0,120}?\s(?:-u|--user)\s{1,4}["']?[^\s:'"]{1,60}:([^\s'"@]{4,80})/g, "a password"],
];

export function knownTokens(text: string): SecretFound[] {
  return [
    ...KNOWN.flatMap(({ pattern, what }) => found(text, pattern, what)),
    ...CARRIED.flatMap(([pattern, what]) => {
      return found(
        text,
        pattern,
        what,
        ({ 1: value = "" }) => !isPlaceholder(value) && /\d/.test(value) && /[a-z]/i.test(value),
      );
    }),
  ];
}
