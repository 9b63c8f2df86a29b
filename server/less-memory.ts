import { setFlagsFromString } from "node:v8";

// Every open session has a server that is mostly idle, so its memory matters more than its speed. Must be imported first. A
// version of Node that does not know a flag reports it on stderr and continues.

// undici's HTTP parser is WebAssembly. Optimising it in the background takes 8 to 10 MB that are never released.
setFlagsFromString("--liftoff-only");

// Grows the space for new objects by one megabyte at a time. Otherwise the start-up reserves 5 MB more than an idle process needs.
setFlagsFromString("--semi-space-growth-factor=1");
