//! Cloudflare's error codes for scripts and dispatch namespaces, with the status and the text they come with.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $message:literal;)*) => {
        /// A code that Cloudflare answers with. Codes that are not listed here exist.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ApiCode {
            $($(#[$doc])* $name,)*
        }

        impl ApiCode {
            /// Every code of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The number on the wire.
            pub fn code(self) -> u32 {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that comes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The text that comes with it where the situation gives no better one.
            pub fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

codes! {
    /// Too many requests.
    Throttled = 971, 429, "Please wait and consider throttling your request speed";
    /// The `Authorization` header is not of the form `Bearer <token>`.
    InvalidHeaders = 6003, 400, "Invalid request headers";
    /// No such route.
    NoRoute = 7003, 404, "Could not route to the requested path, perhaps your object identifier is invalid?";
    /// No credentials were sent.
    CredentialsMissing = 9106, 400, "Missing X-Auth-Key, X-Auth-Email or Authorization headers";
    /// The token may not do this.
    Unauthorized = 9109, 403, "Unauthorized to access requested resource";
    /// The token is not known.
    Authentication = 10000, 403, "Authentication error";
    /// A multipart body was expected.
    ContentTypeRequired = 10001, 400, "Content-Type must be multipart/form-data";
    /// Internal failure.
    Internal = 10002, 500, "An unknown error has occurred.";
    /// The code could not be parsed.
    CannotParseCode = 10006, 400, "Could not parse your Worker's code.";
    /// No such script. Every operation but the plain `GET` answers with this one.
    ScriptNotFound = 10007, 404, "This Worker does not exist on your account.";
    /// Internal failure.
    Unknown = 10013, 500, "An unknown error has occurred.";
    /// A script name that cannot be used.
    InvalidScriptName = 10016, 400, "Invalid Worker name.";
    /// Anything that validation or the start of the script found.
    Validation = 10021, 400, "The uploaded script did not pass validation.";
    /// The body could not be read.
    CannotParseBody = 10026, 400, "Could not parse the request body.";
    /// The modules are too large.
    ScriptTooLarge = 10027, 400, "Your Worker exceeded the size limit.";
    /// Somebody else changes the script at this moment.
    ConcurrentChange = 10035, 429, "Too many requests are currently modifying the script.";
    /// The account is full.
    TooManyScripts = 10037, 400, "You have exceeded the limit of Workers on your account.";
    /// The KV namespace of a binding does not exist.
    KvNamespaceNotFound = 10041, 400, "KV namespace not found.";
    /// A binding without a name.
    BindingWithoutName = 10052, 400, "A binding is missing its name.";
    /// A variable that is too large.
    VariableTooLarge = 10054, 400, "A variable is larger than the limit of 5 KB.";
    /// More variables than allowed.
    TooManyVariables = 10055, 400, "There are more than 128 variables.";
    /// No such binding or secret.
    BindingNotFound = 10056, 404, "Binding or secret not found.";
    /// An `inherit` binding whose source is not on the previous version.
    InheritNotFound = 10057, 400, "The binding to inherit was not found on the previous version.";
    /// A Durable Object class that a binding names and that no migration made.
    ClassNotConfigured = 10061, 400, "A binding names a class that is not configured to implement Durable Objects.";
    /// A class that Durable Objects depend on is no longer exported.
    ClassGone = 10064, 400, "The script does not export a class that Durable Objects depend on.";
    /// The script handles no event.
    NoHandlers = 10068, 400, "The uploaded script has no registered event handlers.";
    /// The script handles an event that is not supported here.
    UnsupportedHandlers = 10069, 400, "The uploaded script registers unsupported event handlers.";
    /// A migration names a class that the script does not export.
    ClassNotExported = 10070, 400, "A migration names a class that the script does not export.";
    /// A migration that does not fit the classes that are there.
    MigrationConflict = 10074, 400, "The migration does not fit the Durable Object classes that are there.";
    /// A migration that was written for another state of the script.
    MigrationTagMismatch = 10079, 412, "Actor migration tag precondition failed.";
    /// No such account-level script.
    ServiceNotFound = 10090, 404, "workers.api.error.service_not_found";
    /// The plain `GET` of a script that does not exist: the only answer that `wrangler` takes for "not there yet".
    EnvironmentNotFound = 10092, 404, "workers.api.error.environment_not_found";
    /// Workers for Platforms is not enabled.
    PlatformNotEnabled = 10121, 403, "You do not have access to dispatch namespaces.";
    /// A script that others are bound to.
    ServiceBindingConflict = 10142, 400, "The Worker is bound by other Workers.";
    /// The target of a service binding does not exist.
    ServiceBindingNotFound = 10144, 400, "The service of a binding does not exist.";
    /// No such dispatch namespace.
    NamespaceNotFound = 100_119, 404, "The specified dispatch namespace does not exist on this account.";
    /// `_headers` or `_redirects` of a script's assets cannot be followed.
    InvalidAssetsConfig = 100_324, 400, "Invalid assets configuration.";
    /// A dispatch namespace of that name exists.
    NamespaceExists = 100_120, 400, "A dispatch namespace with that name already exists.";
}

impl ApiCode {
    /// The code of a number, when it is in the table.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::ApiCode;

    #[test]
    fn codes_are_unique_and_found_again() {
        for code in ApiCode::ALL {
            assert_eq!(ApiCode::from_code(code.code()), Some(*code), "{code:?} shares its number with another");
        }
    }

    #[test]
    fn statuses_that_clients_retry_on_their_own_are_rare() {
        for code in ApiCode::ALL {
            assert_ne!(code.status(), 409, "the official clients send a request again on 409");
        }
    }
}
