//! A network as a picture: organizations in columns, channels as lines that join their members.
//!
//! Numbers only: the template writes them. Text is placed by estimate, because no font is known
//! here; names that are too long are shortened.

use std::collections::BTreeMap;

use chart_format::summary::{Channel, NetworkSummary, Organization};

use super::words::short;

/// Networks with more organizations or channels have no picture.
const MAX_ORGANIZATIONS: usize = 40;
const MAX_CHANNELS: usize = 40;

/// Nodes of an organization beyond this number are only counted.
const MAX_NODES: usize = 12;

/// Number of colours that channels have; see the style.
const COLOURS: usize = 6;

const COLUMN: usize = 190;
const GAP: usize = 24;
const LEFT: usize = 176;
const TOP: usize = 12;
const HEAD: usize = 58;
const NODE: usize = 28;
const RAIL: usize = 46;

/// The picture.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) boxes: Vec<Rectangle>,
    pub(crate) rails: Vec<Rail>,
    pub(crate) dots: Vec<Dot>,
    pub(crate) texts: Vec<Words>,
}

/// A rectangle.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rectangle {
    pub(crate) class: &'static str,
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) radius: usize,
}

/// A line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rail {
    pub(crate) class: String,
    pub(crate) x1: usize,
    pub(crate) y1: usize,
    pub(crate) x2: usize,
    pub(crate) y2: usize,
}

/// A dot on a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dot {
    pub(crate) class: String,
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) radius: usize,
}

/// A text; `y` is its base line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) class: &'static str,
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) text: String,
}

/// The picture of a network, unless it is too large for one.
pub(crate) fn draw(network: &NetworkSummary) -> Option<Picture> {
    let (organizations, channels) = (&network.organizations, &network.channels);
    if organizations.is_empty()
        || organizations.len() > MAX_ORGANIZATIONS
        || channels.len() > MAX_CHANNELS
    {
        return None;
    }
    let rows = organizations.values().map(node_rows).max().unwrap_or_default();
    let box_height = HEAD + rows * NODE + 8;
    let mut picture = Picture {
        width: LEFT + organizations.len() * (COLUMN + GAP),
        height: TOP + box_height + channels.len() * RAIL + 34,
        ..Picture::default()
    };
    for (at, (name, organization)) in organizations.iter().enumerate() {
        picture.organization(at, (name, organization), box_height);
    }
    for (at, (name, channel)) in channels.iter().enumerate() {
        let y = TOP + box_height + 40 + at * RAIL;
        let chaincodes = network.chaincodes.iter().filter(|(_, it)| it.channels.contains(name));
        let chaincodes: Vec<&str> = chaincodes.map(|(name, _)| name.as_str()).collect();
        picture.channel((at, y), (name, channel, &chaincodes), (organizations, box_height));
    }
    Some(picture)
}

fn node_rows(organization: &Organization) -> usize {
    let nodes = organization.peers.len() + organization.orderers.len();
    if nodes > MAX_NODES { MAX_NODES + 1 } else { nodes }
}

/// Left edge of a column.
fn column(at: usize) -> usize {
    LEFT + at * (COLUMN + GAP)
}

impl Picture {
    fn organization(&mut self, at: usize, (name, it): (&str, &Organization), height: usize) {
        let x = column(at);
        let (width, radius) = (COLUMN, 10);
        self.boxes.push(Rectangle { class: "org", x, y: TOP, width, height, radius });
        self.text("name", (x + 14, TOP + 26), &short(name, 20));
        self.text("small", (x + 14, TOP + 46), &short(&it.msp_id, 24));
        let peers = it.peers.iter().map(|name| ("peer", name));
        let nodes = peers.chain(it.orderers.iter().map(|name| ("orderer", name)));
        for (row, (class, name)) in nodes.enumerate().take(MAX_NODES) {
            let y = TOP + HEAD + row * NODE;
            let (x, width, height) = (x + 10, COLUMN - 20, NODE - 5);
            self.boxes.push(Rectangle { class, x, y, width, height, radius: 5 });
            self.text("node", (x + 8, y + 16), &format!("{} {class}", short(name, 14)));
        }
        let nodes = it.peers.len() + it.orderers.len();
        if let Some(more @ 1..) = nodes.checked_sub(MAX_NODES) {
            let y = TOP + HEAD + MAX_NODES * NODE + 16;
            self.text("small", (x + 14, y), &format!("and {more} more"));
        }
    }

    fn channel(
        &mut self,
        (at, y): (usize, usize),
        (name, channel, chaincodes): (&str, &Channel, &[&str]),
        (organizations, box_height): (&BTreeMap<String, Organization>, usize),
    ) {
        let colour = at % COLOURS;
        let ordering = |organization: &Organization| {
            let of = |it: &String| {
                let owner = it.split_once('.').map(|(_, namespace)| namespace);
                owner == Some(organization.namespace.as_str())
            };
            channel.consenters.iter().any(of)
        };
        let joined = organizations.iter().enumerate().filter_map(|(at, (name, organization))| {
            let member = channel.members.contains(name);
            (member || ordering(organization)).then_some((column(at) + COLUMN / 2, member))
        });
        let joined: Vec<_> = joined.collect();
        let end = joined.last().map_or(LEFT, |(x, _)| *x);
        self.line(&format!("rail s{colour}"), (LEFT - 20, y), (end, y));
        for (x, member) in joined {
            self.line(&format!("drop s{colour}"), (x, TOP + box_height), (x, y - 8));
            let (class, radius) =
                if member { (format!("dot f{colour}"), 7) } else { (format!("ring s{colour}"), 6) };
            self.dots.push(Dot { class, x, y, radius });
        }
        self.text("name", (8, y + 1), &short(name, 17));
        let runs = match chaincodes {
            [] => channel.consensus.clone().unwrap_or_default(),
            names => names.join(", "),
        };
        self.text("small", (8, y + 18), &short(&runs, 24));
    }

    fn text(&mut self, class: &'static str, (x, y): (usize, usize), text: &str) {
        self.texts.push(Words { class, x, y, text: text.to_owned() });
    }

    fn line(&mut self, class: &str, (x1, y1): (usize, usize), (x2, y2): (usize, usize)) {
        self.rails.push(Rail { class: class.to_owned(), x1, y1, x2, y2 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(organizations: usize, channels: usize) -> NetworkSummary {
        let organization = |at: usize| {
            let names = |kind: &str, count| (0..count).map(|it| format!("{kind}{it}")).collect();
            let it = Organization {
                namespace: format!("org{at}"),
                msp_id: format!("Org{at}MSP"),
                peers: names("peer", at),
                orderers: names("orderer", 1),
            };
            (format!("Org{at}"), it)
        };
        let channel = |at: usize| {
            let members = vec!["Org0".to_owned(), "Unknown".to_owned()];
            let consenters = vec!["orderer0.org1".to_owned()];
            (format!("channel{at}"), Channel { members, consenters, ..Channel::default() })
        };
        NetworkSummary {
            format: chart_format::summary::FORMAT.to_owned(),
            network: "demo".to_owned(),
            version: "1.0.0".to_owned(),
            fabric: "2.5".to_owned(),
            organizations: (0..organizations).map(organization).collect(),
            channels: (0..channels).map(channel).collect(),
            chaincodes: BTreeMap::new(),
        }
    }

    #[test]
    fn everything_lies_within_the_picture_and_members_have_dots() {
        let picture = draw(&network(20, 3)).unwrap();
        assert!(picture.boxes.iter().all(|it| it.x + it.width <= picture.width));
        assert!(picture.boxes.iter().all(|it| it.y + it.height <= picture.height));
        assert!(picture.texts.iter().all(|it| it.y <= picture.height));
        let (members, ordering) =
            picture.dots.iter().partition::<Vec<_>, _>(|dot| dot.class.starts_with("dot"));
        assert_eq!((members.len(), ordering.len()), (3, 3));
        assert!(picture.texts.iter().any(|it| it.text == "and 8 more"));
    }

    #[test]
    fn a_huge_or_empty_network_has_no_picture() {
        assert_eq!(draw(&network(41, 1)), None);
        assert_eq!(draw(&network(1, 41)), None);
        assert_eq!(draw(&network(0, 1)), None);
    }
}
