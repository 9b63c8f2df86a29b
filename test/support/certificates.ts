import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The file with the certificate. */
  readonly file: string;
}

/** Why tests with certificates are skipped; false if they can run. */
export const NO_OPENSSL: string | false = (() => {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return false;
  } catch {
    return "openssl, which makes the certificates, is not installed";
  }
})();

/** An authority that nobody knows, and certificates from it. */
export class Authority {
  readonly own: Certificate;
  readonly #folder: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.own = this.#make(name, ["-subj", `/CN=${name}`]);
  }

  /** @param options - further options of `openssl x509 -req`, such as its dates */
  issue(host: string, dates: readonly string[] = ["-days", "2"]): Certificate {
    const files = join(this.#folder, `${host}-${dates.join("")}`.replace(/[^a-z0-9.-]/g, ""));
    const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
    openssl(
      ...["req", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${host}`, "-keyout", `${files}.key`],
      ...["-out", `${files}.csr`],
    );
    writeFileSync(`${files}.ext`, `subjectAltName=${/^[0-9.]+$/.test(host) ? "IP" : "DNS"}:${host}`);
    openssl(
      ...["x509", "-req", "-in", `${files}.csr`, "-CA", this.own.file, "-CAkey", this.#keyFile(this.own)],
      ...["-CAcreateserial", "-extfile", `${files}.ext`, "-out", `${files}.crt`, ...dates],
    );
    return readPair(`${files}.key`, `${files}.crt`);
  }

  #keyFile({ file }: Certificate): string {
    return file.replace(/crt$/, "key");
  }

  #make(name: string, options: readonly string[]): Certificate {
    const files = join(this.#folder, name);
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...options].concat([
        ...["-keyout", `${files}.key`, "-out", `${files}.crt`],
      ]),
      { stdio: "pipe" },
    );
    return readPair(`${files}.key`, `${files}.crt`);
  }
}

function readPair(key: string, file: string): Certificate {
  return { key: readFileSync(key, "utf8"), cert: readFileSync(file, "utf8"), file };
}
