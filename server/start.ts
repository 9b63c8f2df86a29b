import { oldNodeSentence } from "../client/text/old-node.ts";

// The file that clients start. It loads the server only on a Node that can: an ES module's imports are resolved before its
// first line runs, so the server itself could not say what is wrong.
const sentence = oldNodeSentence();
/** Not a literal, so that the bundler leaves it. */
const server = "./server-main.mjs";
if (sentence === null) {
  void import(server);
} else {
  process.stderr.write(`Photon ${sentence}\n`);
  process.exitCode = 1;
}
