//! Our package beside the one that Helm makes of our unpacked tree.

use std::fs;

use suite::package::files;

use super::Helm;
use crate::network::Network;

#[test]
fn helm_package_of_the_unpacked_tree_holds_the_same_files() {
    let network = Network::article();
    network.builder(&["build", "--unpacked", "--out", "unpacked"]).success();
    let tree = network.path().join("unpacked/article");
    let tree = tree.to_str().expect("a path in UTF-8");
    let package = network.package("dist");
    let ours = files(&fs::read(&package).expect("our package"));
    for helm in Helm::each() {
        helm.run(&["package", tree, "--destination", "."]).success();
        let theirs = helm.home().join(package.file_name().expect("a file name"));
        let theirs = files(&fs::read(theirs).expect("Helm's package"));
        let names: Vec<&String> = ours.keys().collect();
        assert_eq!(names, theirs.keys().collect::<Vec<_>>(), "{}", helm.oracle.name());
        for (name, bytes) in &ours {
            assert!(
                *bytes == theirs[name],
                "{}: `{name}` differs\n--- ours\n{}\n--- Helm's\n{}",
                helm.oracle.name(),
                String::from_utf8_lossy(bytes),
                String::from_utf8_lossy(&theirs[name])
            );
        }
    }
}
