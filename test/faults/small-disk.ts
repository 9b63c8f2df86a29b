import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIZE = "512k";

/** A disk of its own that can be full or read-only, also for a user whom file modes do not stop. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Why there can be none here, or null. */
  static whyNot(): string | null {
    if (process.platform !== "linux") return "only Linux has a tmpfs that can be mounted for a test";
    const disk = SmallDisk.#mount();
    disk?.remove();
    return disk === null ? "this user may mount no file system" : null;
  }

  static make(): SmallDisk {
    const disk = SmallDisk.#mount();
    if (disk === null) throw new Error("There can be no small disk here.");
    return disk;
  }

  static #mount(): SmallDisk | null {
    const path = mkdtempSync(join(tmpdir(), "photon disk "));
    if (succeeds("mount", "-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", path)) return new SmallDisk(path);
    rmSync(path, { recursive: true });
    return null;
  }

  /** From now on not one more block can be written. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.path);
    writeFileSync(this.#filler, Buffer.alloc(bavail * bsize));
  }

  /** There is space again. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }

  set isReadOnly(isReadOnly: boolean) {
    if (!succeeds("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, this.path)) throw new Error("No remount.");
  }

  remove(): void {
    succeeds("umount", "--lazy", this.path); // whoever still has a file there keeps it
    rmSync(this.path, { recursive: true, force: true });
  }

  get #filler(): string {
    return join(this.path, "filler");
  }
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
