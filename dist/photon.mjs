// client/text/old-node.ts
var NEEDED = "20.18.1";
function oldNodeSentence(version = process.versions.node) {
  const have = version.split(".").map(Number);
  const needed = NEEDED.split(".").map(Number);
  const differs = needed.findIndex((part, index) => part !== have[index]);
  return differs === -1 || Number(have[differs]) > Number(needed[differs]) ? null : `needs Node ${NEEDED} or newer; this is ${version}: https://nodejs.org`;
}

// cli/start.ts
var sentence = oldNodeSentence();
var commands = "./photon-main.mjs";
if (sentence === null) {
  void import(commands);
} else {
  process.stderr.write(`photon: ${sentence}
`);
  process.exitCode = 1;
}
