use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::globals::is_ecmascript;
use oxc::span::GetSpan as _;

pub struct NoGlobalAssign;

static DOCS: Docs = Docs {
    id: "no-global-assign",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "An assignment to a built-in such as `Object` or `undefined`. Same as oxlint's `no-global-assign`.",
    why: "It throws, or it changes the built-in for every webhook that the isolate handles.",
    good: "let result;\nresult = await send(event);",
};

impl Rule for NoGlobalAssign {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for (name, references) in file.scoping().root_unresolved_references() {
                for id in references {
                    let reference = file.scoping().get_reference(*id);
                    if reference.is_write() && is_ecmascript(name.as_str()) {
                        let span = file.nodes().kind(reference.node_id()).span();
                        context
                            .report(
                                file,
                                span,
                                format!("`{}` belongs to the language and must not be assigned", name.as_str()),
                            )
                            .help("Declare a variable with a name of its own");
                    }
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
            &super::NoGlobalAssign,
            &[
                case("let Object = 1; Object = 2; export default { fetch: () => ({ Object }) };"),
                case("export default { fetch: (Array) => { Array = 1; return { Array }; } };"),
                handler("globalThis.cache = 1; request.Object = 1; return {};"),
                handler("const { Object: o } = request; return { o };"),
            ],
            &[
                handler("undefined = 1; return {};"),
                handler("[Promise] = [1]; return {};"),
                handler("Array++; return {};"),
            ],
        );
    }
}
