use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::writes::writes;
use oxc::ast::{AstKind, AstType};

pub struct NoExAssign;

static DOCS: Docs = Docs {
    id: "no-ex-assign",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A caught error whose name is assigned something else. Same as oxlint's `no-ex-assign`.",
    why: "What went wrong is lost from there on, also for the log.",
    good: "catch (error) {\n  const message = String(error);\n}",
};

impl Rule for NoExAssign {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            let scoping = file.scoping();
            // A pattern in the place of the error is a variable of the clause's scope.
            for node in file.of_type(AstType::CatchParameter) {
                let AstKind::CatchParameter(parameter) = node.kind() else { continue };
                for name in parameter.pattern.get_binding_identifiers() {
                    let Some(symbol) = name.symbol_id.get() else { continue };
                    for place in writes(file, symbol) {
                        let message = format!("The caught `{}` is overwritten", scoping.symbol_name(symbol));
                        context.report(file, place, message).help("Give the new value a name of its own");
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoExAssign,
            &[
                handler("try { return {}; } catch (error) { error.name = 'x'; throw error; }"),
                handler(
                    "try { return {}; } catch (error) { const go = (error) => (error = 1); return { a: go(2), error }; }",
                ),
                handler("let error; try { return {}; } catch { error = 1; } return { error };"),
            ],
            &[
                handler("try { return {}; } catch (error) { error = 1; return { error }; }"),
                handler("try { return {}; } catch ({ message }) { message = 'x'; return { message }; }"),
            ],
        );
    }
}
