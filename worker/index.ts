import { systemAmbient } from "./ambient.ts";
import { createApp } from "./app.ts";

export default createApp(systemAmbient());
