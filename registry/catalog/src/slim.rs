//! What the index tells of a version that is not among the newest of its chart.
//!
//! Helm chooses by version, shows description and application version in `helm search repo
//! --versions`, warns of deprecated charts, and pulls by URL and digest; it reads nothing else from
//! an index. Other programs choose by the kind of the chart and by the version of Kubernetes. Icons,
//! maintainers, links, annotations and dependencies are most of an entry, and of old versions nobody
//! reads them there: the package has them, and so does the full view.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Chart.yaml's fields that stay, in Helm's order.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Slim<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    name: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    version: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    description: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    api_version: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    app_version: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    deprecated: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    kube_version: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    r#type: Option<&'a RawValue>,
}

/// The recorded Chart.yaml without what stays out of the index; as it is when it is no object.
pub(crate) fn slim(chart: &str) -> String {
    let slim = serde_json::from_str::<Slim<'_>>(chart);
    slim.and_then(|slim| serde_json::to_string(&slim)).unwrap_or_else(|_| chart.to_owned())
}

#[cfg(test)]
mod tests {
    use super::slim;

    #[test]
    fn keeps_what_clients_choose_by_as_it_was_written() {
        let chart = concat!(
            r#"{"name":"org","home":"https://x","sources":["a"],"version":"1.0.0","description":"a \u003c \"b\"","#,
            r#""keywords":["k"],"maintainers":[{"name":"m"}],"icon":"i","apiVersion":"v2","appVersion":"2.5","#,
            r#""deprecated":true,"annotations":{"images":"- x"},"kubeVersion":">=1.25","dependencies":[{"name":"d"}],"#,
            r#""type":"library"}"#
        );
        let expected = concat!(
            r#"{"name":"org","version":"1.0.0","description":"a \u003c \"b\"","apiVersion":"v2","appVersion":"2.5","#,
            r#""deprecated":true,"kubeVersion":">=1.25","type":"library"}"#
        );
        assert_eq!(slim(chart), expected);
        assert_eq!(slim(expected), expected);
    }
}
