// The main module of a process in which the scripts of a tenant share a loader.

export * from "./router.js";
export { default } from "./router.js";
export { Outbound } from "./caching.js";
