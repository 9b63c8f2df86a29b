import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The Node that users have: the first on the PATH that is not from the toolchain, else the current one. */
export function usersNode(path: string = process.env.PATH ?? ""): string {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const folders = path.split(delimiter).filter((folder) => folder !== "" && !folder.includes("node_modules"));
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? process.execPath;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
