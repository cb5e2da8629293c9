//! Codes of structural faults: what a file does wrong before anything is known about its network.

/// No YAML.
pub const SYNTAX: &str = "FT101";
/// A key twice in one mapping.
pub const DUPLICATE_KEY: &str = "FT102";
/// A field that nobody reads.
pub const UNKNOWN_FIELD: &str = "FT103";
/// A field that has to be there.
pub const MISSING_FIELD: &str = "FT104";
/// A value of another kind than the field wants.
pub const WRONG_TYPE: &str = "FT105";
/// A word that is none of the field's words.
pub const UNKNOWN_WORD: &str = "FT106";
/// Planned, and not there yet.
pub const NOT_BUILT: &str = "FT107";
/// YAML that a topology may not use.
pub const UNSUPPORTED_YAML: &str = "FT108";
/// Beyond a limit of the reader.
pub const TOO_LARGE: &str = "FT109";
