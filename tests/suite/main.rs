//! The suite: what a user, an operator and a maintainer may rely on, checked with real programs.

mod helm;
mod tidy;
