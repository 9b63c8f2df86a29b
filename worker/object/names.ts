/** A person has one bridge, and the bridge one object. */
export const BRIDGE_NAME = "bridge";

/** The header in which the Worker passes the call that opens a socket. */
export const CALL_HEADER = "photon-call";
