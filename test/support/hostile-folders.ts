import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A hostile folder, and how it tries to run a program when git runs in it. */
export interface HostileFolder {
  readonly name: string;
  /** Creates it. @param command - a shell command that leaves a mark @returns the folder for a session */
  readonly make: (parent: string, command: string) => string;
}

const git = (cwd: string, ...args: string[]) =>
  execFileSync(
    "git",
    ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always", ...args],
    {
      cwd,
      encoding: "utf8",
      stdio: "pipe",
    },
  );

/** A repository with a file that every `git status` must read again. */
function repository(folder: string): string {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "-q", "-b", "main");
  writeFileSync(join(folder, "f"), "text\n");
  git(folder, "add", ".");
  git(folder, "commit", "-qm", "one");
  writeFileSync(join(folder, "f"), "TEXT\n");
  return folder;
}

const filters = (command: string) =>
  `[filter "x"]\n\tclean = ${JSON.stringify(`${command}; cat`)}\n\tprocess = ${JSON.stringify(command)}\n\trequired = true\n`;

/** All known ways. Each is opened by a session of the real client and by every hook. */
export const HOSTILE_FOLDERS: readonly HostileFolder[] = [
  {
    name: "a clone that holds a bare repository with a filter and a monitor",
    make(parent, command) {
      const outer = join(parent, "clone of it");
      const inner = join(outer, "inner");
      mkdirSync(join(inner, "wt"), { recursive: true });
      git(outer, "init", "-q", "-b", "main");
      git(outer, "init", "-q", "--bare", "inner");
      const core = `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = wt\n`;
      writeFileSync(join(inner, "config"), core);
      writeFileSync(join(inner, "wt/f"), "text\n");
      writeFileSync(join(inner, "wt/.gitattributes"), "* filter=x\n");
      git(inner, "--git-dir=.", "--work-tree=wt", "add", ".");
      git(inner, "--git-dir=.", "--work-tree=wt", "commit", "-qm", "x");
      writeFileSync(join(inner, "wt/f"), "TEXT\n");
      writeFileSync(join(inner, "config"), `${core}\tfsmonitor = ${JSON.stringify(command)}\n${filters(command)}`);
      return inner;
    },
  },
  {
    name: "a folder from an archive, whose settings have filters, a monitor, hooks and drivers",
    make(parent, command) {
      const folder = repository(join(parent, "unpacked"));
      writeFileSync(join(folder, ".gitattributes"), "* filter=x diff=x merge=x\n");
      mkdirSync(join(folder, "hooks"));
      for (const hook of ["post-index-change", "post-checkout", "reference-transaction"])
        writeFileSync(join(folder, "hooks", hook), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
      for (const [name = "", value = command] of [
        ["core.fsmonitor"],
        ["core.hooksPath", "hooks"],
        ["core.sshCommand"],
        ["core.pager"],
        ["diff.external"],
        ["diff.x.textconv"],
        ["diff.x.command"],
        ["merge.x.driver"],
        ["filter.x.clean", `${command}; cat`],
        ["filter.x.process"],
      ])
        git(folder, "config", name, value);
      return folder;
    },
  },
  {
    name: "a folder from an archive, whose settings include others",
    make(parent, command) {
      const folder = repository(join(parent, "with includes"));
      writeFileSync(join(folder, ".gitattributes"), "* filter=x\n");
      writeFileSync(join(folder, "more"), filters(command));
      git(folder, "config", "include.path", "../more");
      return folder;
    },
  },
  {
    name: "a folder with a submodule that has settings of its own",
    make(parent, command) {
      const folder = repository(join(parent, "with a submodule"));
      const library = repository(join(folder, "library"));
      git(folder, "add", "library");
      writeFileSync(join(folder, ".gitmodules"), '[submodule "library"]\n\tpath = library\n\turl = ./library\n');
      writeFileSync(join(library, ".gitattributes"), "* filter=x\n");
      git(library, "config", "filter.x.clean", `${command}; cat`);
      git(library, "config", "core.fsmonitor", command);
      return folder;
    },
  },
  {
    name: "a partial clone, whose remote is a program",
    make(parent, command) {
      const folder = repository(join(parent, "partial"));
      git(folder, "commit", "-qam", "two");
      const gone = git(folder, "rev-parse", "HEAD~1:f").trim();
      execFileSync("rm", ["-f", join(folder, ".git/objects", gone.slice(0, 2), gone.slice(2))]);
      git(folder, "reset", "-q", "--soft", "HEAD~1");
      for (const [name = "", value = ""] of [
        ["core.repositoryFormatVersion", "1"],
        ["extensions.partialClone", "origin"],
        ["protocol.ext.allow", "always"],
        ["remote.origin.url", `ext::sh -c ${command.replaceAll(" ", "% ")}`],
        ["remote.origin.promisor", "true"],
      ])
        git(folder, "config", name, value);
      return folder;
    },
  },
];
