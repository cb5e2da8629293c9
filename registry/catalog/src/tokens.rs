//! The tokens that were issued, and which of them are worth nothing any more.

use std::sync::Arc;

use chart_registry_store::Timestamp;
use chart_registry_store::event::{Issued, TokenChange, TokenEvent};
use serde::{Deserialize, Serialize};

use crate::ordered::Ordered;

/// Tokens by their public names. Revoked ones stay, so that a name is never used again.
pub(crate) type Tokens = Ordered<Arc<str>, Arc<Token>>;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// What it is worth.
    #[serde(flatten)]
    pub issued: Issued,
    /// Who issued it.
    pub by: String,
    /// When it was issued.
    pub created: Timestamp,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

impl Token {
    /// Whether it is worth something at a moment.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.issued.expires.is_none_or(|expires| now < expires)
    }
}

/// The token with a public name.
pub(crate) fn find<'a>(tokens: &'a Tokens, id: &str) -> Option<&'a Token> {
    tokens.get(|known| (**known).cmp(id)).map(|token| &**token)
}

/// What an event does to the tokens; `Err` says why it cannot have been admitted.
pub(crate) fn after(
    tokens: &Tokens,
    event: &TokenEvent,
    time: Timestamp,
) -> Result<Tokens, String> {
    let before = find(tokens, &event.id);
    let token = match (&event.change, before) {
        (TokenChange::Issue(issued), None) => {
            let by = event.actor.sub.clone();
            Token { issued: issued.clone(), by, created: time, revoked: None }
        }
        (TokenChange::Revoke, Some(token)) => {
            Token { revoked: token.revoked.or(Some(time)), ..Token::clone(token) }
        }
        (TokenChange::Issue(_), Some(_)) => {
            return Err(format!("token `{}` was issued before", event.id));
        }
        (TokenChange::Revoke, None) => {
            return Err(format!("token `{}` was never issued", event.id));
        }
    };
    Ok(tokens.with(Arc::from(event.id.as_str()), Arc::new(token)))
}
