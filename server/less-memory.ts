import { setFlagsFromString } from "node:v8";

// Every open session has a server that mostly waits, so its memory counts and its speed does not. To be imported first; an
// engine that does not know a flag says so on stderr and goes on.

// undici's HTTP parser is WebAssembly. Optimising it in the background takes 8 to 10 MB that are never given back.
setFlagsFromString("--liftoff-only");

// New objects get one megabyte at a time. Otherwise starting up makes room for far more than a waiting process needs: 5 MB.
setFlagsFromString("--semi-space-growth-factor=1");
