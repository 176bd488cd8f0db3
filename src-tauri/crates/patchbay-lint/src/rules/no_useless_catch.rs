use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::ast::Statement;
use oxc::ast::{AstKind, AstType};

pub struct NoUselessCatch;

static DOCS: Docs = Docs {
    id: "no-useless-catch",
    group: Group::Correctness,
    severity: Severity::Warning,
    what: "A `catch` that throws what it caught and does nothing else. Same as oxlint's `no-useless-catch`.",
    why: "It changes nothing, and hides that nothing handles the failure.",
    good: "catch (error) {\n  throw new Error('Notion refused the page', { cause: error });\n}",
};

impl Rule for NoUselessCatch {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::CatchClause) {
                let AstKind::CatchClause(clause) = node.kind() else { continue };
                let caught = clause.param.as_ref().and_then(|caught| caught.pattern.get_binding_identifier());
                let (Some(caught), Some(Statement::ThrowStatement(throw))) = (caught, clause.body.body.first()) else {
                    continue;
                };
                if throw.argument.is_specific_id(caught.name.as_str()) {
                    context
                        .report(file, caught.span, format!("`{}` is caught and thrown again as it is", caught.name))
                        .and(throw.span, "It is thrown again here")
                        .help("Remove the `catch`, or say in it what failed: `new Error('…', { cause: error })`");
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
            &super::NoUselessCatch,
            &[
                handler(
                    "try { return await request.json(); } catch (error) { console.error('no JSON'); throw error; }",
                ),
                handler(
                    "try { return await request.json(); } catch (error) { throw new Error('no JSON', { cause: error }); }",
                ),
                handler("try { return await request.json(); } catch ({ message }) { throw message; }"),
                handler("const other = 1; try { return await request.json(); } catch { throw other; }"),
            ],
            &[
                handler("try { return await request.json(); } catch (error) { throw error; }"),
                handler("try { return await request.json(); } catch (e) { throw e; } finally { console.log('done'); }"),
            ],
        );
    }
}
