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

/// Something in a file of an earlier tool that a topology cannot say.
pub const NO_EQUIVALENT: &str = "FT110";

/// Every structural code: what is asked for, and what lies behind it.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        SYNTAX,
        "the file is YAML",
        "A topology that is no YAML cannot be read beyond the fault; nothing else is reported. Most often a quote, a \
         bracket, a colon or a blank is missing in this line or the one above.",
    ),
    (
        DUPLICATE_KEY,
        "a key is there once",
        "YAML readers disagree on which of two equal keys counts, so neither does.",
    ),
    (
        UNKNOWN_FIELD,
        "fields are known",
        "A field that nobody reads would silently do nothing. When a known field is near, it is named.",
    ),
    (
        MISSING_FIELD,
        "required fields are there",
        "What has a sensible default need not be written; these fields have none.",
    ),
    (
        WRONG_TYPE,
        "values have the type of their field",
        "The message says what was found and what the field takes. Numbers are written without quotes; everything else \
         that is one word is text, also `1.10` and `no`.",
    ),
    (
        UNKNOWN_WORD,
        "words are of their field's set",
        "Some fields take one of a few words; the message lists them.",
    ),
    (
        NOT_BUILT,
        "what is asked for is built",
        "The language knows this word or field, and charts for it are not there yet. The message says what there is.",
    ),
    (
        UNSUPPORTED_YAML,
        "a topology is plain YAML",
        "Tags, merge keys, keys that are no text, and second documents are read differently by different programs. \
         Anchors and aliases are fine; `defaults` does what merge keys are used for.",
    ),
    (
        TOO_LARGE,
        "the file stays within limits",
        "A topology has at most 2 MiB and 200,000 values, those that aliases multiply included, and 32 levels.",
    ),
    (
        NO_EQUIVALENT,
        "files of earlier tools say what a topology can say",
        "`init --from` takes cryptogen's configuration, `configtx.yaml` and the values of the chart of 2018; what has no \
         equivalent is named and not left aside silently.",
    ),
];
