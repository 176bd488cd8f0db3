//! The rules. Each file is one rule: what it looks for, why, a good example, and its cases.

use crate::context::Context;
use crate::diagnostic::Severity;

mod await_in_try;
mod body_read_twice;
mod bot_loop;
mod cors_with_credentials;
mod floating_promise;
mod for_direction;
mod foreign_tenant;
mod getter_return;
mod handler_without_answer;
mod hardcoded_secret;
mod header_injection;
mod hmac_over_reserialized;
mod host_not_allowed;
mod json_before_verify;
mod large_body_in_memory;
mod malformed_ignore;
mod missing_handshake;
mod money_as_float;
mod no_async_promise_executor;
mod no_class_assign;
mod no_compare_neg_zero;
mod no_cond_assign;
mod no_const_assign;
mod no_constant_condition;
mod no_control_regex;
mod no_debugger;
mod no_default_export;
mod no_dupe_class_members;
mod no_dupe_else_if;
mod no_dupe_keys;
mod no_duplicate_case;
mod no_empty_character_class;
mod no_empty_pattern;
mod no_eval;
mod no_ex_assign;
mod no_fetch_handler;
mod no_func_assign;
mod no_global_assign;
mod no_idempotency_key;
mod no_import_assign;
mod no_invalid_regexp;
mod no_loss_of_precision;
mod no_new_native_nonconstructor;
mod no_obj_calls;
mod no_process_env;
mod no_require;
mod no_self_assign;
mod no_self_compare;
mod no_setter_return;
mod no_shadow_restricted_names;
mod no_sparse_arrays;
mod no_timestamp_check;
mod no_undef;
mod no_unreachable;
mod no_unsafe_finally;
mod no_unsafe_negation;
mod no_unsafe_optional_chaining;
mod no_unused_labels;
mod no_unused_vars;
mod no_useless_catch;
mod no_useless_escape;
mod node_without_compat;
mod number_beyond_2_53;
mod require_yield;
mod retry_after_ignored;
mod secret_as_plain_text;
mod secret_in_answer;
mod secret_in_log;
mod secret_in_url;
mod secret_to_other_host;
mod shared_mutable_state;
mod signature_not_verified;
mod slack_ok_ignored;
mod slow_before_answer;
mod startup_io;
mod timeout_after_answer;
mod timing_unsafe_compare;
mod unbounded_pages;
mod undeclared_binding;
mod unused_binding;
mod unused_ignore;
mod use_isnan;
mod valid_typeof;
mod wrong_region_host;

pub(crate) use hardcoded_secret::{looks_secret, why_secret};
pub(crate) use malformed_ignore::can_be_ignored;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What the Workers runtime demands.
    Runtime,
    /// What webhook senders demand.
    Webhook,
    /// Tenants, bindings and secrets.
    Tenant,
    /// Mistakes in any JavaScript.
    Correctness,
    /// What goes into which field of an upstream.
    Mapping,
}

impl Group {
    /// `runtime`, `webhook`, `tenant`, `correctness` or `mapping`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Webhook => "webhook",
            Self::Tenant => "tenant",
            Self::Correctness => "correctness",
            Self::Mapping => "mapping",
        }
    }
}

/// What a person can read about a rule.
#[derive(Debug)]
pub struct Docs {
    /// Its id, for example `no-eval`.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// How much its findings matter.
    pub severity: Severity,
    /// What it looks for.
    pub what: &'static str,
    /// Why that is bad.
    pub why: &'static str,
    /// Code as it should be.
    pub good: &'static str,
}

/// A rule.
pub(crate) trait Rule: Sync {
    fn docs(&self) -> &'static Docs;

    /// Whether it looks at what the other rules found, and so comes after them.
    fn is_last(&self) -> bool {
        false
    }

    /// Looks at the whole project and reports.
    fn check(&self, context: &Context<'_, '_>);
}

/// Every rule.
pub(crate) const RULES: &[&dyn Rule] = &[
    &await_in_try::AwaitInTry,
    &body_read_twice::BodyReadTwice,
    &bot_loop::BotLoop,
    &cors_with_credentials::CorsWithCredentials,
    &floating_promise::FloatingPromise,
    &for_direction::ForDirection,
    &foreign_tenant::ForeignTenant,
    &getter_return::GetterReturn,
    &handler_without_answer::HandlerWithoutAnswer,
    &hardcoded_secret::HardcodedSecret,
    &header_injection::HeaderInjection,
    &hmac_over_reserialized::HmacOverReserialized,
    &host_not_allowed::HostNotAllowed,
    &json_before_verify::JsonBeforeVerify,
    &large_body_in_memory::LargeBodyInMemory,
    &malformed_ignore::MalformedIgnore,
    &missing_handshake::MissingHandshake,
    &money_as_float::MoneyAsFloat,
    &no_async_promise_executor::NoAsyncPromiseExecutor,
    &no_class_assign::NoClassAssign,
    &no_compare_neg_zero::NoCompareNegZero,
    &no_cond_assign::NoCondAssign,
    &no_const_assign::NoConstAssign,
    &no_constant_condition::NoConstantCondition,
    &no_control_regex::NoControlRegex,
    &no_debugger::NoDebugger,
    &no_default_export::NoDefaultExport,
    &no_dupe_class_members::NoDupeClassMembers,
    &no_dupe_else_if::NoDupeElseIf,
    &no_dupe_keys::NoDupeKeys,
    &no_duplicate_case::NoDuplicateCase,
    &no_empty_character_class::NoEmptyCharacterClass,
    &no_empty_pattern::NoEmptyPattern,
    &no_eval::NoEval,
    &no_ex_assign::NoExAssign,
    &no_fetch_handler::NoFetchHandler,
    &no_func_assign::NoFuncAssign,
    &no_global_assign::NoGlobalAssign,
    &no_idempotency_key::NoIdempotencyKey,
    &no_import_assign::NoImportAssign,
    &no_invalid_regexp::NoInvalidRegexp,
    &no_loss_of_precision::NoLossOfPrecision,
    &no_new_native_nonconstructor::NoNewNativeNonconstructor,
    &no_obj_calls::NoObjCalls,
    &no_process_env::NoProcessEnv,
    &no_require::NoRequire,
    &no_self_assign::NoSelfAssign,
    &no_self_compare::NoSelfCompare,
    &no_setter_return::NoSetterReturn,
    &no_shadow_restricted_names::NoShadowRestrictedNames,
    &no_sparse_arrays::NoSparseArrays,
    &no_timestamp_check::NoTimestampCheck,
    &no_undef::NoUndef,
    &no_unreachable::NoUnreachable,
    &no_unsafe_finally::NoUnsafeFinally,
    &no_unsafe_negation::NoUnsafeNegation,
    &no_unsafe_optional_chaining::NoUnsafeOptionalChaining,
    &no_unused_labels::NoUnusedLabels,
    &no_unused_vars::NoUnusedVars,
    &no_useless_catch::NoUselessCatch,
    &no_useless_escape::NoUselessEscape,
    &node_without_compat::NodeWithoutCompat,
    &number_beyond_2_53::NumberBeyond253,
    &require_yield::RequireYield,
    &retry_after_ignored::RetryAfterIgnored,
    &secret_as_plain_text::SecretAsPlainText,
    &secret_in_answer::SecretInAnswer,
    &secret_in_log::SecretInLog,
    &secret_in_url::SecretInUrl,
    &secret_to_other_host::SecretToOtherHost,
    &shared_mutable_state::SharedMutableState,
    &signature_not_verified::SignatureNotVerified,
    &slack_ok_ignored::SlackOkIgnored,
    &slow_before_answer::SlowBeforeAnswer,
    &startup_io::StartupIo,
    &timeout_after_answer::TimeoutAfterAnswer,
    &timing_unsafe_compare::TimingUnsafeCompare,
    &unbounded_pages::UnboundedPages,
    &undeclared_binding::UndeclaredBinding,
    &unused_binding::UnusedBinding,
    &unused_ignore::UnusedIgnore,
    &use_isnan::UseIsnan,
    &valid_typeof::ValidTypeof,
    &wrong_region_host::WrongRegionHost,
];

/// What can be read about every rule, by id.
pub fn all_rules() -> impl Iterator<Item = &'static Docs> {
    RULES.iter().map(|rule| rule.docs())
}

#[cfg(test)]
mod tests {
    use super::all_rules;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_documented_and_has_a_file_and_a_failing_case() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut ids = BTreeSet::new();
        for docs in all_rules() {
            assert!(ids.insert(docs.id), "`{}` is registered twice", docs.id);
            for text in [docs.what, docs.why, docs.good] {
                assert!(text.len() > 20, "`{}` should say more than {text:?}", docs.id);
            }
            let name = docs.id.replace('-', "_");
            assert!(folder.join(format!("rules/{name}.rs")).is_file(), "`{}` should stand in {name}.rs", docs.id);
            let snapshot = folder.join(format!("snapshots/{name}.snap"));
            let shown = std::fs::read_to_string(&snapshot).unwrap_or_default();
            assert!(shown.contains(docs.id), "`{}` should have a failing case in {}", docs.id, snapshot.display());
        }
    }
}
