//! A network in tables: the same as its picture, for everybody.

use chart_format::summary::NetworkSummary;

use super::templates::Table;
use super::words::short;

/// Most rows of one table.
const MAX_ROWS: usize = 500;

/// The tables of a network.
pub(crate) fn tables(network: &NetworkSummary) -> Vec<Table> {
    let organizations = network.organizations.iter().map(|(name, it)| {
        let (peers, orderers) = (joined(&it.peers), joined(&it.orderers));
        vec![name.clone(), it.msp_id.clone(), it.namespace.clone(), peers, orderers]
    });
    let channels = network.channels.iter().map(|(name, it)| {
        let consensus = it.consensus.clone().unwrap_or_default();
        let genesis = it.genesis_sha256.clone().unwrap_or_default();
        vec![name.clone(), joined(&it.members), consensus, joined(&it.consenters), genesis]
    });
    let chaincodes = network.chaincodes.iter().map(|(name, it)| {
        let package = it.package_id.clone().unwrap_or_default();
        let (version, sequence) = (it.version.clone(), it.sequence.to_string());
        vec![name.clone(), version, sequence, joined(&it.channels), package]
    });
    let tables = [
        table(
            "Organizations",
            &["Organization", "MSP id", "Namespace", "Peers", "Orderers"],
            organizations,
        ),
        table(
            "Channels",
            &["Channel", "Members", "Consensus", "Consenters", "SHA-256 of block 0"],
            channels,
        ),
        table(
            "Chaincodes",
            &["Chaincode", "Version", "Sequence", "Channels", "Package"],
            chaincodes,
        ),
    ];
    tables.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

fn table(
    title: &'static str,
    heads: &'static [&'static str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Table {
    let told = |cell: String| if cell.is_empty() { "–".to_owned() } else { short(&cell, 600) };
    let rows = rows.take(MAX_ROWS).map(|row| row.into_iter().map(told).collect());
    Table { title, heads, rows: rows.collect() }
}

fn joined(names: &[String]) -> String {
    names.join(", ")
}
