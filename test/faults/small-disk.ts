import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIZE = "512k";

/** A small file system that can be full or read-only, even for root, whom file modes do not stop. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Why it cannot be created here, or null. */
  static whyNot(): string | null {
    if (process.platform !== "linux") return "only Linux has a tmpfs that can be mounted for a test";
    const disk = SmallDisk.#mount();
    disk?.remove();
    return disk === null ? "this user may mount no file system" : null;
  }

  static make(): SmallDisk {
    const disk = SmallDisk.#mount();
    if (disk === null) throw new Error("A small disk cannot be created here.");
    return disk;
  }

  static #mount(): SmallDisk | null {
    const path = mkdtempSync(join(tmpdir(), "photon disk "));
    if (succeeds("mount", "-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", path)) return new SmallDisk(path);
    rmSync(path, { recursive: true });
    return null;
  }

  /** From now on no more block can be written. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.path);
    writeFileSync(this.#filler, Buffer.alloc(bavail * bsize));
  }

  /** There is space again. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }

  set isReadOnly(isReadOnly: boolean) {
    if (!succeeds("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, this.path))
      throw new Error("The remount failed.");
  }

  remove(): void {
    succeeds("umount", "--lazy", this.path); // open files stay usable
    rmSync(this.path, { recursive: true, force: true });
  }

  get #filler(): string {
    return join(this.path, "filler");
  }
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
