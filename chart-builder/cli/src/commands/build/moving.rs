//! The commands that move a running network from one layout to the other: Helm gives no object of a release to another
//! by itself.
//!
//! The new releases take the objects over, and then the records of the old ones are removed without `helm uninstall`, which
//! would delete the objects. Pods restart once, because their labels name the release.

use chart_builder::model::{Layout, Network};

/// The commands of the new layout, with those that take over and clear up.
pub(super) fn commands(network: &Network, before: Layout, commands: Vec<String>) -> Vec<String> {
    let (installs, tests): (Vec<_>, Vec<_>) =
        commands.into_iter().partition(|command| command.starts_with("helm upgrade"));
    let installs = installs.into_iter().map(|command| format!("{command} --take-ownership"));
    let old = Network { layout: before, ..network.clone() };
    let records = old.releases().into_iter().map(|release| {
        format!(
            "kubectl delete secret --namespace {} --selector owner=helm,name={}",
            release.namespace, release.name
        )
    });
    installs.chain(records).chain(tests).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_change_hands_before_the_record_of_the_old_release_goes() {
        let given = ["helm upgrade --install net-a CHART --namespace a", "helm test net-a"];
        let network = chart_builder::check::check(
            &chart_builder::source::Source::new("network.yaml", super::super::tests::TOPOLOGY),
            &chart_builder::lock::Lock::default(),
        );
        let network = network.network.expect("a network");
        let given = given.map(str::to_owned).to_vec();
        assert_eq!(
            commands(&network, Layout::Umbrella, given),
            [
                "helm upgrade --install net-a CHART --namespace a --take-ownership",
                "kubectl delete secret --namespace article --selector owner=helm,name=article",
                "helm test net-a",
            ]
        );
    }
}
