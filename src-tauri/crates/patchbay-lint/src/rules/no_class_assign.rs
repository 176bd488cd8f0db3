use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::writes::writes;
use oxc::syntax::symbol::SymbolFlags;

pub struct NoClassAssign;

static DOCS: Docs = Docs {
    id: "no-class-assign",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A class whose name is assigned again. Same as oxlint's `no-class-assign`.",
    why: "Everything that names the class afterwards gets something else, which is never what was meant.",
    good: "class Client {}\nlet client = new Client();",
};

impl Rule for NoClassAssign {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let scoping = file.scoping();
            let chosen =
                scoping.symbol_ids().filter(|symbol| scoping.symbol_flags(*symbol).contains(SymbolFlags::Class));
            for symbol in chosen {
                for place in writes(file, symbol) {
                    let name = scoping.symbol_name(symbol);
                    context
                        .report(file, place, format!("The class `{name}` is assigned something else"))
                        .and(scoping.symbol_span(symbol), "The class is declared here")
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
            &super::NoClassAssign,
            &[
                case("let Client = class {}; Client = 1; export default { fetch: () => ({ Client }) };"),
                case("class Client {} Client.shared = 1; export default { fetch: () => ({ c: Client.shared }) };"),
                case(
                    "class Client {} const go = (Client) => { Client = 1; return Client; }; export default { fetch: () => ({ c: go(Client) }) };",
                ),
            ],
            &[
                case("class Client {} Client = 1; export default { fetch: () => ({ Client }) };"),
                case("const made = class Inner { go() { Inner = 1; } }; export default { fetch: () => ({ made }) };"),
            ],
        );
    }
}
