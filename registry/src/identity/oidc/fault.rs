//! Why a token of an issuer is worth nothing, in words that tell what to do and no secret.

use crate::refusal::{Code, Refusal};

/// Why a token is worth nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenFault {
    #[error("the token cannot be read")]
    Unreadable,
    #[error("the token is longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("the token is signed in a way that is not taken")]
    Algorithm,
    #[error("the token is of an issuer that this registry does not know")]
    Issuer,
    #[error("the token names a key that its issuer does not have")]
    UnknownKey,
    #[error("the signature of the token does not hold")]
    Signature,
    #[error("the token is for another audience than `{wanted}`")]
    Audience { wanted: String },
    #[error("the token has no end")]
    Unending,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    Early,
    #[error("the token's subject cannot name anybody in the journal")]
    Subject,
    #[error("the keys of the token's issuer cannot be fetched now")]
    Keys,
}

impl TokenFault {
    fn fix(&self) -> String {
        let fix = match self {
            Self::Unreadable => "send the token as its issuer gave it",
            Self::TooLong { .. } => "let the issuer put fewer claims into it",
            Self::Algorithm => "let the issuer sign with RS256, PS256, ES256, ES384 or EdDSA",
            Self::Issuer => "declare its issuer in the section `identity` of the configuration",
            Self::UnknownKey | Self::Signature | Self::Expired => "ask the issuer for a new token",
            Self::Audience { wanted } => {
                return format!("ask the issuer for a token with the audience `{wanted}`");
            }
            Self::Unending => "let the issuer put `exp` into its tokens",
            Self::Early => "compare the clocks of the issuer and of this server",
            Self::Subject => "let the rule of the configuration name a `subject`",
            Self::Keys => "send the request again in a minute; the log of the server says why",
        };
        fix.to_owned()
    }

    /// The answer to whoever sent the token. That keys cannot be fetched is no fault of theirs.
    pub(crate) fn refusal(&self) -> Refusal {
        let code = if *self == Self::Keys { Code::Upstream } else { Code::Unauthorized };
        Refusal::new(code, &self.to_string(), "header authorization", &self.fix())
    }
}
