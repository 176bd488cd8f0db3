// D1 databases: workerd's own Worker, told the database by a request's facts.
import Database from "d1.js";

export { D1Database } from "d1.js";
export { Database };

export default {
  fetch(request, _env, ctx) {
    return ctx.exports.Database({ props: { database: request.cf.patchbay.id } }).fetch(request);
  },
};
