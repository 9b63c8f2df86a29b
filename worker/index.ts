import { systemAmbient } from "./ambient.ts";
import { createApp } from "./app.ts";

export { Bridge } from "./object/bridge.ts";

export default createApp(systemAmbient().now);
