//! What a user may set, and what is refused: by the schema for types and unknown keys, by the guard for topology facts.

use suite::kube::ApiServer;

use super::Helm;
use crate::network::{Network, replaced};
