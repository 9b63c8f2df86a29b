import type { Paths } from "../disk/paths.ts";
import { readPrivateJson, recordOf, textField, writePrivateJson } from "../disk/private-file.ts";
import { DEFAULT_GRADE, GRADES, type Grade } from "./origin.ts";

/**
 * How far this machine trusts another. By fingerprint, never by name, so that taking over a name gains nothing.
 *
 * @param fingerprint - 64 hexadecimal digits
 */
export function readGrade(paths: Pick<Paths, "trust">, fingerprint: string): Grade {
  const grade = textField(recordOf(readPrivateJson(paths.trust))?.grades, fingerprint);
  return GRADES.find((known) => known === grade) ?? DEFAULT_GRADE;
}

/** @throws the file system's own error */
export function setGrade(paths: Pick<Paths, "trust">, fingerprint: string, grade: Grade): void {
  const file = recordOf(readPrivateJson(paths.trust));
  writePrivateJson(paths.trust, { ...file, v: 1, grades: { ...recordOf(file?.grades), [fingerprint]: grade } });
}
