//! Three replicas of the registry with TLS on one volume, beside the volume of a `ChartMuseum`: a pipeline does not notice
//! a rolling restart, clients see a renewed certificate, and a death of all pods at once takes nothing away.

use std::time::Duration;

use serde_json::json;
use suite::process::Outcome;

use crate::cluster::Cluster;
use crate::poll;
use crate::registry::{REGISTRY, Registry};
use crate::settings::Case;
use crate::stopwatch::timed;

/// Name of the claim with the charts of a `ChartMuseum`, and of its volume.
const MUSEUM: &str = "museum";

/// Name of the Secret with the certificate that the registry shows.
const SECRET: &str = "serving";

/// The kubelet looks at Secrets about once a minute.
const RENEWAL: Duration = Duration::from_mins(4);

/// Pushes one version after the other and pulls it again, until it is told to stop.
const PIPELINE: &str = r#"
mkdir pulled
helm create demo >said 2>&1
number=0
while [ ! -e stop ] && [ "$number" -lt 500 ]; do
  number=$((number + 1))
  version=1.0.$number
  helm package demo --version "$version" >said 2>&1
  helm push "demo-$version.tgz" "oci://$HOST/apps" --ca-file ca.crt >said 2>&1 || { cat said; exit 1; }
  helm pull "oci://$HOST/apps/demo" --version "$version" --ca-file ca.crt -d pulled >said 2>&1 || { cat said; exit 1; }
  cmp "demo-$version.tgz" "pulled/demo-$version.tgz"
  rm "demo-$version.tgz"
  echo "$number" >done
done
"#;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let namespace = format!("replicas-{}", case.helm.name());
    let Some(registry) = Registry::prepared(cluster, case, namespace) else { return };
    let host = format!("{REGISTRY}.{}.svc", registry.namespace);
    let class = &cluster.settings.shared_storage_class;
    let authority = renew_certificate(&registry, &host);
    museum(cluster, &registry, class);
    registry.install(&format!(
        "replicas=3,persistence.accessMode=ReadWriteMany,persistence.storageClass={class},persistence.keep=false,\
         tls.secret={SECRET},chartmuseum.claim={MUSEUM}"
    ));
    let client = Client { registry: &registry, host: &host };
    client.trusts(&authority);
    client.finds_what_the_museum_had();
    client.signs_in(&registry.token("pipeline", "apps=read,publish"));
    let pushed = client.goes_on_during(|| timed("rolling restart", || restart(&registry)));
    client.finds(pushed);
    registry.killed();
    client.finds(pushed);
    certificate_is_renewed(&client);
}

/// Makes a certificate that is its own authority, and gives it to the registry.
fn renew_certificate(registry: &Registry<'_>, host: &str) -> String {
    let folder = tempfile::tempdir().expect("a directory");
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let (shown_certificate, shown_key) = (certificate.display(), key.display());
    let line = format!(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 1 -subj /CN={REGISTRY} \
         -addext subjectAltName=DNS:{host} -keyout {shown_key} -out {shown_certificate} && \
         kubectl create secret tls {SECRET} --namespace {} --cert {shown_certificate} --key {shown_key} \
         --dry-run=client --output yaml | kubectl apply -f -",
        registry.namespace
    );
    registry.shell(&line).success();
    std::fs::read_to_string(&certificate).expect("a certificate")
}

/// The claim of a `ChartMuseum`, and the client's pod, which puts a chart there.
fn museum(cluster: &Cluster, registry: &Registry<'_>, class: &str) {
    let named = json!({"name": MUSEUM, "namespace": registry.namespace});
    cluster.apply(&json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": named,
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": class,
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }));
    let volume = json!({"name": MUSEUM, "persistentVolumeClaim": {"claimName": MUSEUM}});
    registry.client(&json!({}), &[volume]);
    let package = format!(
        "cd /home && helm create old && helm package old --version 2.0.0 -d /{MUSEUM}/team"
    );
    registry.in_client(&package).success();
}

/// Restarts one process after the other; ends when those before are gone, with what they still had to answer.
fn restart(registry: &Registry<'_>) {
    let before: Vec<String> = registry.pods().into_iter().map(|pod| pod.name).collect();
    let kubectl = format!("kubectl --namespace {}", registry.namespace);
    let line = format!(
        "{kubectl} rollout restart deploy/{REGISTRY} && {kubectl} rollout status deploy/{REGISTRY} --timeout=3m && \
         {kubectl} wait --for=delete --timeout=2m pod/{}",
        before.join(" pod/")
    );
    registry.shell(&line).success();
}

/// A new certificate is shown by all processes, none of which starts again for it.
fn certificate_is_renewed(client: &Client<'_>) {
    let before = client.registry.pods();
    let authority = renew_certificate(client.registry, client.host);
    client.trusts(&authority);
    timed("all replicas show the renewed certificate", || {
        poll::until("the renewed certificate", RENEWAL, || {
            let pull = "helm pull \"oci://$HOST/apps/demo\" --version 1.0.1 --ca-file ca.crt";
            let asked = client.shell(&format!("for time in 1 2 3 4 5 6 7 8 9 10; do {pull}; done"));
            if asked.code == 0 { Ok(()) } else { Err(asked.to_string()) }
        });
    });
    assert_eq!(client.registry.pods(), before, "no pod was started again");
}

/// The pod with Helm, which knows the registry by its Service alone.
struct Client<'a> {
    registry: &'a Registry<'a>,
    host: &'a str,
}

impl Client<'_> {
    fn shell(&self, line: &str) -> Outcome {
        self.registry.in_client(&format!("HOST={}; cd /home; {line}", self.host))
    }

    fn trusts(&self, authority: &str) {
        self.shell(&format!("cat >ca.crt <<'END'\n{authority}END\n")).success();
    }

    fn signs_in(&self, token: &str) {
        let line = format!(
            "helm registry login \"$HOST\" --ca-file ca.crt --username any --password {token}"
        );
        self.shell(&line).success();
    }

    /// What was on the volume of `ChartMuseum`, with the same bytes.
    fn finds_what_the_museum_had(&self) {
        let pull =
            "helm pull old --repo \"https://$HOST/team\" --version 2.0.0 --ca-file ca.crt -d /home";
        self.shell(&format!("{pull} && cmp old-2.0.0.tgz /{MUSEUM}/team/old-2.0.0.tgz")).success();
    }

    /// Runs a pipeline before, while and after something happens; how many versions it has pushed.
    fn goes_on_during(&self, happens: impl FnOnce()) -> usize {
        let count = || self.shell("cat done 2>said || echo 0").success().stdout.trim().parse();
        let reaches = |number: usize| {
            poll::until("the pipeline goes on", Duration::from_mins(1), || match count() {
                Ok(seen) if seen >= number => Ok(seen),
                other => Err(format!("{other:?}")),
            })
        };
        let (before, after) = std::thread::scope(|scope| {
            let pipeline = scope.spawn(|| self.shell(PIPELINE));
            let before = reaches(3);
            happens();
            let after = reaches(count().expect("a number") + 3);
            self.shell("touch stop").success();
            pipeline.join().expect("the pipeline").success();
            (before, after)
        });
        let pushed = count().expect("a number");
        println!("  {pushed} versions pushed and pulled, {} of them meanwhile", after - before);
        pushed
    }

    /// All versions that were pushed are in the index, whichever process makes it.
    fn finds(&self, pushed: usize) {
        let add = "helm repo add apps \"https://$HOST/apps\" --ca-file ca.crt --force-update >said";
        let search = "helm search repo apps/demo --versions --max-col-width 0 | grep -c ^apps/demo";
        let found = self.shell(&format!("{add}; {search}")).success();
        assert_eq!(found.stdout.trim(), pushed.to_string(), "{found}");
    }
}
