//! The API server of the harness holds releases, so that what follows from it can be believed.

use suite::kube::ApiServer;

use super::Helm;

const TEMPLATE: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: words
data:
  word: {{ .Values.word | quote }}
";

#[test]
fn both_helms_install_upgrade_and_uninstall_on_the_api_server_of_the_harness() {
    for helm in Helm::each() {
        let server = ApiServer::start();
        std::fs::create_dir_all(helm.home().join("words/templates")).expect("a chart's directory");
        helm.write("words/Chart.yaml", "apiVersion: v2\nname: words\nversion: 1.0.0\n");
        helm.write("words/values.yaml", "word: first\nother: x\n");
        helm.write("words/templates/words.yaml", TEMPLATE);
        helm.run_at(&server, &["install", "r", "words", "--dry-run=client"]).success();
        assert!(server.objects("ConfigMap").is_empty(), "a dry run stores nothing");
        helm.run_at(&server, &["upgrade", "--install", "r", "words", "--set", "word=mine"])
            .success();
        assert_eq!(server.objects("ConfigMap")[0]["data"]["word"], "mine");
        helm.write("words/values.yaml", "word: second\nother: y\n");
        helm.run_at(&server, &["upgrade", "r", "words", "--reuse-values"]).success();
        assert_eq!(server.objects("ConfigMap")[0]["data"]["word"], "mine");
        helm.run_at(&server, &["upgrade", "r", "words", "--reset-values"]).success();
        assert_eq!(server.objects("ConfigMap")[0]["data"]["word"], "second");
        helm.run_at(&server, &["uninstall", "r", "--wait=false"]).success();
        assert!(server.objects("ConfigMap").is_empty(), "an uninstall takes the objects away");
    }
}
