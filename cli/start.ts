import { oldNodeSentence } from "../client/text/old-node.ts";

// The file that bin/photon and hooks start, and maybe a person. It loads the commands only on a Node that can: see
// server/start.ts.
const sentence = oldNodeSentence();
/** Not a literal, so that the bundler leaves it. */
const commands = "./photon-main.mjs";
if (sentence === null) {
  void import(commands);
} else {
  process.stderr.write(`photon: ${sentence}\n`);
  process.exitCode = 1;
}
