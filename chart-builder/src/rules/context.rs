//! What a rule sees, and how it speaks.

use crate::diagnostic::{Diagnostic, Diagnostics, KeyPath, Place, Related};
use crate::lock::Lock;
use crate::model::{self, Consensus, Network, OrderingGroup, Profile};
use crate::rules::Rule;
use crate::spec::{self, Faults, Spec};

/// Everything that a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The user's words.
    pub spec: &'a Spec,
    /// The decided network.
    pub network: &'a Network,
    /// What is frozen.
    pub lock: &'a Lock,
    /// What cannot be used.
    pub faults: &'a Faults,
}

/// An item of a list of the topology: its path, the user's words and the decision.
#[derive(Debug, Clone)]
pub struct Item<'a, S, D> {
    /// Its path.
    pub path: KeyPath,
    /// As written.
    pub said: &'a S,
    /// As decided.
    pub decided: &'a D,
}

/// An organization.
pub(super) type Organization<'a> = Item<'a, spec::Organization, model::Organization>;
/// A channel.
pub(super) type Channel<'a> = Item<'a, spec::Channel, model::Channel>;
/// A member of a channel.
pub(super) type Member<'a> = Item<'a, spec::Member, model::Member>;
/// A chaincode.
pub(super) type Chaincode<'a> = Item<'a, spec::Chaincode, model::Chaincode>;

impl<'a> Context<'a> {
    /// The organizations that have a name.
    pub fn organizations(self) -> impl Iterator<Item = Organization<'a>> {
        items("organizations", &self.spec.organizations, &self.network.organizations)
            .filter(|item| item.said.name.is_some())
    }

    /// The channels that have a name.
    pub fn channels(self) -> impl Iterator<Item = Channel<'a>> {
        items("channels", &self.spec.channels, &self.network.channels)
            .filter(|item| item.said.name.is_some())
    }

    /// The members of a channel that name an organization.
    pub fn members(self, channel: &Channel<'a>) -> impl Iterator<Item = Member<'a>> + use<'a> {
        let path = channel.path.key("members");
        let pairs = channel.said.members.iter().zip(&channel.decided.members).enumerate();
        pairs
            .map(move |(index, (said, decided))| Item { path: path.index(index), said, decided })
            .filter(|member| member.said.organization.is_some())
    }

    /// The chaincodes that have a name.
    pub fn chaincodes(self) -> impl Iterator<Item = Chaincode<'a>> {
        items("chaincodes", &self.spec.chaincodes, &self.network.chaincodes)
            .filter(|item| item.said.name.is_some())
    }

    /// The ordering groups: path, the user's words and the decision.
    pub fn groups(self) -> impl Iterator<Item = (KeyPath, &'a spec::Group, &'a OrderingGroup)> {
        let said = groups(&self).into_iter().zip(&self.network.ordering);
        said.map(|((path, said), decided)| (path, said, decided))
    }

    /// The organization of this name.
    pub fn organization(self, name: &str) -> Option<Organization<'a>> {
        self.organizations().find(|organization| organization.decided.name == name)
    }

    /// Losses are errors.
    pub fn production(self) -> bool {
        self.network.profile == Profile::Production
    }

    /// Every orderer of the network is known: a consenter list that rests on all of them can be judged.
    pub fn orderers_known(self) -> bool {
        let list = KeyPath::root().key("organizations");
        let orderers = |index| self.faults.whole(&list.index(index).key("orderers"));
        self.names_known("organizations") && (0..self.spec.organizations.len()).all(orderers)
    }

    /// The list at `key` and the name of each of its items are known: an absent name is really absent.
    pub fn names_known(self, key: &str) -> bool {
        let list = KeyPath::root().key(key);
        let count = match key {
            "organizations" => self.spec.organizations.len(),
            "channels" => self.spec.channels.len(),
            _ => self.spec.chaincodes.len(),
        };
        let named = |index| self.faults.usable(&list.index(index).key("name"));
        self.faults.usable(&list) && (0..count).all(named)
    }
}

fn items<'a, S, D>(
    key: &str,
    said: &'a [S],
    decided: &'a [D],
) -> impl Iterator<Item = Item<'a, S, D>> + use<'a, S, D> {
    let list = KeyPath::root().key(key);
    let pairs = said.iter().zip(decided).enumerate();
    pairs.map(move |(index, (said, decided))| Item { path: list.index(index), said, decided })
}

impl Member<'_> {
    /// Path of a field of the member; the short form has none but itself.
    pub fn field(&self, key: &str) -> KeyPath {
        if self.said.short { self.path.clone() } else { self.path.key(key) }
    }
}

/// What a rule has found.
#[derive(Debug, Clone)]
pub struct Finding {
    place: Place,
    related: Option<Related>,
    rests_on: Vec<KeyPath>,
    message: String,
    why: String,
    fix: String,
}

impl Finding {
    /// A finding about the value at a path.
    pub fn at(path: KeyPath, message: String, why: &str, fix: impl Into<String>) -> Self {
        Self {
            place: Place::value(path),
            related: None,
            rests_on: Vec::new(),
            message,
            why: why.to_owned(),
            fix: fix.into(),
        }
    }

    /// Says another fix.
    #[must_use]
    pub fn with_fix(mut self, fix: String) -> Self {
        self.fix = fix;
        self
    }

    /// Another place that a person has to look at.
    #[must_use]
    pub fn beside(mut self, path: KeyPath, label: &str) -> Self {
        self.rests_on.push(path.clone());
        self.related = Some(Related { place: Place::value(path), label: label.to_owned() });
        self
    }

    /// A value that the finding was drawn from: it is dropped when the value, or anything in it, is faulty.
    #[must_use]
    pub fn rests_on(mut self, path: KeyPath) -> Self {
        self.rests_on.push(path);
        self
    }
}

/// Where a rule puts what it finds.
pub struct Findings<'a> {
    faults: &'a Faults,
    rule: &'a Rule,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Findings<'a> {
    /// The findings of one rule.
    pub(super) fn new(
        context: &Context<'a>,
        rule: &'a Rule,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        Self { faults: context.faults, rule, diagnostics }
    }

    /// Adds a finding, unless it rests on something faulty.
    pub fn report(&mut self, finding: Finding) {
        let rests = std::iter::once(&finding.place.path).chain(&finding.rests_on);
        if rests.into_iter().all(|path| self.faults.whole(path)) {
            self.diagnostics.push(Diagnostic {
                code: self.rule.code,
                severity: self.rule.severity,
                place: finding.place,
                related: finding.related,
                message: finding.message,
                why: finding.why,
                fix: finding.fix,
            });
        }
    }
}

/// Where a field of how an organization's chaincodes run was written: at the organization, or for the whole network.
pub(super) fn chaincode_field(
    organization: &Organization<'_>,
    said: impl Fn(&spec::chaincode_runtime::ChaincodeRuntime) -> bool,
    key: &str,
) -> KeyPath {
    let own = said(&organization.said.chaincode_runtime);
    let base = if own { organization.path.clone() } else { KeyPath::root() };
    base.key("chaincode").key(key)
}

/// Every ordering group with its path.
pub(super) fn groups<'a>(context: &Context<'a>) -> Vec<(KeyPath, &'a spec::Group)> {
    let ordering = KeyPath::root().key("ordering");
    match &context.spec.ordering {
        spec::Ordering::Single(group) => vec![(ordering, &**group)],
        spec::Ordering::Groups(groups) => {
            groups.iter().map(|(name, group)| (ordering.key("groups").key(name), group)).collect()
        }
    }
}

/// Channels with etcdraft: only there a majority of consenters is what counts.
pub(super) fn raft_channels<'a>(context: &Context<'a>) -> impl Iterator<Item = Channel<'a>> {
    let raft = |channel: &Channel<'_>| matches!(channel.decided.consensus, Consensus::Etcdraft(_));
    context.channels().filter(raft)
}

/// Every image that the topology names, with its path.
pub(super) fn images<'a>(context: &Context<'a>) -> Vec<(KeyPath, &'a model::Image)> {
    let (said, decided) = (&context.spec.images, &context.network.images);
    let path = KeyPath::root().key("images");
    let nodes = decided.components.iter();
    let nodes = nodes.filter(|(component, _)| said.components.contains_key(component));
    let nodes = nodes.map(|(component, image)| (path.key(component.key()), image));
    let chaincodes = context.chaincodes().filter(|chaincode| chaincode.said.image.is_some());
    let chaincodes =
        chaincodes.map(|chaincode| (chaincode.path.key("image"), &chaincode.decided.image));
    nodes.chain(chaincodes).collect()
}

/// Free texts of the topology in which people put secrets.
pub(super) fn texts<'a>(context: &Context<'a>) -> Vec<(KeyPath, &'a str)> {
    let images = KeyPath::root().key("images");
    let registry = context.spec.images.registry.as_deref();
    let registry = registry.map(|text| (images.key("registry"), text));
    let secrets = context.spec.images.pull_secrets.iter().enumerate();
    let secrets =
        secrets.map(|(index, text)| (images.key("pullSecrets").index(index), text.as_str()));
    let said = context.spec.images.components.iter();
    let said = said.map(|(component, image)| (images.key(component.key()), Some(image)));
    let chaincodes = context.chaincodes().map(|it| (it.path.key("image"), it.said.image.as_ref()));
    let references = said.chain(chaincodes).filter_map(|(path, image)| match image? {
        spec::Image::Reference(text) => Some((path, text.as_str())),
        spec::Image::Fields { repository, .. } => {
            Some((path.key("repository"), repository.as_deref()?))
        }
    });
    registry.into_iter().chain(secrets).chain(references).collect()
}
