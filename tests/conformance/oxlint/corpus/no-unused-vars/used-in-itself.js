let pending = [];
pending = pending.concat(1);
const handler = () => handler;
let settled = false;
settled = !settled;
export default {};
