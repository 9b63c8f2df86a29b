// The parts of undici that the bundles include. Its caches, mocks and proxies would cost every session 3 MB of memory
// and half a megabyte of code. tsup.config.ts replaces undici with this file; source and tests use the whole package.
const Dispatcher = require("../../node_modules/undici/lib/dispatcher/dispatcher.js");

Object.assign(Dispatcher.prototype, require("../../node_modules/undici/lib/api/index.js")); // like undici's own index

module.exports = {
  Agent: require("../../node_modules/undici/lib/dispatcher/agent.js"),
  interceptors: { retry: require("../../node_modules/undici/lib/interceptor/retry.js") },
  WebSocket: require("../../node_modules/undici/lib/web/websocket/websocket.js").WebSocket,
};
