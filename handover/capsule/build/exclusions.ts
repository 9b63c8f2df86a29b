import { basename } from "node:path/posix";
import { isGitsOwn, isListOfModules } from "../file-names.ts";
import { MAX_FILE_BYTES } from "../patch-file.ts";

/** A changed file that a capsule leaves out, and why. */
export interface Exclusion {
  /** Relative to the root, with `/` as the separator, safe to print. */
  readonly path: string;
  readonly reason: string;
}

/** Scans a file for secrets. @returns what it found, in a few words; null if nothing */
export type Scan = (path: string, content: Buffer) => Promise<string | null>;

export const IS_TOO_LARGE = `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`;
export const IS_REPOSITORY = "it is a repository of its own";
export const LEADS_OUTSIDE = "it is a link that leads out of the project, or into git's folder";
export const IS_IN_LFS = "its content is in Git LFS";
export const HAS_FOREIGN_NAME = "its name is not in UTF-8";

/** Such a file must not leave as it is in the work tree: git stores it in another form, perhaps encrypted. */
export function hasForeignFilter(filter: string): string {
  return `its filter (${filter}) is defined in this repository's own settings, which Photon does not run; define it in your global git settings`;
}

/** Names of files that usually hold keys or passwords. */
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

/** Folders with keys in a home folder, in case the project is one. */
const KEY_FOLDERS =
  /(?:^|\/)(?:\.ssh|\.gnupg|\.aws|\.kube|\.azure|\.docker\/config\.json$|\.config\/(?:gh|gcloud)|\.cargo\/credentials|\.gem\/credentials)(?:\/|$)/i;

const ENVIRONMENT = /^(?:\.env(?:$|rc(?:$|[.-])|[.-])|\.dev\.vars(?:$|[.-])|[^/]*\.env$)/i;
/** Templates hold names without values. */
const TEMPLATE = /\.(?:example|sample|template|dist|defaults?)(?:\.json)?$|^(?:example|sample|template)\.env$/i;

const LFS_POINTER = "version https://git-lfs.github.com/spec/";

/** @returns why a file of this name must stay here; null if it may leave */
export function excludedByName(path: string): string | null {
  const name = basename(path);
  if (isGitsOwn(path)) return "its name is reserved for git";
  if (isListOfModules(path)) return "it holds the addresses of submodules";
  if (!holdsSecretsByName(path)) return null;
  return ENVIRONMENT.test(name) ? "it is an environment file" : "it looks like a key or a password file";
}

/** Whether files of this name usually hold secrets. @param path - with `/` as the separator */
export function holdsSecretsByName(path: string): boolean {
  const name = basename(path);
  return (ENVIRONMENT.test(name) || KEYS.test(name) || KEY_FOLDERS.test(path)) && !TEMPLATE.test(name);
}

/** @returns why a file with this content must stay here; null if it may leave */
export async function excludedByContent(path: string, content: Buffer, scan: Scan): Promise<string | null> {
  if (content.length > MAX_FILE_BYTES) return IS_TOO_LARGE;
  if (content.subarray(0, LFS_POINTER.length).toString("latin1") === LFS_POINTER) return IS_IN_LFS;
  return excludedBySecret(path, content, scan);
}

/** A failed scan counts as a finding. */
export async function excludedBySecret(path: string, content: Buffer, scan: Scan): Promise<string | null> {
  const found = await scan(path, content).catch(() => "the scan failed");
  return found === null ? null : `it may hold a secret: ${found}`;
}

/** Names scanned together: each scan has a fixed cost. */
const NAMES_PER_SCAN = 1_000;

/** Scans the paths themselves, which may be secrets too. @returns why a path must stay here, by path */
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

/** Given to the scan in place of a path. Matches no rule of it. */
const NAMES = "names";
