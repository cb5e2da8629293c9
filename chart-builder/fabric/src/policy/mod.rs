//! Fabric's signature policy language: `AND('Org1MSP.peer', OR('Org2MSP.admin', 'Org3MSP.member'))`.
//!
//! Gates are `AND`, `OR` and `OutOf(n, …)`, also as `And`, `Or`, `OUTOF` and `outof`; principals are `'<MSP id>.<role>'` in single
//! or double quotes. Lower-case `and` and `or` are refused, because Fabric 3 reads them as operators. A policy is encoded exactly as Fabric's own parser does, identity numbers included: it evaluates nested
//! gates before it numbers the principals of a gate, and it does not merge equal principals. Stricter than Fabric on
//! purpose: `OutOf` with 0 (everybody) or with more than there are arguments (nobody, ever) is an error.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use prost::Message as _;

use crate::Error;
use crate::block::messages::{
    self, MspPrincipal, MspRole, OutOf, SignaturePolicyEnvelope, SignatureRule,
};

/// Nested gates; far beyond any policy that people can read.
const MAX_DEPTH: usize = 32;

/// A parsed policy with at least one principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignaturePolicy {
    gate: Gate,
}

/// A member of an organization in a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// MSP id, for example `Org1MSP`.
    pub msp_id: String,
    /// Role within it.
    pub role: PrincipalRole,
}

/// Roles that a policy can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalRole {
    /// Anybody of the organization.
    Member,
    /// Identities with the unit `admin`.
    Admin,
    /// Identities with the unit `client`.
    Client,
    /// Identities with the unit `peer`.
    Peer,
    /// Identities with the unit `orderer`.
    Orderer,
}

/// `threshold` of these arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gate {
    threshold: usize,
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Argument {
    Principal(Principal),
    Gate(Gate),
}

#[derive(Clone, Copy)]
enum GateKind {
    And,
    Or,
    OutOf,
}

impl PrincipalRole {
    const ALL: [Self; 5] = [Self::Member, Self::Admin, Self::Client, Self::Peer, Self::Orderer];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Client => "client",
            Self::Peer => "peer",
            Self::Orderer => "orderer",
        }
    }

    /// The number in `common.MSPRole`.
    fn number(self) -> i32 {
        match self {
            Self::Member => 0,
            Self::Admin => 1,
            Self::Client => 2,
            Self::Peer => 3,
            Self::Orderer => 4,
        }
    }
}

impl SignaturePolicy {
    /// Reads a policy; an error names the column, counted in characters from 1.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut parser = Parser { characters: text.chars().collect(), position: 0 };
        parser.skip_space();
        let gate = parser.gate(0)?;
        parser.skip_space();
        match parser.peek() {
            None => Ok(Self { gate }),
            Some(other) => Err(parser.fault(format!("`{other}` follows the end of the policy"))),
        }
    }

    /// One signature of any of these roles of one organization: `OR('<MSP id>.<role>', …)`.
    pub(crate) fn any_role(msp_id: &str, roles: &[PrincipalRole]) -> Self {
        let arguments = roles
            .iter()
            .map(|role| Argument::Principal(Principal { msp_id: msp_id.to_owned(), role: *role }))
            .collect();
        Self { gate: Gate { threshold: 1, arguments } }
    }

    /// Every principal in the order of the text.
    pub fn principals(&self) -> Vec<&Principal> {
        fn collect<'a>(gate: &'a Gate, into: &mut Vec<&'a Principal>) {
            for argument in &gate.arguments {
                match argument {
                    Argument::Principal(principal) => into.push(principal),
                    Argument::Gate(gate) => collect(gate, into),
                }
            }
        }
        let mut principals = Vec::new();
        collect(&self.gate, &mut principals);
        principals
    }

    /// Any one of its principals is enough: `OR` alone, as Fabric wants it of the members of a collection.
    pub fn is_alternative(&self) -> bool {
        fn alternative(gate: &Gate) -> bool {
            gate.threshold == 1
                && gate.arguments.iter().all(|argument| match argument {
                    Argument::Principal(_) => true,
                    Argument::Gate(gate) => alternative(gate),
                })
        }
        alternative(&self.gate)
    }

    /// The MSP ids that it names, each once.
    pub fn msp_ids(&self) -> BTreeSet<&str> {
        self.principals().into_iter().map(|principal| principal.msp_id.as_str()).collect()
    }

    /// The `common.SignaturePolicyEnvelope`, as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut identities = Vec::new();
        let rule = lower(&self.gate, &mut identities);
        SignaturePolicyEnvelope { version: 0, rule: Some(rule), identities }.encode_to_vec()
    }
}

/// Nested gates first, then this gate's own principals: the order in which Fabric hands out identity numbers.
fn lower(gate: &Gate, identities: &mut Vec<MspPrincipal>) -> messages::SignaturePolicy {
    let nested: Vec<messages::SignaturePolicy> = gate
        .arguments
        .iter()
        .filter_map(|argument| match argument {
            Argument::Gate(gate) => Some(lower(gate, identities)),
            Argument::Principal(_) => None,
        })
        .collect();
    let mut nested = nested.into_iter();
    let rules = gate
        .arguments
        .iter()
        .filter_map(|argument| match argument {
            Argument::Gate(_) => nested.next(),
            Argument::Principal(principal) => {
                let number = count(identities.len());
                identities.push(identity(principal));
                let rule = Some(SignatureRule::SignedBy(number));
                Some(messages::SignaturePolicy { rule })
            }
        })
        .collect();
    let rule = Some(SignatureRule::OutOf(OutOf { n: count(gate.threshold), rules }));
    messages::SignaturePolicy { rule }
}

fn identity(principal: &Principal) -> MspPrincipal {
    let role = MspRole { msp_identifier: principal.msp_id.clone(), role: principal.role.number() };
    MspPrincipal { principal_classification: 0, principal: role.encode_to_vec() }
}

/// Numbers of principals are bounded by the length of a text, far below the limit of the message's type.
fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

struct Parser {
    characters: Vec<char>,
    position: usize,
}

impl Parser {
    fn gate(&mut self, depth: usize) -> Result<Gate, Error> {
        let start = self.position;
        if depth >= MAX_DEPTH {
            return Err(self.fault(format!("gates are nested more than {MAX_DEPTH} deep")));
        }
        let word = self.word();
        let kind = match word.as_str() {
            "AND" | "And" => GateKind::And,
            "OR" | "Or" => GateKind::Or,
            "OutOf" | "OUTOF" | "outof" => GateKind::OutOf,
            _ => return Err(self.unknown_gate(start, &word)),
        };
        self.skip_space();
        self.expect('(')?;
        let threshold = match kind {
            GateKind::OutOf => Some(self.threshold()?),
            GateKind::And | GateKind::Or => None,
        };
        let mut arguments = vec![self.argument(depth)?];
        while self.separator()? {
            arguments.push(self.argument(depth)?);
        }
        let threshold = match (kind, threshold) {
            (GateKind::OutOf, Some((number, column))) => {
                check_threshold(number, column, arguments.len())?
            }
            (GateKind::And, _) => arguments.len(),
            (GateKind::Or | GateKind::OutOf, _) => 1,
        };
        Ok(Gate { threshold, arguments })
    }

    fn unknown_gate(&self, start: usize, word: &str) -> Error {
        let reason = match (word, self.peek()) {
            ("", Some('\'' | '"')) => {
                "a policy begins with `AND(`, `OR(` or `OutOf(`; a single principal is written `OR('Org1MSP.peer')`"
                    .to_owned()
            }
            ("", None) => "expected `AND(`, `OR(` or `OutOf(`, but the policy ends".to_owned(),
            ("and" | "or", _) => format!(
                "Fabric 3 reads `{word}` as an operator; write `{}`",
                word.to_uppercase()
            ),
            ("", Some(other)) => format!("expected `AND(`, `OR(` or `OutOf(`, found `{other}`"),
            (word, _) => format!("`{word}` is no gate; expected `AND`, `OR` or `OutOf`"),
        };
        Error::Policy { column: start + 1, reason }
    }

    fn threshold(&mut self) -> Result<(usize, usize), Error> {
        self.skip_space();
        let column = self.position + 1;
        let quote = self.peek().filter(|character| matches!(character, '\'' | '"'));
        if quote.is_some() {
            self.position += 1;
        }
        let digits: String = self.take_while(|character| character.is_ascii_digit());
        let number = digits.parse().map_err(|_| Error::Policy {
            column,
            reason: "expected the number of signatures, for example `OutOf(2, …)`".to_owned(),
        })?;
        if let Some(quote) = quote {
            self.expect(quote)?;
        }
        self.skip_space();
        self.expect(',')?;
        Ok((number, column))
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, Error> {
        self.skip_space();
        match self.peek() {
            Some(quote @ ('\'' | '"')) => self.principal(quote).map(Argument::Principal),
            _ => self.gate(depth + 1).map(Argument::Gate),
        }
    }

    fn principal(&mut self, quote: char) -> Result<Principal, Error> {
        let column = self.position + 1;
        self.position += 1;
        let text: String = self.take_while(|character| character != quote);
        if self.peek().is_none() {
            return Err(Error::Policy {
                column,
                reason: format!("the quote {quote} is not closed"),
            });
        }
        self.position += 1;
        principal(&text).map_err(|reason| Error::Policy { column, reason })
    }

    /// `,` goes on, `)` ends.
    fn separator(&mut self) -> Result<bool, Error> {
        self.skip_space();
        match self.peek() {
            Some(',') => {
                self.position += 1;
                Ok(true)
            }
            Some(')') => {
                self.position += 1;
                Ok(false)
            }
            Some(other) => Err(self.fault(format!("expected `,` or `)`, found `{other}`"))),
            None => Err(self.fault("expected `,` or `)`, but the policy ends".to_owned())),
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), Error> {
        match self.peek() {
            Some(found) if found == wanted => {
                self.position += 1;
                Ok(())
            }
            Some(found) => Err(self.fault(format!("expected `{wanted}`, found `{found}`"))),
            None => Err(self.fault(format!("expected `{wanted}`, but the policy ends"))),
        }
    }

    fn word(&mut self) -> String {
        self.take_while(|character| {
            character.is_alphanumeric() || matches!(character, '.' | '-' | '_')
        })
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let rest = self.characters.get(self.position..).unwrap_or_default();
        let taken: String = rest.iter().copied().take_while(|character| keep(*character)).collect();
        self.position += taken.chars().count();
        taken
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    fn fault(&self, reason: String) -> Error {
        Error::Policy { column: self.position + 1, reason }
    }
}

fn check_threshold(number: usize, column: usize, arguments: usize) -> Result<usize, Error> {
    if (1..=arguments).contains(&number) {
        Ok(number)
    } else {
        let reason = format!("{number} of {arguments}: expected a number from 1 to {arguments}");
        Err(Error::Policy { column, reason })
    }
}

fn principal(text: &str) -> Result<Principal, String> {
    let Some((msp_id, word)) = text.rsplit_once('.') else {
        return Err(format!("`{text}` is no principal; expected `<MSP id>.<role>`"));
    };
    let Some(role) = PrincipalRole::ALL.into_iter().find(|role| role.word() == word) else {
        let roles = PrincipalRole::ALL.map(|role| format!("`{}`", role.word())).join(", ");
        return Err(format!("`{word}` is no role; expected one of {roles}"));
    };
    let allowed =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-');
    if msp_id.is_empty() || !msp_id.chars().all(allowed) {
        return Err(format!("`{msp_id}` is no MSP id; Fabric allows letters, digits, `.` and `-`"));
    }
    Ok(Principal { msp_id: msp_id.to_owned(), role })
}
