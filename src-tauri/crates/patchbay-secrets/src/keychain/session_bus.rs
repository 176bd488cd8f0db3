//! Whether the Secret Service can be reached at all, asked of the session bus itself.

use crate::error::SecretsError;
use std::sync::atomic::{AtomicBool, Ordering};
use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::{BusName, WellKnownName};

const SECRETS: WellKnownName<'static> = WellKnownName::from_static_str_unchecked("org.freedesktop.secrets");

/// Once reached, the connection that `keyring` holds is what counts.
static REACHED: AtomicBool = AtomicBool::new(false);

/// Tells a missing bus from a bus on which nobody keeps secrets. Starts the provider where the bus knows how to.
pub(super) fn check() -> Result<(), SecretsError> {
    if REACHED.load(Ordering::Relaxed) {
        return Ok(());
    }
    let no_bus = |source: zbus::Error| SecretsError::NoSessionBus { source: source.into() };
    let connection = Connection::session().map_err(no_bus)?;
    let bus = DBusProxy::new(&connection).map_err(no_bus)?;
    if !bus.name_has_owner(BusName::WellKnown(SECRETS)).map_err(|error| no_bus(error.into()))? {
        bus.start_service_by_name(SECRETS, 0).map_err(|error| SecretsError::NoProvider { source: error.into() })?;
    }
    REACHED.store(true, Ordering::Relaxed);
    Ok(())
}
