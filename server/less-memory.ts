import { setFlagsFromString } from "node:v8";

setFlagsFromString("--liftoff-only");
setFlagsFromString("--optimize-for-size");
setFlagsFromString("--max-semi-space-size=1");
