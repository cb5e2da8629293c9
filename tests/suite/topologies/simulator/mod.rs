//! A cluster on paper: rendered objects and public certificates, and nothing that the compiler knows besides.
//!
//! Every `host:port` that any configuration of a network holds is looked up as a pod of its namespace would: it has to
//! lead to a Service with that port, through it to a workload that listens, and where the port speaks TLS the name has to
//! stand in the certificate that this workload shows. Left out: whether the processes do what they are told, which the
//! cluster suite shows.

mod aliases;
mod blocks;
mod certificates;
mod dials;
mod outside;
mod profiles;
mod services;

use std::collections::BTreeSet;

use serde_json::Value;

use super::assert_none;
use super::renders::RENDERS;
use dials::Dial;
use services::Cluster;

/// Every version of every topology.
fn each_version(mut look: impl FnMut(&str, &Cluster<'_>, &[Value])) {
    for render in RENDERS.iter() {
        let sample = render.sample;
        for (version, objects) in [(&sample.first, &render.first), (&sample.second, &render.second)]
        {
            let cluster = Cluster::new(objects, version, &sample.successor.text);
            look(&format!("{} {}", sample.row.name, version.network.version), &cluster, objects);
        }
    }
}

/// Every version of every topology, with what it dials: a process that an upgrade does not restart goes on dialling what the
/// version before told it.
fn each(check: impl Fn(&Cluster<'_>, &[Dial]) -> Vec<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let sample = render.sample;
        let mut dials = Vec::new();
        for (version, objects) in [(&sample.first, &render.first), (&sample.second, &render.second)]
        {
            let cluster = Cluster::new(objects, version, &sample.successor.text);
            dials.extend(dials::of(objects));
            let edit = format!("{} {}", sample.row.name, version.network.version);
            let found = check(&cluster, &dials).into_iter();
            faults.extend(found.map(|fault| format!("{edit}: {fault}")));
        }
    }
    faults
}

#[test]
fn every_name_that_a_configuration_dials_leads_to_a_workload_that_listens() {
    let faults = each(|cluster, dials| {
        let reach = |dial: &Dial| cluster.reach(dial).err();
        dials.iter().filter_map(|dial| Some(format!("{dial}: {}", reach(dial)?))).collect()
    });
    assert_none("every client finds its server", &faults);
}

#[test]
fn every_name_that_is_dialled_with_tls_stands_in_the_certificate_of_its_target() {
    let faults = each(|cluster, dials| {
        let refuse = |dial: &Dial| cluster.certificate_fault(dial);
        dials.iter().filter_map(|dial| Some(format!("{dial}: {}", refuse(dial)?))).collect()
    });
    assert_none("every certificate has every name that clients use", &faults);
}

/// The other way round, so that a scan that finds nothing cannot pass: somebody dials every port of every Service.
#[test]
fn every_port_of_every_service_is_dialled_by_somebody() {
    let faults = each(|cluster, dials| {
        let dialled: BTreeSet<_> =
            dials.iter().filter_map(|dial| cluster.reach(dial).ok().flatten()).collect();
        let offered = cluster.offered().into_iter();
        offered.filter(|it| !dialled.contains(it)).map(|it| format!("{it:?}")).collect()
    });
    assert_none("no Service has a port that nobody needs", &faults);
}

#[test]
fn a_consenter_shows_the_certificate_that_its_channel_knows() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for render in RENDERS.iter() {
        for consenter in blocks::consenters(&render.first) {
            seen += 1;
            let known = certificates::holds(&render.sample.first.public, &consenter.certificate);
            if !known {
                faults.push(format!("{}: {}", render.sample.row.name, consenter.host));
            }
        }
    }
    assert!(RENDERS.is_empty() || seen > 0, "no genesis block was read");
    assert_none("channels know the certificates that consenters have", &faults);
}
