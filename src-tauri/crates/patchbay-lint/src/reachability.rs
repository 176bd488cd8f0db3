//! Which statements run to their end by what the text alone says, exactly as oxlint's rules see it: `return`, `throw`,
//! `break` and endless loops are followed, conditions are not evaluated except for a literal `true`, calls return. What
//! the functions of a project do, their calls followed, is in `flow`.

use oxc::ast::ast::{ClassElement, Declaration, ExportDefaultDeclarationKind, Expression, Statement};
use oxc::span::{GetSpan as _, Span};

/// How control can leave a piece of code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exits<'a> {
    /// It runs to its end, so that what follows is reached.
    pub(crate) falls: bool,
    /// It returns without a value.
    pub(crate) returns_nothing: bool,
    /// A `break` without a label leaves it.
    breaks: bool,
    /// Labels of `break`s that leave it.
    labels: Vec<&'a str>,
}

impl Exits<'_> {
    fn falling() -> Self {
        Self { falls: true, ..Self::default() }
    }

    /// Adds what leaves another piece, other than by its end.
    fn add_jumps(&mut self, other: &mut Self) {
        self.returns_nothing |= other.returns_nothing;
        self.breaks |= other.breaks;
        self.labels.append(&mut other.labels);
    }

    /// Either this way or the other.
    fn or(mut self, mut other: Self) -> Self {
        self.falls |= other.falls;
        self.add_jumps(&mut other);
        self
    }

    /// Every way out leads through a `finally`.
    fn through(mut self, finalizer: Self) -> Self {
        if !finalizer.falls {
            return finalizer;
        }
        let falls = self.falls;
        self = self.or(finalizer);
        self.falls = falls;
        self
    }
}

/// Follows statements and tells of those that are never reached.
struct Walk<'v> {
    unreachable: Option<&'v mut Vec<Span>>,
}

/// How control can leave statements.
pub(crate) fn exits<'a>(statements: &[Statement<'a>]) -> Exits<'a> {
    Walk { unreachable: None }.list(statements)
}

/// The statements that are never reached, those inside of others left out.
pub(crate) fn unreachable(statements: &[Statement<'_>]) -> Vec<Span> {
    let mut found = Vec::new();
    Walk { unreachable: Some(&mut found) }.list(statements);
    found
}

impl Walk<'_> {
    fn list<'a>(&mut self, statements: &[Statement<'a>]) -> Exits<'a> {
        let mut exits = Exits::falling();
        for statement in statements {
            if exits.falls {
                let mut own = self.statement(statement);
                exits.falls = own.falls;
                exits.add_jumps(&mut own);
            } else if let Some(found) = &mut self.unreachable {
                found.extend(executed(statement));
            }
        }
        exits
    }

    fn statement<'a>(&mut self, statement: &Statement<'a>) -> Exits<'a> {
        match statement {
            Statement::ReturnStatement(leave) => {
                Exits { returns_nothing: leave.argument.is_none(), ..Exits::default() }
            }
            Statement::ThrowStatement(_) | Statement::ContinueStatement(_) => Exits::default(),
            Statement::BreakStatement(leave) => match &leave.label {
                Some(label) => Exits { labels: vec![label.name.as_str()], ..Exits::default() },
                None => Exits { breaks: true, ..Exits::default() },
            },
            Statement::BlockStatement(block) => self.list(&block.body),
            Statement::IfStatement(choice) => {
                let then = self.statement(&choice.consequent);
                let otherwise = choice.alternate.as_ref().map_or_else(Exits::falling, |other| self.statement(other));
                then.or(otherwise)
            }
            Statement::WhileStatement(repeat) => self.repeated(&repeat.body, is_true(&repeat.test)),
            Statement::ForStatement(repeat) => {
                self.repeated(&repeat.body, repeat.test.as_ref().is_none_or(|test| is_true(test)))
            }
            Statement::ForInStatement(repeat) => self.repeated(&repeat.body, false),
            Statement::ForOfStatement(repeat) => self.repeated(&repeat.body, false),
            Statement::DoWhileStatement(repeat) => {
                let has_continue = continues(&repeat.body);
                let mut body = self.statement(&repeat.body);
                body.falls |= body.breaks || has_continue;
                body.breaks = false;
                body
            }
            Statement::LabeledStatement(labelled) => {
                let mut body = self.statement(&labelled.body);
                let own = labelled.label.name.as_str();
                body.falls |= body.labels.contains(&own);
                body.labels.retain(|label| *label != own);
                body
            }
            Statement::SwitchStatement(switch) => {
                let mut exits =
                    Exits { falls: !switch.cases.iter().any(|case| case.test.is_none()), ..Exits::default() };
                let mut last_falls = switch.cases.is_empty();
                for case in &switch.cases {
                    let mut own = self.list(&case.consequent);
                    last_falls = own.falls;
                    exits.falls |= own.breaks;
                    own.breaks = false;
                    exits.add_jumps(&mut own);
                }
                exits.falls |= last_falls;
                exits
            }
            Statement::TryStatement(attempt) => {
                let tried = self.list(&attempt.block.body);
                let exits = match &attempt.handler {
                    Some(handler) => tried.or(self.list(&handler.body.body)),
                    None => tried,
                };
                match &attempt.finalizer {
                    Some(last) => {
                        let last = self.list(&last.body);
                        exits.through(last)
                    }
                    None => exits,
                }
            }
            Statement::ClassDeclaration(class) => Self::class(&class.body.body),
            Statement::ExportDeclaration(export) => match &export.declaration {
                Declaration::ClassDeclaration(class) => Self::class(&class.body.body),
                _ => Exits::falling(),
            },
            Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::ClassDeclaration(class) => Self::class(&class.body.body),
                _ => Exits::falling(),
            },
            _ => Exits::falling(),
        }
    }

    /// A class is there when its static blocks have run.
    fn class<'a>(elements: &[ClassElement<'a>]) -> Exits<'a> {
        let ends = elements.iter().all(|element| match element {
            ClassElement::StaticBlock(block) => exits(&block.body).falls,
            _ => true,
        });
        Exits { falls: ends, ..Exits::default() }
    }

    fn repeated<'a>(&mut self, body: &Statement<'a>, is_endless: bool) -> Exits<'a> {
        let mut body = self.statement(body);
        body.falls = !is_endless || body.breaks;
        body.breaks = false;
        body
    }
}

/// Whether a loop goes on as long as nothing leaves it.
fn is_true(test: &Expression<'_>) -> bool {
    matches!(test.get_inner_expression(), Expression::BooleanLiteral(literal) if literal.value)
}

/// Whether a loop's body has a `continue`; one of an inner loop counts too, which only makes the answer careful.
fn continues(body: &Statement<'_>) -> bool {
    match body {
        Statement::ContinueStatement(_) => true,
        Statement::BlockStatement(block) => block.body.iter().any(continues),
        Statement::IfStatement(choice) => {
            continues(&choice.consequent) || choice.alternate.as_ref().is_some_and(continues)
        }
        Statement::LabeledStatement(labelled) => continues(&labelled.body),
        Statement::SwitchStatement(switch) => switch.cases.iter().any(|case| case.consequent.iter().any(continues)),
        Statement::TryStatement(attempt) => {
            attempt.block.body.iter().any(continues)
                || attempt.handler.as_ref().is_some_and(|handler| handler.body.body.iter().any(continues))
        }
        _ => false,
    }
}

/// What a statement would execute where it stands; declarations that are there before the code runs execute nothing.
fn executed(statement: &Statement<'_>) -> Option<Span> {
    match statement {
        Statement::FunctionDeclaration(_)
        | Statement::ClassDeclaration(_)
        | Statement::EmptyStatement(_)
        | Statement::ImportDeclaration(_)
        | Statement::ExportFromDeclaration(_)
        | Statement::ExportNamedDeclaration(_)
        | Statement::ExportAllDeclaration(_)
        | Statement::TSEnumDeclaration(_) => None,
        Statement::VariableDeclaration(declared)
            if declared.declare || (declared.kind.is_var() && !declared.has_init()) =>
        {
            None
        }
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::VariableDeclaration(declared) if !declared.declare => Some(declared.span),
            _ => None,
        },
        Statement::ExportDefaultDeclaration(export) => match &export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(_)
            | ExportDefaultDeclarationKind::ClassDeclaration(_)
            | ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => None,
            _ => Some(export.span),
        },
        other if other.is_typescript_syntax() => None,
        other => Some(other.span()),
    }
}
