//! nginx itself says what nginx does: the real one is asked, and the answers are compared.

pub(crate) mod oracle;
mod properties;
mod reading;
mod requests;
mod servers;
mod starting;
mod syntax;
mod table;
