// What the bundles have of undici, in place of the whole: its caches, mocks and proxies cost every session 3 MB and half a
// megabyte of code. tsup.config.ts puts this file there; from source, and in tests, it is the package itself.
const Dispatcher = require("../../node_modules/undici/lib/dispatcher/dispatcher.js");

Object.assign(Dispatcher.prototype, require("../../node_modules/undici/lib/api/index.js")); // as undici's own index does

module.exports = {
  Agent: require("../../node_modules/undici/lib/dispatcher/agent.js"),
  interceptors: { retry: require("../../node_modules/undici/lib/interceptor/retry.js") },
  WebSocket: require("../../node_modules/undici/lib/web/websocket/websocket.js").WebSocket,
};
