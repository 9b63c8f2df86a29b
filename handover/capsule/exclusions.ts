import { basename } from "node:path/posix";
import { isGitsOwn, isListOfModules } from "./git-own-names.ts";

/** A changed file that stays on its machine, and why. */
export interface Exclusion {
  /** Relative to the root, with `/` between its parts, fit to be shown. */
  readonly path: string;
  readonly reason: string;
}

/** Looks for secrets in a file. @returns what it found in a few words, null when nothing */
export type Scan = (path: string, content: Buffer) => Promise<string | null>;

/** Larger files make a capsule that nobody can carry: 2 MiB. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024;

export const IS_TOO_LARGE = `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`;
export const IS_REPOSITORY = "it is a repository of its own";
export const LEADS_OUTSIDE = "it is a link that leads out of the project, or into git's folder";
export const IS_IN_LFS = "its content is in Git LFS";
export const HAS_FOREIGN_NAME = "its name is not in UTF-8";

/** As it is here, such a file must not leave: git stores something else, perhaps encrypted. */
export function hasForeignFilter(filter: string): string {
  return `its filter (${filter}) is defined in this repository's own settings, which Photon does not run; define it in your global git settings`;
}

/** Names of files that hold keys or passwords; whatever stands in them this time. */
const KEYS = new RegExp(
  [
    "id_(?:rsa|dsa|ecdsa|ed25519)(?:[_-][^/]*)?(?<!\\.pub)",
    ".*\\.(?:pem|key|p8|p12|pfx|pkcs12|jks|keystore|kdbx?|asc|gpg|ppk|keytab|ovpn)",
    "\\.?netrc|_netrc|\\.git-credentials|\\.npmrc|\\.pypirc|\\.pgpass|pgpass\\.conf|\\.my\\.cnf|\\.mylogin\\.cnf|\\.htpasswd",
    "credentials(?:\\.(?:json|toml|tfrc\\.json))?|secrets?\\.(?:json|ya?ml|toml|env)|\\.?vault[_-](?:token|pass(?:word)?)(?:\\.txt)?",
    "[^/]*service[_-]?account[^/]*\\.json|application_default_credentials\\.json|client_secret[^/]*\\.json|\\.dockercfg",
    "[^/]*\\.tfvars(?:\\.json)?|[^/]*\\.tfstate(?:\\..*)?|\\.terraformrc|terraform\\.rc|kubeconfig|[^/]*\\.kubeconfig|kubeconfig\\.ya?ml",
    "\\.s3cfg|\\.boto|\\.wgetrc|\\.curlrc|\\.msmtprc|local\\.settings\\.json|\\.?htdigest",
  ]
    .map((names) => `^(?:${names})$`)
    .join("|"),
  "i",
);

/** Folders of a home, should one be the project. */
const KEY_FOLDERS =
  /(?:^|\/)(?:\.ssh|\.gnupg|\.aws|\.kube|\.azure|\.docker\/config\.json$|\.config\/(?:gh|gcloud)|\.cargo\/credentials|\.gem\/credentials)(?:\/|$)/i;

const ENVIRONMENT = /^(?:\.env(?:$|rc(?:$|[.-])|[.-])|\.dev\.vars(?:$|[.-])|[^/]*\.env$)/i;
/** These hold names and no values. */
const TEMPLATE = /\.(?:example|sample|template|dist|defaults?)(?:\.json)?$|^(?:example|sample|template)\.env$/i;

const LFS_POINTER = "version https://git-lfs.github.com/spec/";

/** By its name alone. @returns null when nothing speaks against it */
export function excludedByName(path: string): string | null {
  const name = basename(path);
  if (isGitsOwn(path)) return "its name is git's own";
  if (isListOfModules(path)) return "it says where other repositories are";
  if (ENVIRONMENT.test(name) && !TEMPLATE.test(name)) return "it holds an environment's settings";
  if ((KEYS.test(name) || KEY_FOLDERS.test(path)) && !TEMPLATE.test(name))
    return "it looks like a key or a password file";
  return null;
}

/** By what is in it. */
export async function excludedByContent(path: string, content: Buffer, scan: Scan): Promise<string | null> {
  if (content.length > MAX_FILE_BYTES) return IS_TOO_LARGE;
  if (content.subarray(0, LFS_POINTER.length).toString("latin1") === LFS_POINTER) return IS_IN_LFS;
  return excludedBySecret(path, content, scan);
}

/** A scan that fails has not found that there is none. */
export async function excludedBySecret(path: string, content: Buffer, scan: Scan): Promise<string | null> {
  const found = await scan(path, content).catch(() => "it could not be looked through");
  return found === null ? null : `it may hold a secret: ${found}`;
}

/** Scanned together: one scan has the price of a short file. */
const NAMES_PER_SCAN = 1_000;

/** Names travel with the files, and may be secrets, too. @returns why a path may not leave, by path */
export async function excludedBySecretName(paths: readonly string[], scan: Scan): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  for (let at = 0; at < paths.length; at += NAMES_PER_SCAN) {
    const some = paths.slice(at, at + NAMES_PER_SCAN);
    if ((await excludedBySecret(NAMES, Buffer.from(some.join("\n")), scan)) === null) continue;
    for (const path of some) {
      const reason = await excludedBySecret(NAMES, Buffer.from(path), scan);
      if (reason !== null) reasons.set(path, `${reason.replace(/ \(line \d+\)/, "")}, in its name`);
    }
  }
  return reasons;
}

/** What the scan is told instead of a path: no kind of secret is known by it. */
const NAMES = "names";
