// The parts of undici that the bundles include: what a WebSocket needs. Everything else would cost every session 3 MB of
// memory and half a megabyte of code. tsup.config.ts replaces undici with this file; source and tests use the whole package.
module.exports = {
  Agent: require("../../node_modules/undici/lib/dispatcher/agent.js"),
  WebSocket: require("../../node_modules/undici/lib/web/websocket/websocket.js").WebSocket,
};
