// The main module of a process that runs one script: the router module, and what calls of other scripts need beside it.

export * from "./router.js";
export { default } from "./router.js";
export { Outbound } from "./caching.js";
export { Called } from "./called.js";
export { Peer } from "./peer.js";
export { State } from "./ringing.js";
