//! Small questions about the syntax tree that several rules ask.

use crate::project::File;
use oxc::ast::AstKind;
use oxc::ast::ast::{CallExpression, Expression, IdentifierReference, PropertyKey};
use oxc::semantic::NodeId;

/// The name of a property, if it is written out.
pub(crate) fn key_name<'a>(key: &PropertyKey<'a>, computed: bool) -> Option<&'a str> {
    match key {
        PropertyKey::StaticIdentifier(name) if !computed => Some(name.name.as_str()),
        PropertyKey::StringLiteral(name) => Some(name.value.as_str()),
        _ => None,
    }
}

/// The call that an expression is, optional ones included.
pub(crate) fn as_call<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e CallExpression<'a>> {
    match expression.get_inner_expression() {
        Expression::CallExpression(call) => Some(call),
        Expression::ChainExpression(chain) => match &chain.expression {
            oxc::ast::ast::ChainElement::CallExpression(call) => Some(call),
            _ => None,
        },
        _ => None,
    }
}

/// Object and name of a method call: `object.name(…)`.
pub(crate) fn method_call<'e, 'a>(call: &'e CallExpression<'a>) -> Option<(&'e Expression<'a>, &'a str)> {
    let member = call.callee.get_member_expr()?;
    Some((member.object(), member.static_property_name()?))
}

/// The header that `….headers.get("…")` reads, in lower case.
pub(crate) fn header_read(expression: &Expression<'_>) -> Option<String> {
    let call = as_call(expression)?;
    let (object, method) = method_call(call)?;
    if method != "get" {
        return None;
    }
    let headers = object.get_inner_expression();
    let is_headers = match headers {
        Expression::StaticMemberExpression(member) => member.property.name == "headers",
        // A parameter or variable that holds the headers: a header name in the argument decides.
        Expression::Identifier(_) => true,
        _ => false,
    };
    match call.arguments.first()?.as_expression()? {
        Expression::StringLiteral(name) if is_headers => Some(name.value.to_ascii_lowercase()),
        _ => None,
    }
}

/// Whether no file declares the name, so that it is the runtime's.
pub(crate) fn is_unbound(file: &File<'_>, identifier: &IdentifierReference<'_>) -> bool {
    identifier.reference_id.get().is_some_and(|id| file.scoping().get_reference(id).symbol_id().is_none())
}

/// Whether a property stands in the descriptor that `Object.defineProperty` and its kin are given.
pub(crate) fn describes(file: &File<'_>, property: NodeId) -> bool {
    let call = file.nodes().ancestor_kinds(property).take(4).find_map(|kind| match kind {
        AstKind::CallExpression(call) => Some(call),
        _ => None,
    });
    let Some(callee) = call.and_then(|call| call.callee.get_member_expr()) else { return false };
    let Expression::Identifier(object) = callee.object().get_inner_expression() else { return false };
    let is_known = match callee.static_property_name() {
        Some("defineProperty") => matches!(object.name.as_str(), "Object" | "Reflect"),
        Some("defineProperties" | "create") => object.name == "Object",
        _ => false,
    };
    is_known && is_unbound(file, object)
}
