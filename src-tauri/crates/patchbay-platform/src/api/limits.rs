//! What an upload may contain at most. What is kept with a version is handed to the runtime at every start of it.

use super::refusal::Refusal;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_cloudflare::wire::codes::ApiCode;

/// Bindings of a script at most, as on a paid plan.
pub(super) const MOST_BINDINGS: usize = 128;
/// Bytes of a binding's name at most, as of any other name.
const LONGEST_BINDING_NAME: usize = 255;
/// Bytes of the metadata at most: 128 variables of 5 KB with their escapes, and room for the rest.
pub(super) const LONGEST_METADATA: usize = 2 << 20;
/// Bytes of a module's name at most, and of any other text in the head of a part.
pub(super) const LONGEST_MODULE_NAME: usize = 1024;
/// Compatibility flags at most, and bytes of one. The runtime knows about two hundred, few of them at once.
const MOST_FLAGS: usize = 64;
const LONGEST_FLAG: usize = 255;
/// Begin of the names of modules that the platform adds.
const OURS: &str = "__patchbay_";

fn refused(text: impl Into<String>) -> Refusal {
    Refusal::with(ApiCode::Validation, text)
}

/// Refuses metadata that is too large to be read.
pub(super) fn check_metadata(text: &[u8]) -> Result<(), Refusal> {
    if text.len() > LONGEST_METADATA {
        return Err(refused(format!("The metadata has {} bytes; it may have 2 MB.", text.len())));
    }
    Ok(())
}

/// Refuses more bindings than a script may have, before each is compared with each.
pub(super) fn check_count(bindings: &[Binding]) -> Result<(), Refusal> {
    if bindings.len() > MOST_BINDINGS {
        return Err(ApiCode::TooManyVariables.into());
    }
    Ok(())
}

/// Refuses a name under which `env` cannot hold a value.
pub(super) fn check_binding_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(ApiCode::BindingWithoutName.into());
    }
    if name.len() > LONGEST_BINDING_NAME || name.chars().any(char::is_control) {
        return Err(refused(format!(
            "The name of a binding may have {LONGEST_BINDING_NAME} bytes and no control characters."
        )));
    }
    // The runtime takes such a value for the prototype of `env` and leaves the binding out.
    if name == "__proto__" {
        return Err(refused("A binding cannot be named '__proto__'."));
    }
    Ok(())
}

/// Refuses a name that no import could mean, or that is the platform's.
pub(super) fn check_module_name(name: &str) -> Result<(), Refusal> {
    if name.len() > LONGEST_MODULE_NAME {
        let text = format!("The name of a module has {} bytes; it may have {LONGEST_MODULE_NAME}.", name.len());
        return Err(refused(text));
    }
    let is_path = name.split('/').any(|part| part == "..") || name.starts_with('/');
    if name.is_empty() || is_path || name.starts_with(OURS) || name.chars().any(char::is_control) {
        return Err(refused(format!("Invalid module name \"{}\".", name.escape_debug())));
    }
    Ok(())
}

/// Refuses more or longer compatibility flags than any script has.
pub(super) fn check_flags(flags: Option<&Vec<String>>) -> Result<(), Refusal> {
    let flags = flags.map_or(&[][..], Vec::as_slice);
    if flags.len() > MOST_FLAGS {
        let text = format!("{} compatibility flags were given; a script may have {MOST_FLAGS}.", flags.len());
        return Err(refused(text));
    }
    if flags.iter().any(|flag| flag.is_empty() || flag.len() > LONGEST_FLAG) {
        return Err(refused(format!("A compatibility flag has between 1 and {LONGEST_FLAG} characters.")));
    }
    Ok(())
}
