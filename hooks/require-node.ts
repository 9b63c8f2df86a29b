import { oldNodeSentence } from "../client/text/old-node.ts";

// A hook imports this first: on an old Node it says so, instead of failing in the middle. The person sees it once, at the
// start of the session; the other hooks only log it.
const sentence = oldNodeSentence();
if (sentence !== null) {
  const line = `Photon ${sentence}`;
  // Node writes to pipes synchronously here, so nothing is lost.
  if (/session-start\.\w+$/.test(process.argv[1] ?? ""))
    process.stdout.write(`${JSON.stringify({ systemMessage: line })}\n`);
  else process.stderr.write(`${line}\n`);
  process.exit(0);
}
