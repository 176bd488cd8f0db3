//! What an object literal holds, as far as it is written out.

use crate::patterns::key_name;
use crate::project::{FileId, Project};
use oxc::ast::AstKind;
use oxc::ast::ast::{Argument, Expression, ObjectExpression, ObjectPropertyKind};
use oxc::span::GetSpan as _;

/// An object literal, and the file it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Literal<'a> {
    pub(crate) file: FileId,
    pub(crate) object: &'a ObjectExpression<'a>,
}

/// What is known of one field.
pub(crate) enum Field<'a> {
    /// The object certainly does not have it.
    Absent,
    /// It may have it, by a spread or a computed key.
    Unknown,
    /// It has this value, in this file.
    Value(FileId, &'a Expression<'a>),
}

impl<'a> Project<'a> {
    /// The object literal that a value is. A name counts only where nothing can change the object that it stands for.
    pub(crate) fn literal(&self, file: FileId, expression: &'a Expression<'a>) -> Option<Literal<'a>> {
        match expression.get_inner_expression() {
            Expression::ObjectExpression(object) => Some(Literal { file, object }),
            Expression::Identifier(name) => {
                let file = &self.files[file];
                let symbol = file.scoping().get_reference(name.reference_id.get()?).symbol_id()?;
                let is_only_read = file.scoping().get_resolved_references(symbol).all(|reference| {
                    match file.parent(reference.node_id()) {
                        AstKind::ObjectProperty(_) | AstKind::SpreadElement(_) => true,
                        AstKind::CallExpression(call) => self
                            .meaning(file, &call.callee)
                            .is_some_and(|callee| callee.is_global("fetch") || callee.is_global("JSON.stringify")),
                        AstKind::NewExpression(made) => {
                            self.meaning(file, &made.callee).is_some_and(|callee| callee.begins_with_global("Request"))
                        }
                        AstKind::StaticMemberExpression(member) => {
                            !matches!(file.parent(member.node_id.get()), AstKind::AssignmentExpression(assigned)
                                if assigned.left.span().contains_inclusive(member.span))
                        }
                        _ => false,
                    }
                });
                let [origin] = self.origins(file.id, expression)[..] else { return None };
                match origin.expression {
                    Expression::ObjectExpression(object) if is_only_read && origin.file == file.id => {
                        Some(Literal { file: file.id, object })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What a literal has under a name, upper and lower case alike, spreads of other literals included.
    pub(crate) fn field(&self, literal: Literal<'a>, name: &str) -> Field<'a> {
        let mut found = Field::Absent;
        for property in &literal.object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => match key_name(&property.key, property.computed) {
                    Some(key) if key.eq_ignore_ascii_case(name) => found = Field::Value(literal.file, &property.value),
                    Some(_) => {}
                    None => found = Field::Unknown,
                },
                ObjectPropertyKind::SpreadProperty(spread) => {
                    match self.literal(literal.file, &spread.argument).map(|inner| self.field(inner, name)) {
                        Some(Field::Absent) => {}
                        Some(other) => found = other,
                        None => found = Field::Unknown,
                    }
                }
            }
        }
        found
    }

    /// The literal under a name of a literal.
    pub(crate) fn field_literal(&self, literal: Literal<'a>, name: &str) -> Option<Literal<'a>> {
        match self.field(literal, name) {
            Field::Value(file, value) => self.literal(file, value),
            Field::Absent | Field::Unknown => None,
        }
    }

    /// The literal that a text of JSON is made of: `JSON.stringify({ … })`.
    pub(crate) fn stringified(&self, file: FileId, expression: &'a Expression<'a>) -> Option<Literal<'a>> {
        let [origin] = self.origins(file, expression)[..] else { return None };
        let Expression::CallExpression(call) = origin.expression else { return None };
        let callee = self.meaning(&self.files[origin.file], &call.callee)?;
        let value = call.arguments.first().and_then(Argument::as_expression)?;
        if callee.is_global("JSON.stringify") { self.literal(origin.file, value) } else { None }
    }
}
