// What is deployed: the outbound worker, and the Durable Object that paces its calls.
export { default } from './outbound';
export { Pace } from './pace';
