//! What an expression shows of the secrets that the manifest declares: names, helpers and other files are followed.

use crate::context::Context;
use crate::meaning::{Definition, FunctionId, Meaning, Root};
use crate::patterns::{key_name, method_call};
use crate::project::{File, FileId, Project};
use oxc::ast::ast::{
    Argument, ArrayExpressionElement, BindingPattern, CallExpression, Expression, LogicalOperator, NewExpression,
    ObjectExpression, ObjectPropertyKind,
};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::SymbolId;
use oxc::span::{GetSpan as _, Span};
use patchbay_core::{BindingDeclaration, BindingKind};
use std::cell::Cell;
use std::fmt;

/// How a value is made readable. It decides what can be seen of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// As `String(value)`: an object is only `[object Object]`.
    AsText,
    /// As `JSON.stringify(value)`: headers and errors are `{}`.
    AsJson,
    /// As the console prints it: with all that is in it.
    Whole,
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secret<'a> {
    /// One binding.
    Binding(&'a str),
    /// `env`, with every binding.
    Environment,
}

impl fmt::Display for Secret<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binding(name) => write!(formatter, "The secret `{name}`"),
            Self::Environment => formatter.write_str("`env`, with every secret in it,"),
        }
    }
}

/// A secret in a value, and where a person put it there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SecretPlace<'a> {
    pub(crate) secret: Secret<'a>,
    pub(crate) file: FileId,
    pub(crate) span: Span,
    /// A helper was given it in a call, which is the place to look at, wherever the helper shows it.
    is_handed_over: bool,
}

impl SecretPlace<'_> {
    /// The place to report for a value that stands at `shown`: inside of it where that is possible.
    pub(crate) fn seen_from(&self, file: FileId, shown: Span) -> (FileId, Span) {
        if self.is_handed_over || (self.file == file && shown.contains_inclusive(self.span)) {
            (self.file, self.span)
        } else {
            (file, shown)
        }
    }
}

/// Expressions that one question may look at. Code that needs more is not written by people.
const MOST_LOOKED_AT: u32 = 500;
/// Names and helpers that are followed one after the other.
const DEEPEST: u32 = 16;

impl<'a> Project<'a> {
    /// The bindings that hold secrets.
    pub(crate) fn secret_bindings(&self) -> impl Iterator<Item = &'a BindingDeclaration> {
        let bindings: &'a [BindingDeclaration] = self.manifest.map_or(&[], |manifest| &manifest.bindings);
        bindings.iter().filter(|binding| binding.kind == BindingKind::SecretText)
    }

    /// The secret that a value shows. Nothing where it cannot be told.
    pub(crate) fn secret_in(
        &self,
        file: &File<'a>,
        value: &'a Expression<'a>,
        shown: Shown,
    ) -> Option<SecretPlace<'a>> {
        self.secret_bindings().next()?;
        let search = Search { project: self, left: Cell::new(MOST_LOOKED_AT) };
        search.value(file, value, shown, DEEPEST)
    }
}

/// Reports a value that shows a secret; `what` says where it shows it, behind the secret's name.
pub(crate) fn report_secret<'a>(
    context: &Context<'_, 'a>,
    file: &File<'a>,
    value: &'a Expression<'a>,
    shown: Shown,
    (what, help): (&str, &str),
) {
    let Some(place) = context.secret_in(file, value, shown) else { return };
    let (seen_in, span) = place.seen_from(file.id, value.span());
    context.report(&context.files[seen_in], span, format!("{} {what}", place.secret)).help(help);
}

struct Search<'s, 'a> {
    project: &'s Project<'a>,
    left: Cell<u32>,
}

impl<'a> Search<'_, 'a> {
    fn value(&self, file: &File<'a>, value: &'a Expression<'a>, shown: Shown, steps: u32) -> Option<SecretPlace<'a>> {
        let steps = steps.checked_sub(1)?;
        self.left.set(self.left.get().checked_sub(1)?);
        self.project.take_step()?;
        let value = value.get_inner_expression();
        if let Some(meaning) = self.project.meaning(file, value) {
            return self.meant(&meaning, shown).map(|secret| SecretPlace {
                secret,
                file: file.id,
                span: value.span(),
                is_handed_over: false,
            });
        }
        match value {
            Expression::TemplateLiteral(template) => {
                template.expressions.iter().find_map(|part| self.value(file, part, Shown::AsText, steps))
            }
            Expression::BinaryExpression(sum) if sum.operator.is_arithmetic() => self
                .value(file, &sum.left, Shown::AsText, steps)
                .or_else(|| self.value(file, &sum.right, Shown::AsText, steps)),
            // `secret && value` is the value, or the secret that is empty.
            Expression::LogicalExpression(logical) if logical.operator == LogicalOperator::And => {
                self.value(file, &logical.right, shown, steps)
            }
            Expression::LogicalExpression(logical) => {
                self.value(file, &logical.left, shown, steps).or_else(|| self.value(file, &logical.right, shown, steps))
            }
            Expression::ConditionalExpression(choice) => self
                .value(file, &choice.consequent, shown, steps)
                .or_else(|| self.value(file, &choice.alternate, shown, steps)),
            Expression::SequenceExpression(sequence) => self.value(file, sequence.expressions.last()?, shown, steps),
            Expression::AwaitExpression(awaited) => self.value(file, &awaited.argument, shown, steps),
            Expression::ArrayExpression(array) => array.elements.iter().find_map(|element| match element {
                ArrayExpressionElement::SpreadElement(spread) => self.value(file, &spread.argument, shown, steps),
                element => self.value(file, element.as_expression()?, shown, steps),
            }),
            Expression::ObjectExpression(object) if shown != Shown::AsText => self.object(file, object, shown, steps),
            Expression::CallExpression(call) => self.call(file, call, shown, steps),
            Expression::NewExpression(made) => self.made(file, made, shown, steps),
            Expression::StaticMemberExpression(member) => {
                self.member(file, &member.object, member.property.name.as_str(), shown, steps)
            }
            Expression::Identifier(identifier) => {
                if let Some((defined_in, Definition::Expression(made))) = self.project.definition(file, value) {
                    return self.value(&self.project.files[defined_in], made, shown, steps);
                }
                let symbol = file.scoping().get_reference(identifier.reference_id.get()?).symbol_id()?;
                self.handed_over(file, symbol, shown, steps).or_else(|| self.caught(file, symbol, shown, steps))
            }
            _ => None,
        }
    }

    fn meant(&self, meaning: &Meaning<'a>, shown: Shown) -> Option<Secret<'a>> {
        if meaning.is_environment() {
            return (shown != Shown::AsText).then_some(Secret::Environment);
        }
        let name = meaning.binding()?;
        let is_secret = self.project.secret_bindings().any(|binding| binding.name.as_str() == name);
        is_secret.then_some(Secret::Binding(name))
    }

    fn object(
        &self,
        file: &File<'a>,
        object: &'a ObjectExpression<'a>,
        shown: Shown,
        steps: u32,
    ) -> Option<SecretPlace<'a>> {
        object.properties.iter().find_map(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) => self.value(file, &property.value, shown, steps),
            ObjectPropertyKind::SpreadProperty(spread) => self.value(file, &spread.argument, shown, steps),
        })
    }

    fn call(&self, file: &File<'a>, call: &'a CallExpression<'a>, shown: Shown, steps: u32) -> Option<SecretPlace<'a>> {
        let first = call.arguments.first().and_then(Argument::as_expression);
        if let Some(callee) = self.project.meaning(file, &call.callee) {
            if callee.is_global("JSON.stringify") {
                // A replacer may take the secret out.
                let replacer = call.arguments.get(1).and_then(Argument::as_expression);
                let is_filtered = replacer.is_some_and(|replacer| !replacer.is_null_or_undefined());
                return if is_filtered { None } else { self.value(file, first?, Shown::AsJson, steps) };
            }
            let as_text = ["String", "encodeURIComponent", "encodeURI", "btoa", "Buffer.from"];
            let is_buffer = matches!(callee.root, Root::Import { from: "node:buffer" | "buffer", name: "Buffer" })
                && callee.members == ["from"];
            if is_buffer || as_text.iter().any(|name| callee.is_global(name)) {
                return self.value(file, first?, Shown::AsText, steps);
            }
            let whole = ["Object.entries", "Object.values", "Object.fromEntries", "structuredClone"];
            if whole.iter().any(|name| callee.is_global(name)) {
                return self.value(file, first?, Shown::Whole, steps);
            }
            if let Root::Function(function) = callee.root
                && callee.members.is_empty()
            {
                return self.returned(function, shown, steps);
            }
        }
        // `env.TOKEN.trim()` still is the token; a part of it or its length is not.
        let (object, method) = method_call(call)?;
        let object: &'a Expression<'a> = object;
        match method {
            "trim" | "toString" | "toLowerCase" | "toUpperCase" | "join" => {
                self.value(file, object, Shown::AsText, steps)
            }
            "concat" => self.value(file, object, shown, steps).or_else(|| {
                let mut arguments = call.arguments.iter().filter_map(Argument::as_expression);
                arguments.find_map(|argument| self.value(file, argument, shown, steps))
            }),
            _ => None,
        }
    }

    fn made(&self, file: &File<'a>, made: &'a NewExpression<'a>, shown: Shown, steps: u32) -> Option<SecretPlace<'a>> {
        let class = self.project.meaning(file, &made.callee)?;
        let first = made.arguments.first().and_then(Argument::as_expression);
        let is_error = ["Error", "TypeError", "RangeError", "SyntaxError"].iter().any(|name| class.is_global(name));
        if is_error && shown != Shown::AsJson {
            return self.value(file, first?, Shown::AsText, steps);
        }
        if class.is_global("Headers") && shown == Shown::Whole {
            return self.value(file, first?, Shown::Whole, steps);
        }
        if class.is_global("URLSearchParams") && shown != Shown::AsJson {
            return self.value(file, first?, Shown::Whole, steps);
        }
        if class.is_global("URL") {
            let mut parts = made.arguments.iter().filter_map(Argument::as_expression);
            return parts.find_map(|part| self.value(file, part, Shown::AsText, steps));
        }
        None
    }

    /// What a helper gives back: the same whichever way it ends, else it depends on what it is given.
    fn returned(&self, function: FunctionId, shown: Shown, steps: u32) -> Option<SecretPlace<'a>> {
        let file = &self.project.files[function.file];
        let mut found = None;
        for value in self.project.returned_values(function) {
            if let Expression::ConditionalExpression(choice) = value.get_inner_expression() {
                self.value(file, &choice.alternate, shown, steps)?;
            }
            found = Some(self.value(file, value, shown, steps)?);
        }
        found
    }

    /// A property of an object literal that nothing is written to, or the text of an error.
    fn member(
        &self,
        file: &File<'a>,
        object: &'a Expression<'a>,
        name: &str,
        shown: Shown,
        steps: u32,
    ) -> Option<SecretPlace<'a>> {
        if let Some((defined_in, Definition::Expression(Expression::ObjectExpression(literal)))) =
            self.project.definition(file, object)
        {
            if let Expression::Identifier(identifier) = object.get_inner_expression()
                && let Some(symbol) = file.scoping().get_reference(identifier.reference_id.get()?).symbol_id()
                && is_written_to(file, symbol)
            {
                return None;
            }
            let has_spread = literal.properties.iter().any(ObjectPropertyKind::is_spread);
            return literal.properties.iter().filter(|_| !has_spread).find_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(property)
                    if key_name(&property.key, property.computed) == Some(name) =>
                {
                    self.value(&self.project.files[defined_in], &property.value, shown, steps)
                }
                _ => None,
            });
        }
        matches!(name, "message" | "stack").then(|| self.value(file, object, Shown::AsText, steps))?
    }

    /// What the calls of a function pass for one of its parameters.
    fn handed_over(&self, file: &File<'a>, symbol: SymbolId, shown: Shown, steps: u32) -> Option<SecretPlace<'a>> {
        if file.scoping().symbol_is_mutated(symbol) {
            return None;
        }
        let nodes = file.nodes();
        let declaration = file.scoping().symbol_declaration(symbol);
        let AstKind::FormalParameter(parameter) = nodes.kind(declaration) else { return None };
        let BindingPattern::BindingIdentifier(_) = &parameter.pattern else { return None };
        let AstKind::FormalParameters(all) = nodes.parent_kind(declaration) else { return None };
        let index = all.items.iter().position(|item| item.span == parameter.span)?;
        let function = FunctionId { file: file.id, node: nodes.parent_id(nodes.parent_id(declaration)) };
        let name = self.project.function_symbol(function)?;
        self.project.call_sites(file.id, name).take_while(|_| self.left.get() > 0).find_map(|site| {
            let argument = site.call.arguments.get(index).and_then(Argument::as_expression)?;
            let place = self.value(&self.project.files[site.file], argument, shown, steps)?;
            let (file, span) = place.seen_from(site.file, argument.span());
            Some(SecretPlace { file, span, is_handed_over: true, ..place })
        })
    }

    /// What the `try` before a `catch` throws by itself.
    fn caught(&self, file: &File<'a>, symbol: SymbolId, shown: Shown, steps: u32) -> Option<SecretPlace<'a>> {
        let nodes = file.nodes();
        let declaration = file.scoping().symbol_declaration(symbol);
        let AstKind::CatchParameter(parameter) = nodes.kind(declaration) else { return None };
        let BindingPattern::BindingIdentifier(_) = &parameter.pattern else { return None };
        let attempt = nodes.parent_id(nodes.parent_id(declaration));
        let AstKind::TryStatement(attempted) = nodes.kind(attempt) else { return None };
        let function = |node| file.function_around(node).map(oxc::semantic::AstNode::id);
        let mut thrown = file.of_type_in(AstType::ThrowStatement, attempted.block.node_id.get());
        thrown.find_map(|node| match node.kind() {
            AstKind::ThrowStatement(thrown) if function(node.id()) == function(attempt) => {
                self.value(file, &thrown.argument, shown, steps)
            }
            _ => None,
        })
    }
}

/// Whether a property of the object that a name stands for is assigned to.
fn is_written_to(file: &File<'_>, symbol: SymbolId) -> bool {
    file.scoping().get_resolved_references(symbol).any(|reference| {
        let nodes = file.nodes();
        let member = nodes.parent_id(reference.node_id());
        nodes.kind(member).is_member_expression_kind()
            && matches!(nodes.parent_kind(member), AstKind::AssignmentExpression(assignment)
                if assignment.left.span() == nodes.kind(member).span())
    })
}

impl<'a> Project<'a> {
    /// The values that a function returns.
    pub(crate) fn returned_values(&self, function: FunctionId) -> Vec<&'a Expression<'a>> {
        let file = &self.files[function.file];
        if let AstKind::ArrowFunctionExpression(arrow) = file.nodes().kind(function.node)
            && let Some(only) = arrow.body.as_expression()
        {
            return vec![only];
        }
        let returns = file.own_nodes(function.node).filter_map(|node| match node.kind() {
            AstKind::ReturnStatement(statement) => statement.argument.as_ref(),
            _ => None,
        });
        returns.collect()
    }
}
