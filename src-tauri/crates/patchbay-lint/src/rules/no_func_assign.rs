use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::writes::writes;

pub struct NoFuncAssign;

static DOCS: Docs = Docs {
    id: "no-func-assign",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A function declaration whose name is assigned again. Same as oxlint's `no-func-assign`.",
    why: "Calls before and after the assignment reach different functions, which is never what was meant.",
    good: "let send = sendNow;\nsend = sendLater;",
};

impl Rule for NoFuncAssign {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let scoping = file.scoping();
            for symbol in scoping.symbol_ids().filter(|symbol| scoping.symbol_flags(*symbol).is_function()) {
                for place in writes(file, symbol) {
                    let name = scoping.symbol_name(symbol);
                    context
                        .report(file, place, format!("The function `{name}` is assigned something else"))
                        .and(scoping.symbol_span(symbol), "The function is declared here")
                        .help("Give the new value a name of its own");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, test};

    #[test]
    fn cases() {
        test(
            &super::NoFuncAssign,
            &[
                case("let go = function () {}; go = 1; export default { fetch: () => ({ go }) };"),
                case("function go(go) { go = 1; return go; } export default { fetch: () => ({ a: go(2) }) };"),
                case("function go() {} go.cache = 1; export default { fetch: () => ({ a: go.cache }) };"),
            ],
            &[
                case("function go() {} go = 1; export default { fetch: () => ({ go }) };"),
                case("const a = function inner() { inner = 1; }; export default { fetch: () => ({ a }) };"),
                case("function go() {} [go] = [1]; export default { fetch: () => ({ go }) };"),
            ],
        );
    }
}
