import { systemAmbient } from "./ambient.ts";
import { createApp } from "./app.ts";

export { Registry } from "./registry/registry.ts";
export { Mailroom } from "./store/mailroom/mailroom.ts";

export default createApp(systemAmbient());
