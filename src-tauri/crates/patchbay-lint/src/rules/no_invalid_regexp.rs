use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::regexes::for_each_made;

pub struct NoInvalidRegexp;

static DOCS: Docs = Docs {
    id: "no-invalid-regexp",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "A regular expression that is not one, in `new RegExp(…)` and in literals. Same as oxlint's `no-invalid-regexp`.",
    why: "Making it throws a SyntaxError when the code is reached.",
    good: "new RegExp('^inv_[0-9]+$')",
};

impl Rule for NoInvalidRegexp {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for_each_made(file, |made| {
                if let Err(problem) = &made.pattern {
                    context
                        .report(file, problem.place, format!("The regular expression is not valid: {}", problem.reason))
                        .help("Mind that a backslash has to be written twice in a text");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tester::{case, handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoInvalidRegexp,
            &[
                handler("return { a: new RegExp('[a-z]+', 'gi').test('a'), b: new RegExp(request.url).test('b') };"),
                case("export default { fetch: (RegExp) => new RegExp('[') };"),
                handler("return { a: RegExp('(?<year>\\\\d{4})', 'd').test('a') };"),
            ],
            &[
                handler("return { a: new RegExp('[').test(request.url) };"),
                handler("return { a: RegExp('a', 'z'), b: new RegExp(request.url, 'gg') };"),
            ],
        );
    }
}
