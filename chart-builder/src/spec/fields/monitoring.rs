//! Fields of monitoring.

use super::super::schema::Default::Is;
use super::super::schema::{Field, Kind, Table, Word};
use super::{field, word};

pub(super) static MONITORING: Table = Table {
    title: "monitoring",
    about: "Objects for a Prometheus and a Grafana that the cluster has. Metrics are always on; without this block nothing \
            asks for them. Targets and alerts need the custom resources of the Prometheus operator.",
    fields: &[
        switch("serviceMonitors", "Targets, as ServiceMonitors."),
        switch(
            "rules",
            "Alerts, as a PrometheusRule: nodes away, ledgers behind, quorums, Kafka's copies in sync, certificates that end.",
        ),
        switch("dashboards", "Dashboards, as ConfigMaps for Grafana's sidecar."),
        field(
            "labels",
            Kind::Named { key: "a label", value: &Kind::Text },
            Is("none"),
            "Labels by which your Prometheus finds targets and alerts, for example `release: kube-prometheus-stack`.",
        ),
        field(
            "prometheus",
            Kind::Text,
            Is("only the network's own namespaces reach metrics"),
            "Namespace of a Prometheus that may read metrics.",
        ),
    ],
};

const fn switch(name: &'static str, about: &'static str) -> Field {
    field(name, Kind::Word(SWITCH), Is("`true`"), about)
}

const SWITCH: &[Word] = &[word("true", "made"), word("false", "not made")];
