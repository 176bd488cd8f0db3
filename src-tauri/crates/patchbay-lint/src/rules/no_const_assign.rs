use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::writes::writes;

pub struct NoConstAssign;

static DOCS: Docs = Docs {
    id: "no-const-assign",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "A `const` that is assigned again. Same as oxlint's `no-const-assign`.",
    why: "The assignment throws a TypeError at run time, perhaps only in the branch of a rare event.",
    good: "let attempt = 0;\nattempt += 1;",
};

impl Rule for NoConstAssign {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let scoping = file.scoping();
            let chosen = scoping.symbol_ids().filter(|symbol| scoping.symbol_flags(*symbol).is_const_variable());
            for symbol in chosen {
                for place in writes(file, symbol) {
                    let name = scoping.symbol_name(symbol);
                    context
                        .report(file, place, format!("`{name}` is a `const` and cannot be assigned again"))
                        .and(scoping.symbol_span(symbol), "It is declared as a `const` here")
                        .help("Declare it with `let`, or give the new value a name of its own");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoConstAssign,
            &[
                case("const table = {}; table.a = 1; export default { fetch: () => table };"),
                case("let count = 0; count += 1; export default { fetch: () => ({ count }) };"),
                case(
                    "const count = 0; const go = (count) => { count = 1; return count; }; export default { fetch: () => ({ count: go(count) }) };",
                ),
                case(
                    "export default { fetch: () => { const all = []; for (const item of [1]) all.push(item); return all; } };",
                ),
                case("const { a } = { a: { b: 1 } }; ({ b: a.b } = { b: 2 }); export default { fetch: () => a };"),
            ],
            &[
                case("const count = 0; count = 1; export default { fetch: () => ({ count }) };"),
                handler("for (const i = 0; i < 2; i++) { console.log(i); } return {};"),
                handler("const [first] = [1]; ({ first } = { first: 2 }); return { first };"),
            ],
        );
    }
}
