//! Ways through a function: can control come to its end, and what does it return on the way?

use crate::meaning::{FunctionId, Root};
use crate::patterns::as_call;
use crate::project::{File, Project};
use oxc::ast::AstKind;
use oxc::ast::ast::{Expression, ReturnStatement, Statement};

/// Whether control can come to the end of something and go on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// It always returns, throws or goes on for ever.
    Never,
    /// It cannot be told: a `switch` that may know every case, a call of something unknown that may always throw.
    Perhaps,
    /// There is a way.
    Reached,
}

/// What a function's body does.
pub(crate) struct Ways<'a> {
    /// Whether its end can be reached.
    pub(crate) end: End,
    /// The `return` statements that can be reached; those of inner functions are not its own.
    pub(crate) returns: Vec<&'a ReturnStatement<'a>>,
}

/// How many calls of functions that never come back are followed into one another.
const DEEPEST: usize = 4;

impl<'a> Project<'a> {
    /// The ways through a function with a block as its body; nothing for generators and for `() => value`.
    pub(crate) fn ways(&self, function: FunctionId) -> Option<Ways<'a>> {
        self.ways_within(function, DEEPEST)
    }

    fn ways_within(&self, function: FunctionId, steps: usize) -> Option<Ways<'a>> {
        let steps = steps.checked_sub(1)?;
        self.take_step()?;
        let file = &self.files[function.file];
        let statements = match file.nodes().kind(function.node) {
            AstKind::Function(declared) if !declared.generator => &declared.body.as_ref()?.statements,
            AstKind::ArrowFunctionExpression(arrow) => &arrow.get_function_body()?.statements,
            _ => return None,
        };
        let mut walk = Walk { project: self, file, steps, returns: Vec::new(), leaves: Vec::new(), continues: false };
        let end = walk.all(statements);
        Some(Ways { end, returns: walk.returns })
    }
}

struct Walk<'w, 'a> {
    project: &'w Project<'a>,
    file: &'w File<'a>,
    steps: usize,
    returns: Vec<&'a ReturnStatement<'a>>,
    /// The `break`s that were met and have not found their statement yet, by label.
    leaves: Vec<Option<&'a str>>,
    continues: bool,
}

impl<'a> Walk<'_, 'a> {
    fn all(&mut self, statements: &'a [Statement<'a>]) -> End {
        let mut end = End::Reached;
        for statement in statements {
            // What stands behind a `return` is not on any way.
            end = self.one(statement);
            if end == End::Never {
                break;
            }
        }
        end
    }

    fn one(&mut self, statement: &'a Statement<'a>) -> End {
        match statement {
            Statement::ReturnStatement(returned) => {
                self.returns.push(returned);
                End::Never
            }
            Statement::ThrowStatement(_) => End::Never,
            Statement::ContinueStatement(_) => {
                self.continues = true;
                End::Never
            }
            Statement::BreakStatement(leave) => {
                self.leaves.push(leave.label.as_ref().map(|label| label.name.as_str()));
                End::Never
            }
            Statement::BlockStatement(block) => self.all(&block.body),
            Statement::IfStatement(choice) => match constant(&choice.test) {
                Some(true) => self.one(&choice.consequent),
                constant => {
                    let then = if constant.is_none() { self.one(&choice.consequent) } else { End::Never };
                    then.max(choice.alternate.as_ref().map_or(End::Reached, |other| self.one(other)))
                }
            },
            Statement::ForStatement(each) => {
                let is_endless = each.test.as_ref().is_none_or(|test| constant(test) == Some(true));
                self.repeated(&each.body, if is_endless { End::Never } else { End::Reached })
            }
            Statement::WhileStatement(each) => {
                let is_endless = constant(&each.test) == Some(true);
                self.repeated(&each.body, if is_endless { End::Never } else { End::Reached })
            }
            Statement::DoWhileStatement(each) => {
                let outer = std::mem::take(&mut self.continues);
                let before = self.leaves.len();
                let body = self.one(&each.body);
                let asks = if self.continues { End::Reached } else { body };
                self.continues = outer;
                let asked = if constant(&each.test) == Some(true) { End::Never } else { asks };
                self.left(before, None, asked)
            }
            Statement::ForInStatement(each) => self.repeated(&each.body, End::Reached),
            Statement::ForOfStatement(each) => self.repeated(&each.body, End::Reached),
            Statement::SwitchStatement(choice) => {
                let before = self.leaves.len();
                let mut last = End::Reached;
                let mut has_default = false;
                for case in &choice.cases {
                    has_default |= case.test.is_none();
                    // A case that comes to its end falls into the next one, so only the last one's end counts.
                    last = self.all(&case.consequent);
                }
                // Whoever writes no `default` may know that there is no other case.
                let end = if has_default { last } else { last.max(End::Perhaps) };
                self.left(before, None, end)
            }
            Statement::TryStatement(attempt) => {
                let block = self.all(&attempt.block.body);
                let caught = attempt.handler.as_ref().map_or(End::Never, |handler| self.all(&handler.body.body));
                let end = block.max(caught);
                let last = attempt.finalizer.as_ref().map_or(End::Reached, |last| self.all(&last.body));
                if last == End::Reached { end } else { last.min(end) }
            }
            Statement::LabeledStatement(labelled) => {
                let before = self.leaves.len();
                let end = self.one(&labelled.body);
                self.left(before, Some(labelled.label.name.as_str()), end)
            }
            Statement::ExpressionStatement(statement) => self.expression(&statement.expression),
            _ => End::Reached,
        }
    }

    fn repeated(&mut self, body: &'a Statement<'a>, after: End) -> End {
        let outer = self.continues;
        let before = self.leaves.len();
        self.one(body);
        self.continues = outer;
        self.left(before, None, after)
    }

    /// Takes out the `break`s that lead behind a statement; with one of them its end is reached.
    fn left(&mut self, before: usize, label: Option<&str>, end: End) -> End {
        let met = self.leaves.len();
        let mut at = 0;
        self.leaves.retain(|leave| {
            at += 1;
            at <= before || *leave != label
        });
        if self.leaves.len() < met { End::Reached } else { end }
    }

    /// A call may be one that always throws.
    fn expression(&self, expression: &'a Expression<'a>) -> End {
        let inner = match expression.get_inner_expression() {
            Expression::AwaitExpression(awaited) => awaited.argument.get_inner_expression(),
            inner => inner,
        };
        let Some(call) = as_call(inner) else { return End::Reached };
        let Some(callee) = self.project.meaning(self.file, &call.callee) else { return End::Perhaps };
        match callee.root {
            Root::Function(function) if callee.members.is_empty() => {
                // A promise that is not awaited keeps its error to itself.
                let is_async = match self.project.files[function.file].nodes().kind(function.node) {
                    AstKind::Function(declared) => declared.r#async,
                    AstKind::ArrowFunctionExpression(arrow) => arrow.r#async,
                    _ => false,
                };
                let is_awaited = !std::ptr::eq(inner, expression.get_inner_expression());
                match self.project.ways_within(function, self.steps) {
                    Some(ways) if ways.returns.is_empty() && (is_awaited || !is_async) => ways.end,
                    _ => End::Reached,
                }
            }
            Root::Global(_) | Root::Request | Root::Environment | Root::Context => End::Reached,
            _ => End::Perhaps,
        }
    }
}

/// The value of a test that is written out.
pub(crate) fn constant(test: &Expression<'_>) -> Option<bool> {
    match test.get_inner_expression() {
        Expression::BooleanLiteral(literal) => Some(literal.value),
        Expression::NumericLiteral(literal) => Some(literal.value != 0.0),
        _ => None,
    }
}
